"""How a lesson goes on: the next step for one person, from its plan, what was shown, and what they remember.

A new point is guessed, read and asked. A point that was met before is asked first and read when that fails. A point
that is remembered is passed over. What was missed returns after some steps of other points: after two wrong answers
with a part of the hints, and with the other side of the table of contrasts shown before.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.quiz.hints import Rung
from bot.quiz.lesson_log import LessonKind, LessonStep
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint
from bot.quiz.schedule import Memory, retrievability
from bot.quiz.session import PASSED_FROM, Session

KNOWN_FROM = 0.9
"""An item of at least this retrievability is remembered; FSRS schedules its reviews for this value."""
RETURNS_AFTER = 3
"""Steps of other points before a missed point is asked again, unless nothing else is left."""
MISSED_TWICE, GIVEN_UP = 2, 4
"""Wrong answers to a point after which its contrast is shown, and after which it is left for another day."""
HINTED = Rung.FIRST_WORDS
"""The hints that are shown with a question from MISSED_TWICE on; they cost as if they were asked for."""
BREAK = timedelta(hours=12)
"""After a longer one a lesson goes on in the chapter that gains most, not in the one it was in."""
KEPT_FROM_DAYS = 1.0
"""Stability of a memory below which it does not last until tomorrow."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a lesson does next; `hints` are shown from the start, `again`: the item was asked in this lesson before."""

    kind: LessonKind
    point: str = ""
    item: str = ""
    hints: int = 0
    again: bool = False


class Strength(StrEnum):
    """How well a person knows a point."""

    SOLID = "solid"
    FADING = "fading"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class ChapterStrength:
    """How well a person knows the points of a chapter, in their order."""

    id: str
    title: str
    points: tuple[Strength, ...]


