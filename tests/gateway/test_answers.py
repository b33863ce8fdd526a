"""The whole bot answers over real connections, and keeps Discord's rules with every step."""

from __future__ import annotations

import pytest

from bot.libraries.rebuild import SEEDS
from tests.gateway.conftest import Stage
from tests.gateway.person import Actor
from tests.gateway.world import EPHEMERAL, Json, parts, texts

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="package")]

QUESTION = "How does the metaverse differ from the Internet?"
_DEFERRED, _MODAL = 5, 9


def quotes(message: Json) -> list[str]:
    return [line.removeprefix("> ") for line in texts(message).splitlines() if line.startswith("> ")]


async def test_a_mention_is_answered_with_the_authors_words(stage: Stage) -> None:
    """A question in the channel gets one reply that quotes the essay to the character."""
    asked = await stage.actor().says(QUESTION)
    reply = await stage.server.reply(asked)
    essay = "\n".join(file.read_text(encoding="utf-8") for file in SEEDS.glob("*.txt"))
    assert quotes(reply)
    assert [quote for quote in quotes(reply) if quote not in essay] == []


async def test_a_message_that_does_not_mention_the_bot_is_none_of_its_business(stage: Stage) -> None:
    """What people write to one another is not answered; one who asks afterwards is."""
    overheard = await stage.actor().says(QUESTION, mention=False)
    await stage.server.reply(await stage.actor().says(QUESTION))
    assert stage.server.replies(overheard) == []


@pytest.mark.parametrize("private", [False, True])
async def test_a_command_is_acknowledged_and_answered_by_one_edit(stage: Stage, private: bool) -> None:
    """/ask is deferred at once, private or not, and the answer is one edit of that response."""
    asked = await stage.actor().slash("ask", question=QUESTION, private=private)
    answer = await stage.server.until(lambda: asked.answer)
    assert asked.kind == _DEFERRED
    assert bool(answer["flags"] & EPHEMERAL) is private
    assert quotes(answer)
    assert (asked.edits, asked.followups) == (1, [])


async def test_the_menu_of_a_message_asks_with_its_words(stage: Stage) -> None:
    """The context menu answers to whoever chose it alone."""
    message = await stage.actor().says(QUESTION, mention=False)
    asked = await stage.actor("bob").chooses("Ask the tutor about this", message)
    answer = await stage.server.until(lambda: asked.answer)
    assert answer["flags"] & EPHEMERAL
    assert quotes(answer)


async def test_suggestions_come_while_one_types(stage: Stage) -> None:
    """An option that suggests is answered with choices."""
    typing = await stage.actor().types("quiz start", "axis", "")
    assert await stage.server.until(lambda: typing.choices)


async def test_a_quiz_is_begun_answered_and_complained_about(stage: Stage) -> None:
    """Presses change the message in place; a form is opened, sent back and acknowledged."""
    alice = stage.actor("learner")
    step = await choice(stage, alice)
    for label in ("A", "Submit"):
        pressed = await alice.presses(step, label)
        step = await stage.server.until(lambda pressed=pressed: pressed.answer)
    assert quotes(step)
    complaint = next(each["label"] for each in parts(step["components"]) if ":dispute:" in each.get("custom_id", ""))
    form = await alice.presses(step, complaint)
    await stage.server.until(lambda: form.modal)
    assert form.kind == _MODAL
    sent = await alice.submits(form, "The second option is right as well.")
    assert texts(await stage.server.until(lambda: sent.answer))


async def choice(stage: Stage, learner: Actor) -> Json:
    """Begin quizzes until the first question is one to choose at."""
    while True:
        begun = await learner.slash("quiz start", number=2)
        message: Json = await stage.server.until(lambda begun=begun: begun.answer)
        if {"A", "Submit"} <= {each.get("label") for each in parts(message["components"])}:
            return message
