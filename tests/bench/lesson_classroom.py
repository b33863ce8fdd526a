"""Measures on simulated learners what a lesson with the schedule is worth against the quiz alone and against reading.

All groups are asked equally many questions about the points of the essay's lesson. What is remembered is a point: any
of its items asks for it. Reading a point makes it easier to answer a moment later; in the model of activation it also
leaves a trace, as the feedback to an answer does. That guessing first helps by itself is in neither model.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.quiz.lesson import Lesson
from bot.quiz.lesson_log import LessonKind, LessonLog, LessonStep
from bot.quiz.lesson_plan import LessonPlan, read_lessons
from bot.quiz.order import ask_order
from bot.quiz.schedule import Memory, rating_of, review
from bot.quiz.session import Session, Step, Submitted, after_hints
from tests.bench.memories import Activation, PerturbedFsrs
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tests.bench.memories import TrueMemory

PICTURE = Path("docs/images/lessons.png")
LEARNERS, DAYS = 200, 30
BUDGETS = (3, 5, 10)
SHOWN_BUDGET = 5

_GUESS = 0.25  # one of four options
_KNOWN_BEFORE = 0.4  # a first question answered by having read the essay, as in classroom.py
_AFTER_READING = 0.8  # of what was read a minute ago
_SECONDS = 30.0
_SEED = 2026
_START = datetime(2026, 1, 1, 18, tzinfo=UTC)
_MODELS: dict[str, Callable[[np.random.Generator, int], TrueMemory]] = {
    "FSRS-6, own parameters": PerturbedFsrs,
    "Activation (ACT-R)": Activation,
}


class Learner:
    """Somebody with a true memory of the points, who is asked and reads."""

    def __init__(self, plan: LessonPlan, model: str, number: int) -> None:
        self.point_of = {item: n for n, each in enumerate(plan.points) for item in (each.guess, *each.items) if item}
        self.number_of = {point.id: n for n, point in enumerate(plan.points)}
        self.truth = _MODELS[model](np.random.default_rng([_SEED, number, 0]), len(plan.points))
        self.day, self.second = 0, 0.0
        self._luck = np.random.default_rng([_SEED, number, 3])
        self._knew = np.random.default_rng([_SEED, number, 4]).random(len(plan.points)) < _KNOWN_BEFORE
        self._asked: set[int] = set()
        self._read: dict[int, tuple[int, float]] = {}

    @property
    def now(self) -> datetime:
        return _START + timedelta(days=self.day, seconds=self.second)

    def knows(self, item: str) -> bool:
        """Return whether a question could be answered without having read the point in the lesson."""
        point = self.point_of[item]
        return bool(self._knew[point])

    def answer(self, item: str, *, is_guess: bool = False) -> bool:
        """Answer a question and see its feedback; return whether the answer was right."""
        point = self.point_of[item]
        is_new = point not in self._asked
        chance = float(self._knew[point]) if is_new else self.truth.recall(self.day, self.second)[point]
        recalled = bool(self._luck.random() < chance)
        # What was read a minute ago is answered from there, which strengthens only what was not learned before.
        from_page = self._read.get(point) == (self.day, self.second) and bool(self._luck.random() < _AFTER_READING)
        right = bool(self._luck.random() < _GUESS) or recalled or from_page
        recalled = recalled or (from_page and is_new)
        # FSRS knows no failure to remember what was never read; a trace is left by the feedback.
        if recalled or not is_guess or isinstance(self.truth, Activation):
            self.truth.practise(point, self.day, self.second, recalled=recalled)
            self._asked.add(point)
        self.second += _SECONDS
        return right

    def read(self, point: str) -> None:
        """Read the author's words of a point."""
        number = self.number_of[point]
        if isinstance(self.truth, Activation):
            self.truth.practise(number, self.day, self.second, recalled=False)
            self._asked.add(number)
        self.second += _SECONDS
        self._read[number] = (self.day, self.second)


class QuizAlone:
    """The bot's quiz: new and due items in turn."""

    name = "quiz alone"

    def __init__(self, plan: LessonPlan, learner: Learner, rng: np.random.Generator) -> None:
        self.plan, self.learner = plan, learner
        self.memories: dict[str, Memory] = {}
        self.items = [str(item) for item in rng.permutation([*learner.point_of])]

    def ask(self) -> None:
        """Ask one question."""
        self.ask_item(ask_order(self.items, self.memories, self.learner.now)[0])

    def ask_item(self, item: str, *, hints: int = 0, is_guess: bool = False) -> Submitted:
        """Ask an item and schedule it."""
        now = self.learner.now
        score = after_hints(float(self.learner.answer(item, is_guess=is_guess)), hints)
        self.memories[item] = review(self.memories.get(item), rating_of(score, hints), now)
        return Submitted(0, score, hints, now, self.memories[item])


