"""What counts as asking, who may see it, what is remembered; with a scripted tutor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import discord
import pytest
from simcord.enums import MessageType

from bot.settings import Settings
from bot.ui.notice import Accent
from tests.bot.conftest import Stage, deferred_first, labels, parts, texts
from tests.bot.scripted import ScriptedTutor, answer

pytestmark = pytest.mark.asyncio

QUESTION = "What does clay remember?"
MENU = "Ask the tutor about this"


async def ask(stage: Stage) -> Any:
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    return stage.replies[-1]


async def test_a_mention_is_answered_under_the_question(stage: Stage) -> None:
    """The answer is a reply to the question, with the quote, its place and its buttons; it pings nobody."""
    asked = await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    (reply,) = stage.replies
    assert reply.reference.message_id == asked.id
    assert reply.mentions == []
    assert "> Clay remembers the hand that shaped it.\n-# A scripted text · paragraph 2" in texts(reply)
    assert labels(reply) == ["Show in context", "More quotes", "Verify"]


async def test_the_real_engine_answers_without_the_model(small_stage: Stage) -> None:
    """What is quoted stands in the document, word for word; the fake encoder is enough to find it."""
    await small_stage.alice.send(small_stage.channel, f"{small_stage.mention} {QUESTION}")
    assert "> Clay remembers the hand that shaped it.\n-# a.txt · The potter's book · paragraph 1" in texts(
        small_stage.replies[-1]
    )


async def test_a_reply_to_the_bot_is_a_question(stage: Stage, tutor: ScriptedTutor) -> None:
    """Going on under an answer needs no mention."""
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    await stage.alice.send(stage.channel, "And glass?", reply_to=stage.replies[0])
    assert len(stage.replies) == 2
    assert tutor.asked[-1] == ("And glass?", (QUESTION,))


async def test_a_dm_is_a_question(stage: Stage) -> None:
    """In a DM everything written is meant for the bot."""
    await stage.alice.send_dm(QUESTION)
    reply = stage.alice.user.dm_channel.last_message
    assert "> Clay remembers" in texts(reply)


@pytest.mark.parametrize("private", [True, False])
async def test_the_command_answers_openly_or_privately(stage: Stage, private: bool) -> None:
    """`private` decides who sees the answer; it is one response, deferred first."""
    result = await stage.alice.slash(stage.channel, "ask", question=QUESTION, private=private)
    assert deferred_first(stage)
    assert result.ephemeral is private
    assert not result.followups
    assert "> Clay remembers" in texts(result.response)


async def test_the_menu_asks_with_the_words_of_a_message(stage: Stage, tutor: ScriptedTutor) -> None:
    """The answer about somebody's message is seen by the one who wanted it, and starts no conversation."""
    message = await stage.bob.send(stage.channel, QUESTION)
    result = await stage.alice.context_menu(stage.channel, MENU, message)
    assert result.ephemeral
    assert "> Clay remembers" in texts(result.response)
    await stage.alice.slash(stage.channel, "ask", question="And glass?", private=True)
    assert tutor.asked == [(QUESTION, ()), ("And glass?", ())]


async def test_only_what_is_addressed_to_the_bot_is_answered(stage: Stage, tutor: ScriptedTutor) -> None:
    """Talk among people, @everyone, other bots and webhooks are left alone."""
    await stage.alice.send(stage.channel, QUESTION)
    await stage.alice.send(stage.channel, f"@everyone {QUESTION}")
    first = await stage.bob.send(stage.channel, "A message")
    await stage.alice.send(stage.channel, QUESTION, reply_to=first)
    machine = stage.env.guild.add_member(stage.env.create_user("machine", bot=True))
    await machine.send(stage.channel, f"{stage.mention} {QUESTION}")
    webhook = stage.env.guild.create_webhook(stage.channel)
    await webhook.send(f"{stage.mention} {QUESTION}")
    assert stage.replies == []
    assert tutor.asked == []


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("", "Ask me a question"),
        ("🎉", "no words"),
        ("@everyone", "no words"),
        ("hello!", "Hello!"),
        ("thx", "welcome"),
    ],
)
async def test_what_is_no_question_is_not_searched(
    stage: Stage, tutor: ScriptedTutor, said: str, answered: str
) -> None:
    """Small talk and empty messages get one short reply and do not touch the library."""
    await stage.alice.send(stage.channel, f"{stage.mention} {said}")
    assert answered in texts(stage.replies[-1])
    assert tutor.asked == []


