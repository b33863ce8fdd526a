"""What a message is taken for within a conversation, with the real model and the essay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.responses import respond
from bot.answering.turn import Turn
from bot.conversation.acts import Act

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

ASKED = ("What is the metaverse?",)


@pytest.mark.parametrize(
    ("message", "history", "act"),
    [
        ("what can it do?", ASKED, Act.QUESTION),
        ("what can it do?", (), Act.HELP),
        ("what can you do?", ASKED, Act.HELP),
        ("what do I do now?", ASKED, Act.HELP),
        ("how do I operate it?", ASKED, Act.HELP),
    ],
)
def test_a_call_for_help_after_a_question_may_ask_about_its_subject(
    essay: tuple[Settings, Library], message: str, history: tuple[str, ...], act: Act
) -> None:
    """It is answered as a question where the library answers that; never where it speaks of the tutor."""
    [response] = respond(essay[1], [Turn(message, history)])
    assert response.act is act


@pytest.mark.parametrize(
    ("message", "lead", "quoted"),
    [
        ("what does the author conclude?", "overview.ending", "To realize the essential difference"),
        ("how does the essay begin?", "overview.beginning", "When the idea of a meta-universe was first mentioned"),
    ],
)
def test_the_beginning_and_the_end_can_be_asked_for(
    essay: tuple[Settings, Library], message: str, lead: str, quoted: str
) -> None:
    """The first and the last sentences are quoted where no heading has that name."""
    [response] = respond(essay[1], [Turn(message)])
    assert response.lead == lead
    assert any(quote.text.startswith(quoted) for quote in response.answer.quotes)


def test_what_is_not_covered_is_not_answered_by_asking_for_something_else(essay: tuple[Settings, Library]) -> None:
    """ "That is not what I meant" shows no other passages when none was near."""
    history = ("Who will win the world cup?",)
    [response] = respond(essay[1], [Turn("that is not what I meant", history)])
    assert (response.act, response.lead, response.answer.quotes) == (Act.REPAIR, "repair.not_covered", ())
