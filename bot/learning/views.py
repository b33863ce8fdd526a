"""What a screen shows of a session: one step, or its summary; or of a lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.quiz.items import Item
from bot.quiz.lesson import ChapterStrength
from bot.quiz.lesson_log import LessonKind
from bot.quiz.session import Step
from index.answering.answer import Quote


@dataclass(frozen=True, slots=True)
class LessonPlace:
    """Where a lesson is: the step at `position`, in a chapter ("" at the end), after `done` of its `points`.

    `plain`: the point of the step in plain words, or "". `reads_next` and `asks_next`: the author's words or a question
    follow. `returns`: what was asked comes back in this lesson. `changed`: see LessonStep. `is_resumed`: the person
    came back.
    """

    session: int
    position: int
    kind: LessonKind
    title: str
    chapter: str
    done: int
    points: int
    plain: str
    reads_next: bool
    asks_next: bool
    returns: bool
    changed: bool
    is_resumed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One step of a session.

    `item` is None when it was removed since; `quotes` are its evidence. `next` is the next unanswered position, in a
    closed round the following one. `secret`: the round is open, so do not show whether the answer was right. `due` is
    when the item comes back, None before the answer. `in_lesson`: its lesson shows the step, with its `lesson` then.
    """

    session: int
    step: Step
    total: int
    item: Item | None
    axis: str
    quotes: tuple[Quote, ...]
    next: int | None
    due: datetime | None
    secret: bool
    in_round: bool
    in_lesson: bool = False
    lesson: LessonPlace | None = None

    @property
    def is_over(self) -> bool:
        """Return whether the step belongs to a closed round: nothing can be answered, all can be read."""
        return self.in_round and not self.secret


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a session: (points, items) of the first answers by axis title."""

    session: int
    axes: Mapping[str, tuple[float, int]]
    missed: tuple[str, ...]
    next_due: datetime | None
    secret: bool

    @property
    def points(self) -> float:
        """Points of all axes."""
        return sum(points for points, _ in self.axes.values())

    @property
    def items(self) -> int:
        """Items of all axes."""
        return sum(items for _, items in self.axes.values())


@dataclass(frozen=True, slots=True)
class Facing:
    """What the sides say `about` something: (name of the side, claim, quote)."""

    about: str
    sides: tuple[tuple[str, str, Quote], ...]


@dataclass(frozen=True, slots=True)
class LessonEnd:
    """What was learnt in a lesson, and when to come back; None before the first answer."""

    chapters: tuple[ChapterStrength, ...]
    comes_back: datetime | None


@dataclass(frozen=True, slots=True)
class LessonShown:
    """The step that a lesson shows now: a question, a quote, two sides, or the end; nothing when its words are gone."""

    place: LessonPlace
    question: Shown | None
    quote: Quote | None
    facing: Facing | None
    ending: LessonEnd | None


@dataclass(frozen=True, slots=True)
class LessonMap:
    """How well a person knows each point of a lesson; `is_begun`: they are in the middle of it."""

    title: str
    chapters: tuple[ChapterStrength, ...]
    is_begun: bool
