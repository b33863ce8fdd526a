"""The whole way, with the real tutor, the real model and the essay that ships: every way of asking, every button."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import index
from bot.ui.notice import Accent
from tests.bot.conftest import Stage, deferred_first, labels, parts, texts

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

(SEED,) = (Path(index.__file__).parent / "seeds").glob("*.txt")
ESSAY = SEED.read_text(encoding="utf-8")
MENU = "Ask the tutor about this"

QUESTION = "What is the metaverse's leading technology according to the author?"
ANSWER = "the leading technology in the true sense of the meta-universe should be blockchain technology"
COMPARISON = "How does the metaverse differ from the Internet?"
FOREIGN = "What is the capital of France?"


async def by_mention(stage: Stage, question: str) -> Any:
    await stage.alice.send(stage.channel, f"{stage.mention} {question}")
    return stage.replies[-1]


async def by_reply(stage: Stage, question: str) -> Any:
    await stage.alice.send(stage.channel, question, reply_to=await by_mention(stage, "hello"))
    return stage.replies[-1]


async def by_dm(stage: Stage, question: str) -> Any:
    await stage.alice.send_dm(question)
    return stage.alice.user.dm_channel.last_message


async def by_command(stage: Stage, question: str) -> Any:
    result = await stage.alice.slash(stage.channel, "ask", question=question)
    assert deferred_first(stage)
    assert not result.ephemeral
    return result.response


async def by_private_command(stage: Stage, question: str) -> Any:
    result = await stage.alice.slash(stage.channel, "ask", question=question, private=True)
    assert deferred_first(stage)
    assert result.ephemeral
    return result.response


async def by_menu(stage: Stage, question: str) -> Any:
    message = await stage.bob.send(stage.channel, question)
    result = await stage.alice.context_menu(stage.channel, MENU, message)
    assert deferred_first(stage)
    assert result.ephemeral
    return result.response


WAYS = [by_mention, by_reply, by_dm, by_command, by_private_command, by_menu]
Ask = Callable[[Stage, str], Any]


def quotes(message: Any) -> list[str]:
    """Return the quotes of an answer as a person reads them."""
    shown = [each["content"] for each in parts(message) if each["type"] == 10]
    blocks = [block for block in shown if block.startswith("> ")]
    return [re.sub(r"\\([^0-9A-Za-z\s])", r"\1", block.replace("\n> ", "\n")[2:]) for block in blocks]


@pytest.mark.parametrize("ask", WAYS)
async def test_every_way_of_asking_gives_the_words_of_the_essay(essay_stage: Stage, ask: Ask) -> None:
    """Whichever way it is asked, the first quote answers and every quote stands in the essay to the character."""
    reply = await ask(essay_stage, QUESTION)
    assert ANSWER in quotes(reply)[0]
    assert all(quote in ESSAY for quote in quotes(reply))
    assert parts(reply)[0]["accent_color"] == Accent.ANSWER
    assert "Verify" in labels(reply)


@pytest.mark.parametrize("ask", WAYS)
async def test_every_way_of_asking_says_when_the_essay_does_not(essay_stage: Stage, ask: Ask) -> None:
    """What the essay does not say is not answered; the person learns what the library holds instead."""
    reply = await ask(essay_stage, FOREIGN)
    assert "does not answer" in texts(reply)
    assert "is not the same as the Internet" in texts(reply)
    assert quotes(reply) == []


@pytest.mark.parametrize("ask", WAYS)
async def test_a_comparison_faces_its_sides(essay_stage: Stage, ask: Ask) -> None:
    """Two sides are quoted one under the other, each under its name."""
    reply = await ask(essay_stage, COMPARISON)
    assert "Side by side" in texts(reply)
    assert len(quotes(reply)) >= 2
    assert all(quote in ESSAY for quote in quotes(reply))
    assert len(re.findall(r"^\*\*.+\*\*$", texts(reply), re.MULTILINE)) == 2


async def test_a_follow_up_leans_on_the_question_before(essay_stage: Stage) -> None:
    """ "And what about …" is understood, and the answer says how."""
    await by_mention(essay_stage, "How does the metaverse treat traffic?")
    reply = await by_mention(essay_stage, "And what about the Internet's?")
    assert "I understood your question as" in texts(reply)
    assert all(quote in ESSAY for quote in quotes(reply))


@pytest.mark.parametrize("restarted", [False, True])
async def test_every_button_works_before_and_after_a_restart(essay_stage: Stage, restarted: bool) -> None:
    """Context holds the quote in bold, more quotes are of the essay, verification finds what it expects."""
    reply = await by_mention(essay_stage, QUESTION)
    if restarted:
        await essay_stage.restart()
    context_id = next(each["custom_id"] for each in parts(reply) if each.get("label") == "Show in context")
    context = await essay_stage.bob.click(reply, custom_id=context_id)
    assert context.ephemeral
    assert f"**{quotes(reply)[0]}**".replace("\n", " ") in texts(context.response).replace("\\", "").replace("\n", " ")
    more = await essay_stage.bob.click(reply, label="More quotes")
    assert more.ephemeral
    assert quotes(more.response)
    assert all(quote in ESSAY and quote not in quotes(reply) for quote in quotes(more.response))
    for message in (reply, more.response):
        check = await essay_stage.bob.click(message, label="Verify")
        assert check.ephemeral
        assert "exact to the character" in texts(check.response)
        assert "Do not rely" not in texts(check.response)


async def test_sources_say_what_was_read(essay_stage: Stage) -> None:
    """The library's documents, its model and its generation are there to see."""
    result = await essay_stage.alice.slash(essay_stage.channel, "sources")
    said = texts(result.response)
    assert "1 document in" in said
    assert SEED.name in said
    assert "MiniLM" in said
    assert f"{len(ESSAY):,} characters" in said
    assert re.search(r"<t:\d+:f> \(<t:\d+:R>\)", said)


async def test_about_says_what_it_is(essay_stage: Stage) -> None:
    """What it does, how to ask, what it does not do, and privacy."""
    result = await essay_stage.alice.slash(essay_stage.channel, "about")
    assert result.ephemeral
    for word in ("quoting", "How to ask", MENU, "do not do", "Privacy"):
        assert word in texts(result.response)


@pytest.mark.parametrize(
    "hostile",
    [
        "[click](https://evil.example) " * 30,
        "元宇宙和互联网有什么不同？",
        "```\n> # @everyone <@&1>\n```metaverse",
        "\u202eesrevatem\u202c \u200bwhat",
    ],
)
async def test_hostile_and_foreign_questions_get_an_answer_or_a_plain_no(essay_stage: Stage, hostile: str) -> None:
    """Other languages, Markdown and control characters end in one of the three outcomes, never in an error."""
    reply = await by_mention(essay_stage, hostile)
    assert "Something went wrong" not in texts(reply)
    assert all(quote in ESSAY for quote in quotes(reply))
    assert not reply.mention_everyone
