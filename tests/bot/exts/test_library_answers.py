"""What people see of a server's library: marked answers, removed documents, quizzes about new ones."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from bot.libraries.paths import own_folder
from index.evaluation.golden import read_golden
from index.evaluation.metrics import Question
from index.generations.manifest import live
from index.generations.promotion import history
from index.generations.texts import open_texts
from tests.bot.conftest import Stage, labels, parts, refused
from tests.bot.exts.library_stage import (
    ANSWER,
    QUESTION,
    added,
    said,
)
from tests.bot.player import Player

pytestmark = [pytest.mark.asyncio, pytest.mark.model]


@pytest.mark.usefixtures("builds")
async def test_an_answer_that_is_right_is_asked_again_in_every_exam(quiz_stage: Stage, grace: Any) -> None:
    """Marked by menu, after a command and after a mention; known the second time; then counted in the exam."""
    shown = await quiz_stage.alice.slash(
        quiz_stage.channel, "ask", question="What is the metaverse's leading technology?"
    )
    marked = await grace.context_menu(quiz_stage.channel, "This answer is right", shown.response)
    assert "Noted" in said(marked)
    assert "What is the metaverse's leading technology?" in said(marked).replace("\\", "")
    await quiz_stage.alice.send(
        quiz_stage.channel, f"{quiz_stage.mention} Does the metaverse treat traffic as its goal?"
    )
    marked = await grace.context_menu(quiz_stage.channel, "This answer is right", quiz_stage.replies[-1])
    assert "Does the metaverse treat traffic as its goal?" in said(marked)
    marked = await grace.context_menu(quiz_stage.channel, "This answer is right", quiz_stage.replies[-1])
    assert "known already" in said(marked)
    result = await added(quiz_stage, grace)
    assert "26 of 26 answered right (26 before)" in said(result)


async def test_a_comparison_is_right_by_both_sides(quiz_stage: Stage, grace: Any) -> None:
    """Both sides are repeated, and an exam asks for both."""
    question = "How does the metaverse differ from the Internet?"
    found = await quiz_stage.bot.services.engine.ask(question)
    assert found.sides
    first, second, *_ = (quote.text for quote in found.quotes)
    shown = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
    marked = said(await grace.context_menu(quiz_stage.channel, "This answer is right", shown.response))
    assert [first[:60] in marked.replace("\\", ""), second[:60] in marked.replace("\\", "")] == [True, True]
    own = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)
    (golden,) = (each for each in read_golden(own) if each.text == question)
    assert golden == Question(question, (first, second), every=True)


@pytest.mark.usefixtures("builds")
async def test_a_removed_document_is_said_to_be_gone(quiz_stage: Stage, grace: Any) -> None:
    """Context and Verify still show what was stored, and say that the library holds it no more and since when."""
    await grace.click((await added(quiz_stage, grace)).response, label="Promote")
    shown = (await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=QUESTION)).response

    async def pressed(label: str) -> str:
        ids = [each["custom_id"] for each in parts(shown) if each.get("label") == label]
        return said(await quiz_stage.alice.click(shown, custom_id=ids[0]))

    for label in ("Show in context", "Verify"):
        assert "removed from the library" not in await pressed(label)
    result = await grace.slash(quiz_stage.channel, "library remove", document="bees.txt")
    await grace.click(result.response, label="Promote")
    for label, still in (("Show in context", ANSWER), ("Verify", "exact to the character")):
        told = await pressed(label)
        assert "removed from the library <t:" in told
        assert still in told
    own = own_folder(quiz_stage.bot.services.settings.data, quiz_stage.channel.guild.id)
    for generation in {event.generation for event in history(own)} - {live(own)}:
        shutil.rmtree(own / "generations" / generation)
    open_texts.cache_clear()
    for label in ("Show in context", "Verify"):
        told = await pressed(label)
        assert "was removed from the library since, and its text is not kept" in told
        assert ANSWER not in told


@pytest.mark.usefixtures("builds")
async def test_a_quiz_is_offered_where_there_is_something_to_ask(quiz_stage: Stage, grace: Any) -> None:
    """Not under a document without questions, nor where all questions about it were taken out."""
    await grace.click((await added(quiz_stage, grace)).response, label="Promote")
    bees = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=QUESTION)
    assert ANSWER in said(bees)
    assert "Quiz me on this" not in labels(bees.response)

    async def offered() -> bool:
        question = "What is the metaverse's leading technology?"
        answer = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=question)
        return "Quiz me on this" in labels(answer.response)

    assert await offered()
    for item in (await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)).bank.items:
        await quiz_stage.bot.services.moderation.retire(quiz_stage.channel.guild.id, item.id, grace.id)
    assert not await offered()


async def test_only_those_who_look_after_the_library_may_mark_answers(quiz_stage: Stage, grace: Any) -> None:
    """A learner is refused, and what is no answer is none."""
    shown = await quiz_stage.alice.slash(
        quiz_stage.channel, "ask", question="What is the metaverse's leading technology?"
    )
    hello = await quiz_stage.alice.send(quiz_stage.channel, "Hello all")
    await grace.context_menu(quiz_stage.channel, "This answer is right", hello)
    assert "no answer of mine" in refused(quiz_stage)
    with pytest.raises(Exception, match=r"(?i)permission|not"):
        await quiz_stage.alice.context_menu(quiz_stage.channel, "This answer is right", shown.response)


@pytest.mark.usefixtures("builds")
async def test_a_new_document_is_asked_about_in_quizzes(quiz_stage: Stage, grace: Any) -> None:
    """Added, promoted, drafted by rule from what the server holds now, approved, and asked of a learner."""
    from tests.bot.quiz.drafting.town import HARBOUR, MILLS

    for name, text in (("harbour.txt", HARBOUR), ("mills.txt", MILLS)):
        await grace.click((await added(quiz_stage, grace, name, text.encode())).response, label="Promote")
    result = await grace.slash(quiz_stage.channel, "library draft-quiz", count=5, document="harbour.txt")
    assert "drafted" in said(result)
    assert "Approve" in labels(result.response)
    items = (await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)).bank.items
    await grace.click(result.response, label="Approve")
    now = (await quiz_stage.bot.services.deck.cards(quiz_stage.channel.guild.id)).bank.items
    [new] = {item.id: item for item in now if item not in items}.values()
    assert new.quote in HARBOUR
    assert new.id not in {item.id for item in (await quiz_stage.bot.services.deck.cards(None)).bank.items}
    player = await Player(quiz_stage, quiz_stage.alice).start(axis=now[-1].axis)
    assert (await player.item()).id == new.id
    await player.answer(right=True)
    assert "Right" in player.screen