async def test_a_useless_command_is_nobody_elses_business(stage: Stage) -> None:
    """That a question could not be used is said to the asker alone, even of an open one."""
    result = await stage.alice.slash(stage.channel, "ask", question="???")
    assert result.ephemeral
    assert "no words" in texts(result.response)


async def test_a_long_message_is_searched_with_their_front(stage: Stage, tutor: ScriptedTutor) -> None:
    """A very long question is not refused; the person is told how much of it was read."""
    await stage.alice.send_dm("clay " * 390)
    assert "first 1,000 characters" in texts(stage.alice.user.dm_channel.last_message)
    assert len(tutor.asked[0][0]) <= 1000


async def test_tricks_in_a_question_do_nothing(stage: Stage, tutor: ScriptedTutor) -> None:
    """Markdown and mentions in a question are shown as characters where it is repeated."""
    trick = "[x](https://evil.example) ```@everyone <@1> \u202eflow"
    tutor.reply = lambda question, history: answer(question, understood=trick)
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    said = texts(stage.replies[-1])
    assert r"\[x\](https\://evil.example) \`\`\`\@everyone \<\@1> flow" in said
    assert stage.replies[-1].mentions == []
    assert not stage.replies[-1].mention_everyone


async def test_a_follow_up_is_understood_and_says_how(stage: Stage, tutor: ScriptedTutor) -> None:
    """The bot says how it read a question that leans on an earlier one."""
    tutor.reply = lambda question, history: answer(
        question, understood=f"{question} ({history[-1]})" if history else question
    )
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    await stage.alice.send(stage.channel, f"{stage.mention} And glass?")
    assert "understood" not in texts(stage.replies[0])
    assert f"I understood your question as: And glass? ({QUESTION})" in texts(stage.replies[1])


async def test_what_was_asked_in_private_stays_private(stage: Stage, tutor: ScriptedTutor) -> None:
    """An open answer never leans on a private question, nor one person's on another's."""
    await stage.alice.slash(stage.channel, "ask", question=QUESTION, private=True)
    await stage.alice.send(stage.channel, f"{stage.mention} And glass?")
    await stage.bob.send(stage.channel, f"{stage.mention} And glass?")
    assert tutor.asked[1:] == [("And glass?", ()), ("And glass?", ())]


async def test_an_old_conversation_is_over(stage: Stage, tutor: ScriptedTutor) -> None:
    """What was asked long ago is not brought up again."""
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    await stage.env.advance_time(60 * stage.bot.services.settings.remember_minutes + 1)
    await stage.alice.send(stage.channel, f"{stage.mention} And glass?")
    assert tutor.asked[-1] == ("And glass?", ())


async def test_the_quota_holds_across_all_ways_of_asking(
    set_stage: Callable[..., Any], tutor: ScriptedTutor, settings: Settings
) -> None:
    """One who asks too fast is told when to go on; small talk counts, other people do not."""
    strict = settings.model_copy(update={"questions_per_minute": 3})
    stage = await set_stage(lambda: tutor, settings=strict)
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    await stage.alice.send(stage.channel, f"{stage.mention} thanks")
    await stage.alice.slash(stage.channel, "ask", question=QUESTION)
    result = await stage.alice.slash(stage.channel, "ask", question=QUESTION)
    assert result.ephemeral
    assert "Please try again <t:" in texts(result.response)
    assert parts(result.response)[0]["accent_color"] == Accent.CLOSEST
    await stage.bob.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert len(tutor.asked) == 3
    await stage.env.advance_time(61)
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert len(tutor.asked) == 4


