"""How the buttons of a quiz look; their custom ids contain session, position and value. bot/ui/quiz/buttons.py acts."""

from __future__ import annotations

from typing import Any

import discord

from bot.learning.views import Shown
from bot.quiz.lesson_log import LessonKind
from bot.quiz.session import MOST_HINTS
from bot.ui.lesson import controls as lesson_controls
from bot.ui.notice import Item
from bot.ui.persistent import BaseButton, ShownButton
from prompts import words

LETTERS = "ABCDE"
JUDGED = {"judge_right": 2, "judge_partly": 1, "judge_wrong": 0}
"""The judgements of a learner about their own answer, as twice the score."""


def template(act: str) -> str:
    """Return the pattern of the custom ids of an act. They outlive the code: a change needs a new version."""
    return rf"quiz:v1:{act}:(?P<session>\d{{1,18}}):(?P<position>\d{{1,6}}):(?P<value>\d{{1,6}})"


def button(act: str, session: int, position: int, value: int = 0, **looks: Any) -> BaseButton:
    """Return the button of a class that handles presses; `value` is the argument of the act."""
    return discord.ui.Button(custom_id=f"quiz:v1:{act}:{session}:{position}:{value}", **looks)


def control(act: str, session: int, position: int, value: int = 0, **looks: Any) -> Item:
    """Return the same button for a layout."""
    return ShownButton(button(act, session, position, value, **looks))


def options(shown: Shown) -> list[Item]:
    """Return one button for each option, the chosen one coloured."""
    chosen, plain = discord.ButtonStyle.primary, discord.ButtonStyle.secondary
    return [
        _of(shown, "pick", number, label=LETTERS[number], style=chosen if option == shown.step.picked else plain)
        for number, option in enumerate(shown.step.options)
    ]


def submit(shown: Shown) -> Item:
    """Return the button that submits the chosen option, disabled while none is chosen."""
    label, none_chosen = words("quiz.button.submit"), shown.step.picked is None
    return _of(shown, "submit", label=label, style=discord.ButtonStyle.success, disabled=none_chosen)


def hint(shown: Shown) -> Item | None:
    """Return the button for the next hint; None in a round, for a guess, and after the last hint."""
    is_guess = shown.lesson is not None and shown.lesson.kind is LessonKind.GUESS
    if is_guess or shown.in_round or shown.step.hints >= MOST_HINTS:
        return None
    return _of(shown, "hint", shown.step.hints + 1, label=words("quiz.button.hint"), emoji="💡")


def write(shown: Shown) -> Item:
    """Return the button that opens the form for a free answer."""
    return _of(shown, "write", label=words("quiz.button.write"), style=discord.ButtonStyle.primary)


def judge(shown: Shown) -> list[Item]:
    """Return the buttons with which learners judge their answer, and the one that opens the form again."""
    judged = [_of(shown, "judge", value, label=words(f"quiz.button.{key}")) for key, value in JUDGED.items()]
    return [*judged, _of(shown, "write", label=words("quiz.button.rewrite"))]


def onward(shown: Shown) -> Item:
    """Return the button for the next step that is not answered, or for the summary after the last one."""
    if shown.lesson is not None:
        return lesson_controls.onward(
            shown.lesson, words("lesson.button.read" if shown.lesson.reads_next else "lesson.button.next")
        )
    label = words("quiz.button.finish" if shown.next is None else "quiz.button.next")
    position = shown.total if shown.next is None else shown.next
    return control("next", shown.session, position, label=label, style=discord.ButtonStyle.primary)


def skip(shown: Shown) -> Item | None:
    """Return the button that goes on without an answer: from a guess, and from the last question of a lesson."""
    if shown.lesson is None or shown.lesson.kind not in (LessonKind.GUESS, LessonKind.EXPLAIN):
        return None
    is_guess = shown.lesson.kind is LessonKind.GUESS
    label = words("lesson.button.skip" if is_guess else "lesson.button.skip_explain")
    return lesson_controls.onward(shown.lesson, label, discord.ButtonStyle.secondary)


def dispute(shown: Shown) -> Item:
    """Return the button that opens the form for a complaint."""
    return _of(shown, "dispute", label=words("quiz.button.dispute"))


def _of(shown: Shown, act: str, value: int = 0, **looks: Any) -> Item:
    return control(act, shown.session, shown.step.position, value, **looks)
