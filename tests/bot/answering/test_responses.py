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
