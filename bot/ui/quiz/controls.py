"""The buttons of a quiz as they look: session, position and meaning stand in their custom ids."""

from __future__ import annotations

from typing import Any

import discord

from bot.learning.views import Shown
from bot.quiz.session import MOST_HINTS
from bot.ui.persistent import BaseButton, ShownButton
from prompts import words

LETTERS = "ABCDE"
JUDGED = {"judge_right": 2, "judge_partly": 1, "judge_wrong": 0}
"""How learners may judge themselves, as the score in halves."""

Control = discord.ui.Item[Any]


def template(act: str) -> str:
    """Return the pattern of the custom ids of an act; they outlive the code, so a change needs a new version."""
    return rf"quiz:v1:{act}:(?P<session>\d{{1,18}}):(?P<position>\d{{1,6}}):(?P<value>\d{{1,6}})"


def button(act: str, session: int, position: int, value: int = 0, **looks: Any) -> BaseButton:
    """Return a bare button; `value` is what a press of it means besides the act."""
    return discord.ui.Button(custom_id=f"quiz:v1:{act}:{session}:{position}:{value}", **looks)


def control(act: str, session: int, position: int, value: int = 0, **looks: Any) -> Control:
    """Return a button to be shown."""
    return ShownButton(button(act, session, position, value, **looks))


def options(shown: Shown) -> list[Control]:
    """Return one button an option, the chosen one in colour."""
    chosen, plain = discord.ButtonStyle.primary, discord.ButtonStyle.secondary
    return [
        _of(shown, "pick", number, label=LETTERS[number], style=chosen if option == shown.step.picked else plain)
        for number, option in enumerate(shown.step.options)
    ]


def submit(shown: Shown) -> Control:
    label, waits = words("quiz.button.submit"), shown.step.picked is None
    return _of(shown, "submit", label=label, style=discord.ButtonStyle.success, disabled=waits)


def hint(shown: Shown) -> Control | None:
    """Return the button for the next rung; None in a round and when all is uncovered."""
    if shown.in_round or shown.step.hints >= MOST_HINTS:
        return None
    return _of(shown, "hint", shown.step.hints + 1, label=words("quiz.button.hint"), emoji="💡")


def write(shown: Shown) -> Control:
    return _of(shown, "write", label=words("quiz.button.write"), style=discord.ButtonStyle.primary)


def judge(shown: Shown) -> list[Control]:
    """Return the ways learners may judge their answer, and the one to write it anew."""
    judged: list[Control] = [
        _of(shown, "judge", value, label=words(f"quiz.button.{key}")) for key, value in JUDGED.items()
    ]
    return [*judged, _of(shown, "write", label=words("quiz.button.rewrite"))]


def onward(shown: Shown) -> Control:
    """Return the way to the next step that waits, or to the summary behind the last one."""
    label = words("quiz.button.finish" if shown.next is None else "quiz.button.next")
    position = shown.total if shown.next is None else shown.next
    return control("next", shown.session, position, label=label, style=discord.ButtonStyle.primary)


def dispute(shown: Shown) -> Control:
    return _of(shown, "dispute", label=words("quiz.button.dispute"))


def _of(shown: Shown, act: str, value: int = 0, **looks: Any) -> Control:
    return control(act, shown.session, shown.step.position, value, **looks)
