"""The command line `tutor` with a scripted tutor in place of the model: `python -m tests.gateway.scripted_bot run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.app import TutorBot
from bot.cli import _serve, main
from tests.bot.scripted import ScriptedTutor

if TYPE_CHECKING:
    from bot.answering.engine import AnsweringEngine
    from bot.settings import Settings


def _make_bot(settings: Settings, load: Any = None) -> TutorBot:
    return TutorBot(settings, cast("AnsweringEngine", ScriptedTutor()))


if __name__ == "__main__":
    _serve._make_bot = _make_bot
    main()
