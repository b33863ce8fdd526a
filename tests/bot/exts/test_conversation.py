"""Messages that are no questions, with the real bot, the real model and the essay."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.bot.conftest import Stage, labels, parts, texts

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

QUESTION = "What is the metaverse's leading technology?"


async def dm(stage: Stage, said: str) -> Any:
    await stage.alice.send_dm(said)
    await stage.env.settle()
    return stage.alice.user.dm_channel.last_message


async def mention(stage: Stage, said: str, actor: Any = None) -> Any:
    await (actor or stage.alice).send(stage.channel, f"{stage.mention} {said}")
    return stage.replies[-1]


def quoted(message: Any) -> list[str]:
    return re.findall(r"^> (.*)", texts(message), re.MULTILINE)


async def test_a_learner_who_only_types_is_led_on(quiz_stage: Stage) -> None:
    """Overview, outline, facts, more, clarification and opinion each show what they promise, verbatim."""
    [essay] = (await quiz_stage.bot.services.engine.texts()).documents
    overview = await dm(quiz_stage, "summarize the essay")
    assert "main points" in texts(overview)
    assert 3 <= len(quoted(overview)) <= 7
    assert "is structured" in texts(await dm(quiz_stage, "how is it structured"))
    assert "does not name its author" in texts(await dm(quiz_stage, "who wrote this?"))
    first = await dm(quiz_stage, QUESTION)
    more = await dm(quiz_stage, "tell me more")
    assert "More on this" in texts(more)
    assert not set(quoted(first)) & set(quoted(more))
    assert set(quoted(more)) != set(quoted(await dm(quiz_stage, "go on")))
    assert quoted(first)[0] in quoted(await dm(quiz_stage, "I do not understand"))
    assert quoted(first)[0] in quoted(await dm(quiz_stage, "do you agree?"))
    for message in (overview, first, more):
        assert all(re.sub(r"\\(.)", r"\1", quote) in essay.text for quote in quoted(message))


async def test_an_explanation_shows_the_other_side(quiz_stage: Stage) -> None:
    """What the table of contrasts sets against a quote that was not understood is shown below it, with the quiz."""
    await dm(quiz_stage, "What is the form of the Internet?")
    explained = await dm(quiz_stage, "I do not understand")
    assert "The other side: the metaverse" in texts(explained)
    assert all(quote[:1].isupper() for quote in quoted(explained))
    assert "Quiz me on this" in labels(explained)


async def test_another_language_is_answered_kindly(quiz_stage: Stage) -> None:
    """Who asks in a language in which nothing is found hears which one the documents are in; a name is left alone."""
    reply = texts(await dm(quiz_stage, "¿Quién escribió el libro de cocina?"))
    assert "looks like Spanish" in reply
    assert "Please ask me in English" in reply
    assert "looks like" not in texts(await dm(quiz_stage, "Who is Napoleon?"))


async def test_a_part_of_the_outline_is_opened_by_its_button(quiz_stage: Stage) -> None:
    """Pressing a section shows its main points in private, also after a restart."""
    outline = await mention(quiz_stage, "how is it structured")
    *_, last = [part["custom_id"] for part in parts(outline) if "custom_id" in part]
    await quiz_stage.restart()
    result = await quiz_stage.bob.click(outline, custom_id=last)
    assert "the main points, word for word" in texts(result.response)
    assert result.response.ephemeral


async def test_in_private_a_quiz_begins_at_once(quiz_stage: Stage) -> None:
    """In a DM "quiz me" shows the first question."""
    assert "Question 1 of" in texts(await dm(quiz_stage, "quiz me"))


async def test_in_a_server_a_quiz_is_offered(quiz_stage: Stage) -> None:
    """Where others read along the quiz begins at a press, for that person alone."""
    offer = await mention(quiz_stage, "quiz me")
    assert labels(offer) == ["Start the quiz"]
    result = await quiz_stage.bob.click(offer, label="Start the quiz")
    assert "Question 1 of" in texts(result.response)
    assert result.response.ephemeral


async def test_two_people_do_not_mix(quiz_stage: Stage) -> None:
    """What one person asked is nothing that another one goes on from."""
    await mention(quiz_stage, QUESTION)
    assert "nothing before this" in texts(await mention(quiz_stage, "tell me more", quiz_stage.bob))


async def test_a_reply_to_an_old_answer_goes_on_from_that_one(quiz_stage: Stage) -> None:
    """The state is in the message: after a restart too, and whatever was asked since."""
    first = await mention(quiz_stage, QUESTION)
    await mention(quiz_stage, "What should we be wary of?")
    await quiz_stage.restart()
    await quiz_stage.alice.send(quiz_stage.channel, "tell me more", reply_to=first)
    more = quiz_stage.replies[-1]
    assert "More on this" in texts(more)
    assert not set(quoted(first)) & set(quoted(more))
    assert "blockchain" in texts(more)


async def test_nothing_before_is_said(quiz_stage: Stage) -> None:
    """The word "more" as the first word says what to do instead."""
    for said in ("more", "what do you mean by that", "no, the other one"):
        assert "nothing before this" in texts(await mention(quiz_stage, said))


async def test_a_question_can_be_asked_as_it_was_written(quiz_stage: Stage) -> None:
    """What was understood is shown, and one press answers the bare question, also after a restart."""
    await mention(quiz_stage, QUESTION)
    joined = await mention(quiz_stage, "and the Internet's?")
    assert "I understood your question as: What is the Internet's leading technology?" in texts(joined)
    await quiz_stage.restart()
    result = await quiz_stage.bob.click(joined, label="Ask it as written")
    assert "Asked: and the Internet's?" in texts(result.response)
    assert result.response.ephemeral