async def test_a_refusal_is_said_once_and_then_nothing(
    set_stage: Callable[..., Any], tutor: ScriptedTutor, settings: Settings
) -> None:
    """The bot writes no more messages than it lets through, plus one; not for small talk or empty mentions either.

    A command always gets its response, which only that person sees: Discord shows a failure without one.
    """
    stage = await set_stage(lambda: tutor, settings=settings.model_copy(update={"questions_per_minute": 2}))
    for said in (QUESTION, "thanks", QUESTION, "hello", "", "?!", QUESTION, "thanks"):
        await stage.alice.send(stage.channel, f"{stage.mention} {said}")
    await stage.alice.send_dm(QUESTION)
    assert len(stage.replies) == 3
    assert "Please try again <t:" in texts(stage.replies[-1])
    assert {each.author.id for each in stage.alice.user.dm_channel.history()} == {stage.alice.user.id}
    for _ in range(2):
        result = await stage.alice.slash(stage.channel, "ask", question=QUESTION)
        assert result.ephemeral
        assert "Please try again <t:" in texts(result.response)
    assert len(tutor.asked) == 1
    await stage.env.advance_time(61)
    for _ in range(4):
        await stage.alice.send(stage.channel, f"{stage.mention} hello")
    assert len(stage.replies) == 6
    assert "Please try again <t:" in texts(stage.replies[-1])


async def test_a_server_does_not_take_the_tutor_for_itself(
    set_stage: Callable[..., Any], tutor: ScriptedTutor, settings: Settings
) -> None:
    """All who ask in a server share what it may ask; in private, and later, everybody is answered again."""
    stage = await set_stage(lambda: tutor, settings=settings.model_copy(update={"server_questions_per_minute": 2}))
    for person in (stage.alice, stage.bob):
        await person.send(stage.channel, f"{stage.mention} {QUESTION}")
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert "in this server right now. Please try again <t:" in texts(stage.replies[-1])
    await stage.alice.send_dm(QUESTION)
    assert len(tutor.asked) == 3
    await stage.env.advance_time(61)
    await stage.bob.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert len(tutor.asked) == 4


async def test_editing_or_deleting_a_question_does_no_harm(stage: Stage, tutor: ScriptedTutor) -> None:
    """Messages that change after they were answered are left as they are."""
    asked = await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    await stage.alice.edit(asked, f"{stage.mention} something else")
    await stage.alice.delete(asked)
    assert len(tutor.asked) == 1
    assert len(stage.replies) == 1


async def test_discords_own_notices_are_no_questions(stage: Stage, tutor: ScriptedTutor) -> None:
    """That a message was pinned is a message too, but nobody's question."""
    stage.env.guild.create_system_message(
        stage.channel, MessageType.PINS_ADD, author=stage.alice, referenced_message=await ask(stage)
    )
    await stage.env.settle()
    assert len(tutor.asked) == 1


@pytest.mark.parametrize("way", ["ask", "sources", "about", MENU])
async def test_the_first_call_is_the_deferral_and_it_is_quick(
    stage: Stage, tutor: ScriptedTutor, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Measured in real time: Discord hears from the bot long before its three seconds are over.

    The simulation's own clock stands still meanwhile, so it would not notice.
    """
    began = time.perf_counter()
    deferred_after: list[float] = []
    defer = discord.InteractionResponse.defer

    async def timed(response: Any, **options: Any) -> Any:
        deferred_after.append(time.perf_counter() - began)
        return await defer(response, **options)

    monkeypatch.setattr(discord.InteractionResponse, "defer", timed)
    calls = len(stage.env.http_requests)
    if way == MENU:
        message = await stage.bob.send(stage.channel, QUESTION)
        began = time.perf_counter()
        await stage.alice.context_menu(stage.channel, way, message)
    else:
        began = time.perf_counter()
        await stage.alice.slash(stage.channel, way, **({"question": QUESTION} if way == "ask" else {}))
    assert deferred_first(stage)
    assert deferred_after[0] < 0.5
    first = stage.env.http_requests[calls]
    assert first.path.startswith("/interactions/")
    assert first.path.endswith("/callback")