class Lesson:
    """One lesson of one person at a moment. `items` are the ids that may be asked; a plan may name others too."""

    def __init__(
        self,
        plan: LessonPlan,
        memories: Mapping[str, Memory],
        now: datetime,
        *,
        session: Session | None = None,
        items: Container[str],
    ) -> None:
        """Take the plan, the person's memory of each item, the time (aware UTC), and what was shown (None: nothing)."""
        self._plan = plan
        self._memories = memories
        self._now = now
        self._session = session
        self._items = items
        self._log = session.lesson.steps if session is not None and session.lesson is not None else ()
        self._taken: dict[str, list[LessonStep]] = {}
        for step in self._log:
            self._taken.setdefault(step.point, []).append(step)
        self._recall: dict[str, float] = {}

    def next_step(self) -> NextStep:
        """Return the next step; END when every point was taught or is known."""
        started = [(point, self._after(point)) for point in self._plan.points if point.id in self._taken]
        last = self._log[-1].point if self._log else ""
        for point, following in started:
            if point.id == last and following is not None and not following.again:
                return following
        returns = [
            (self._taken[point.id][-1].position, found) for point, found in started if found is not None and found.again
        ]
        returns.sort(key=lambda pair: pair[0])
        if returns and len(self._log) - 1 - returns[0][0] >= RETURNS_AFTER:
            return returns[0][1]
        # A step that another change of the library interrupted, such as a question whose point came back.
        rest = [found for _, found in started if found is not None and not found.again]
        chapter = self._chapter(last)
        if chapter is not None:
            return self._first(next(point for point in chapter.points if self._is_new(point)))
        return next(iter([*rest, *(found for _, found in returns)]), self._last())

    def is_done(self, point: LessonPoint) -> bool:
        """Return whether nothing of a point is left in this lesson: it was taught, or is known."""
        if self._log and self._log[-1].point == point.id and self._is_waiting(self._log[-1]):
            return False
        return self._after(point) is None if point.id in self._taken else self._is_known(point)

    def follows(self, point: LessonPoint) -> LessonKind | None:
        """Return what a point that was begun goes on with at once; None when another point is next, or the end."""
        found = self._after(point) if point.id in self._taken else None
        return found.kind if found is not None and not found.again else None

    def strengths(self) -> tuple[ChapterStrength, ...]:
        """Return how well each point is known, by chapter."""
        return tuple(
            ChapterStrength(chapter.id, chapter.title, tuple(map(self._strength, chapter.points)))
            for chapter in self._plan.chapters
        )

    def comes_back(self) -> datetime | None:
        """Return when to come back: when the first item of the plan is due after a break; None before any answer."""
        known = [self._memories[item] for point in self._plan.points for item in _all(point) if item in self._memories]
        # The first steps of FSRS are minutes long; a break of a night is worth more.
        return min((max(memory.due, self._now + BREAK) for memory in known), default=None)

    def _chapter(self, last: str) -> Chapter | None:
        """Return the chapter with a new point to go on with: the one of the last step, else the one that gains most."""
        chapters = [each for each in self._plan.chapters if any(self._is_new(point) for point in each.points)]
        if not chapters:
            return None
        if self._log and self._now - self._log[-1].made_at < BREAK:
            for chapter in chapters:
                if any(point.id == last for point in chapter.points):
                    return chapter
        return max(chapters, key=lambda chapter: self._gain(chapter))  # the first of equal ones

    def _gain(self, chapter: Chapter) -> float:
        """Return the mean share of a chapter's new points that is not remembered now."""
        new = [point for point in chapter.points if self._is_new(point)]
        return round(sum(1 - self._recalled(point) for point in new) / len(new), 2)

    def _is_new(self, point: LessonPoint) -> bool:
        return point.id not in self._taken and not self._is_known(point)

    def _is_known(self, point: LessonPoint) -> bool:
        asked = self._askable(point)
        return bool(asked) and all(self._item(item) >= KNOWN_FROM for item in asked)

    def _first(self, point: LessonPoint) -> NextStep:
        """Begin with a point: with a question when the person has met it, else with the guess or the words."""
        asked = self._askable(point)
        if asked and any(item in self._memories for item in (*asked, point.guess)):
            return self._question(point, ())
        if asked and point.guess in self._items:
            return NextStep(LessonKind.GUESS, point.id, point.guess)
        return NextStep(LessonKind.READ, point.id)

    def _after(self, point: LessonPoint) -> NextStep | None:
        """Return how a point goes on after its steps in this lesson; None when it is done."""
        taken = self._taken[point.id]
        last, score = taken[-1], self._score(taken[-1])
        match last.kind:
            case LessonKind.GUESS:
                return None if _passed(score) else NextStep(LessonKind.READ, point.id)
            case LessonKind.READ | LessonKind.CONTRAST:
                return self._question(point, taken) if self._askable(point) else None
            case _ if score is None or _passed(score):
                return None  # an item that was taken out is passed over too
        wrong = self._wrong(taken)
        if wrong >= GIVEN_UP or not self._askable(point):
            return None
        shown = {step.kind for step in taken}
        if LessonKind.READ not in shown:
            return NextStep(LessonKind.READ, point.id)
        if wrong >= MISSED_TWICE and point.contrast and LessonKind.CONTRAST not in shown:
            return NextStep(LessonKind.CONTRAST, point.id)
        return self._question(point, taken)

    def _question(self, point: LessonPoint, taken: Sequence[LessonStep]) -> NextStep:
        """Ask the item that failed before, else the one that is remembered least."""
        failed = [step for step in taken if step.kind is LessonKind.QUESTION and step.asked is not None]
        hints = HINTED if self._wrong(taken) >= MISSED_TWICE and failed else 0
        if failed and self._session is not None and failed[-1].asked is not None:
            item = self._session.steps[failed[-1].asked].item
            if item in self._items:
                return NextStep(LessonKind.QUESTION, point.id, item, hints, again=True)
        weakest = min(self._askable(point), key=self._item)
        return NextStep(LessonKind.QUESTION, point.id, weakest, hints)

    def _last(self) -> NextStep:
        explain = self._plan.explain
        asked = any(step.kind is LessonKind.EXPLAIN for step in self._log)
        if explain in self._items and not asked and self._item(explain) < KNOWN_FROM:
            return NextStep(LessonKind.EXPLAIN, item=explain)
        return NextStep(LessonKind.END)

    def _strength(self, point: LessonPoint) -> Strength:
        """Judge a point by its item that was answered last: a wrong guess says nothing once a question was right."""
        answered = [self._memories[item] for item in _all(point) if item in self._memories]
        last = max(reversed(answered), key=lambda memory: memory.last_review or memory.due, default=None)
        if last is None or (last.stability or 0) < KEPT_FROM_DAYS:
            return Strength.NOT_YET
        return Strength.SOLID if retrievability(last, self._now) >= KNOWN_FROM else Strength.FADING

    def _askable(self, point: LessonPoint) -> list[str]:
        return [item for item in point.items if item in self._items]

    def _recalled(self, point: LessonPoint) -> float:
        asked = self._askable(point)
        return sum(map(self._item, asked)) / len(asked) if asked else 0.0

    def _item(self, item: str) -> float:
        if item not in self._recall:
            self._recall[item] = retrievability(self._memories.get(item), self._now)
        return self._recall[item]

    def _wrong(self, taken: Sequence[LessonStep]) -> int:
        scores = [self._score(step) for step in taken]
        return sum(score is not None and not _passed(score) for score in scores)

    def _is_waiting(self, step: LessonStep) -> bool:
        return step.asked is not None and self._score(step) is None

    def _score(self, step: LessonStep) -> float | None:
        """Return the score of a step's answer; None without one."""
        if step.asked is None or self._session is None:
            return None
        submitted = self._session.steps[step.asked].submitted
        return None if submitted is None else submitted.score


def _passed(score: float | None) -> bool:
    return score is not None and score >= PASSED_FROM


def _all(point: LessonPoint) -> list[str]:
    return [item for item in (point.guess, *point.items) if item]