class ReadingInOrder(QuizAlone):
    """The text is read once, and each point is asked after it; then all are asked again in the order of the text."""

    name = "reading in order"

    def __init__(self, plan: LessonPlan, learner: Learner, rng: np.random.Generator) -> None:
        super().__init__(plan, learner, rng)
        self._next = 0

    def ask(self) -> None:
        times, place = divmod(self._next, len(self.plan.points))
        point = self.plan.points[place]
        self._next += 1
        if not times:
            self.learner.read(point.id)
        self.ask_item(point.items[0])


class LessonAndSchedule(QuizAlone):
    """The bot's lesson; after its end it is gone through once more, where what is remembered is passed over.

    Who does not know the answer to a guess says so, with the button for it, instead of choosing blindly.
    """

    name = "lesson and schedule"
    guesses_blindly = False

    def __init__(self, plan: LessonPlan, learner: Learner, rng: np.random.Generator) -> None:
        super().__init__(plan, learner, rng)
        self._session = self._begun()
        self._items = frozenset(self.items)

    def ask(self) -> None:
        for _ in range(2):
            if self._lesson_asks():
                return
            self._session = self._begun()
        super().ask()  # everything is remembered

    def _begun(self) -> Session:
        return Session(1, 1, None, None, (), LessonLog(self.plan.id, self.plan.version, ()))

    def _lesson_asks(self) -> bool:
        """Go on in the lesson until it has asked a question that counts; return False at its end."""
        while True:
            lesson = Lesson(self.plan, self.memories, self.learner.now, session=self._session, items=self._items)
            found, asked, log = lesson.next_step(), None, self._session.lesson
            assert log is not None
            if found.kind is LessonKind.END:
                return False
            now, is_guess, submitted = self.learner.now, found.kind is LessonKind.GUESS, None
            if found.item:
                asked = len(self._session.steps)
                if not is_guess or self.guesses_blindly or self.learner.knows(found.item):
                    submitted = self.ask_item(found.item, hints=int(found.hints), is_guess=is_guess)
                step = Step(asked, found.item, "v", (), found.again, hints=found.hints, submitted=submitted)
                self._session = self._session.with_step(step)
            else:
                self.learner.read(found.point)
            row = LessonStep(len(log.steps), found.kind, found.point, asked, changed=False, made_at=now)
            self._session = replace(self._session, lesson=replace(log, steps=(*log.steps, row)))
            if submitted is not None:
                return True


class BlindGuesses(LessonAndSchedule):
    """The same people, who choose blindly at every guess: each costs one of their questions and teaches nothing."""

    name = "lesson and schedule, every guess answered"
    guesses_blindly = True


GROUPS: tuple[type[QuizAlone], ...] = (LessonAndSchedule, BlindGuesses, QuizAlone, ReadingInOrder)


def essay_plan() -> LessonPlan:
    """Return the essay's lesson without the explanation at its end, which only the lesson would ask."""
    [plan] = read_lessons().plans
    return replace(plan, explain="")


def run(plan: LessonPlan, model: str, budget: int, group: type[QuizAlone], learners: int) -> NDArray[np.float64]:
    """Return the share of points that each learner truly remembers as each day begins [learners, DAYS + 1]."""
    remembered = np.zeros((learners, DAYS + 1))
    for number in range(learners):
        learner = Learner(plan, model, number)
        policy = group(plan, learner, np.random.default_rng([_SEED, number, 2]))
        for day in range(DAYS + 1):
            learner.day, learner.second = day, 0.0
            remembered[number, day] = learner.truth.recall(day).mean()
            for _ in range(budget if day < DAYS else 0):
                policy.ask()
    return remembered


def rows() -> Iterator[Row]:
    """Compare the groups under both models and all budgets; draw those of the budget that is shown."""
    plan, shown = essay_plan(), {}
    points = len(plan.points)
    for model in _MODELS:
        for budget in BUDGETS:
            found = {group: run(plan, model, budget, group, LEARNERS) for group in GROUPS}
            lesson = found[LessonAndSchedule]
            for group in GROUPS[1:]:
                gain = points * (lesson[:, DAYS] - found[group][:, DAYS])
                margin = 1.96 * float(gain.std(ddof=1)) / LEARNERS**0.5
                means = f"{points * lesson[:, DAYS].mean():.1f} / {points * found[group][:, DAYS].mean():.1f}"
                what = f"{model}, {budget} a day: points of {points} on day {DAYS}, lesson / {group.name}"
                met = bool(gain.mean() - margin > 0)
                yield Row(what, f"{means}, {gain.mean():+.1f} ± {margin:.1f}", f"> {group.name}", met)
            if budget == SHOWN_BUDGET:
                shown[model] = {group.name: points * values for group, values in found.items()}
    from tests.bench.lesson_plot import draw  # matplotlib only where it is needed

    draw(shown, PICTURE, points=points, learners=LEARNERS, budget=SHOWN_BUDGET)
    yield Row("lesson_classroom: drawn", str(PICTURE))
