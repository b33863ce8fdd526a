"""The menu of what can be asked next, with the real bot, the real model and the essay."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.libraries.suggestions import digest
from tests.bot.conftest import Stage, labels, parts, texts

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

QUESTION = "What should the industrial form of the metaverse really be?"
GOLDEN = "What do more and more players focus on?"


async def mention(stage: Stage, said: str) -> Any:
    await stage.alice.send(stage.channel, f"{stage.mention} {said}")
    return stage.replies[-1]


def options(message: Any) -> dict[str, str]:
    """Return the labels of the menu's options by their values."""
    return {option["value"]: option["label"] for part in parts(message) for option in part.get("options", ())}


def value(message: Any, kind: str) -> str:
    return next(value for value in options(message) if value.startswith(f"{kind}:"))


async def choose(stage: Stage, message: Any, kind: str, actor: Any = None) -> Any:
    return await (actor or stage.alice).select(message, [value(message, kind)])


def quoted(message: Any) -> list[str]:
    return re.findall(r"^> (.*)", texts(message), re.MULTILINE)


async def test_an_answer_leads_on(quiz_stage: Stage) -> None:
    """At most three next steps: the other side, the section's next point, questions that the library answers."""
    await quiz_stage.env.settle()
    answer = await mention(quiz_stage, QUESTION)
    kinds = [value.partition(":")[0] for value in options(answer)]
    assert kinds == ["side", "point", "question"]
    assert "The other side: the Internet" in options(answer).values()
    assert [part["placeholder"] for part in parts(answer) if "placeholder" in part] == ["What next?"]


async def test_what_was_chosen_is_answered_also_after_a_restart(quiz_stage: Stage) -> None:
    """Each step is answered in private below its own lead, with new words of the essay and steps that lead on."""
    [essay] = (await quiz_stage.bot.services.engine.texts()).documents
    answer = await mention(quiz_stage, QUESTION)
    await quiz_stage.restart()
    for kind, lead in (("side", "The other side"), ("point", "The next point in "), ("question", "Asked: ")):
        result = await choose(quiz_stage, answer, kind, quiz_stage.bob)
        assert lead in texts(result.response)
        assert result.response.ephemeral
        new = quoted(result.response)
        assert new
        assert not set(new) & set(quoted(answer))
        assert all(re.sub(r"\\(.)", r"\1", quote) in essay.text for quote in new)
        assert options(result.response)
        assert "Verify" in labels(result.response)


async def test_a_chosen_question_is_shown_whole_and_answered(quiz_stage: Stage) -> None:
    """The label of a question is what is asked, word for word."""
    answer = await mention(quiz_stage, QUESTION)
    result = await choose(quiz_stage, answer, "question")
    assert f"Asked: {options(answer)[value(answer, 'question')]}" in texts(result.response)
    assert "Here is what it says" in texts(result.response)


async def test_what_was_chosen_is_part_of_the_conversation(quiz_stage: Stage) -> None:
    """As if the person had typed it: what is said next goes on from there, for that person alone."""
    answer = await mention(quiz_stage, QUESTION)
    chosen = (await choose(quiz_stage, answer, "side")).response
    assert quoted(chosen)[0] in quoted(await mention(quiz_stage, "I do not understand"))
    asked = (await choose(quiz_stage, answer, "question")).response
    [*_, last] = [each["question"] for each in quiz_stage.bot.services.conversations.of(quiz_stage.alice.id)]
    assert f"Asked: {last}" in texts(asked)
    assert quiz_stage.bot.services.conversations.of(quiz_stage.bob.id) == []


async def test_what_follows_a_private_answer_stays_private(quiz_stage: Stage) -> None:
    """A choice under `/ask private:True` belongs to that conversation, which no public answer goes on from."""
    asked = await quiz_stage.alice.slash(quiz_stage.channel, "ask", question=QUESTION, private=True)
    await choose(quiz_stage, asked.response, "question")
    turns = quiz_stage.bot.services.conversations.of(quiz_stage.alice.id)
    assert [turn["private"] for turn in turns] == [True, True]


async def test_in_a_direct_message_the_answer_stays(quiz_stage: Stage) -> None:
    """Nobody else reads along there: the answer is an ordinary message, and the conversation goes on."""
    await quiz_stage.alice.send_dm(QUESTION)
    await quiz_stage.env.settle()
    dm = quiz_stage.alice.user.dm_channel
    result = await choose(quiz_stage, dm.last_message, "point", quiz_stage.alice.user)
    assert not result.response.ephemeral
    await quiz_stage.alice.send_dm("I do not understand")
    await quiz_stage.env.settle()
    assert quoted(result.response)[0] in quoted(dm.last_message)


async def test_without_an_answer_nothing_is_suggested(quiz_stage: Stage) -> None:
    """Neither a question that is not covered nor small talk has a menu."""
    for said in ("What is the capital of France?", "thanks"):
        assert options(await mention(quiz_stage, said)) == {}


@pytest.mark.parametrize("forged", ["", "nonsense", "question:", "question:0123456789abcdef", "point:", "point:AAAA"])
async def test_a_forged_choice_is_refused(quiz_stage: Stage, forged: str) -> None:
    """Values that name nothing get one sentence, and nothing is remembered."""
    answer = await mention(quiz_stage, QUESTION)
    before = quiz_stage.bot.services.conversations.of(quiz_stage.alice.id)
    result = await quiz_stage.alice.select(_holding(quiz_stage, answer, forged), [forged])
    assert "older than the library" in texts(result.response)
    assert quiz_stage.bot.services.conversations.of(quiz_stage.alice.id) == before


def _holding(stage: Stage, message: Any, forged: str) -> Any:
    """Let the message's menu offer a forged value, as a person's own client may send any."""
    stored = stage.env.backend.get_message(message.channel.id, message.id)
    menu = next(part for part in _parts(stored.components) if part.get("options"))
    menu["options"] = [{"label": "forged", "value": forged}]
    return message


def _parts(components: Any) -> Any:
    for each in components:
        yield each
        yield from _parts(each.get("components", ()))


async def test_questions_of_the_quiz_are_not_suggested(quiz_stage: Stage) -> None:
    """A golden question that the quiz asks too is left out: its answer would be given away."""
    bank = (await quiz_stage.bot.services.deck.cards(None)).bank
    asked = {item.question for item in bank.items}
    answer = await mention(quiz_stage, "Who will take the lead in the technology-led stage?")
    assert "Which players can make a difference in the metaverse?" in asked
    engine = quiz_stage.bot.services.engine
    known = await engine.run(lambda libraries: [each.text for each in libraries.take(None).suggestions.answered])
    assert GOLDEN in known
    assert not asked & set(known)
    assert not asked & set(options(answer).values())
    assert await engine.suggested(digest(GOLDEN)) == GOLDEN
