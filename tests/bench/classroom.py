"""Measures on simulated learners what the schedule is worth against drilling the same number of questions at random."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.quiz.order import ask_order
from bot.quiz.schedule import Memory, rating_of, review
from tests.bench.memories import Activation, PerturbedFsrs
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tests.bench.memories import TrueMemory

PICTURE = Path("docs/images/spaced-practice.png")

LEARNERS, ITEMS = 200, 44
PRACTICE_DAYS, END = 60, 90
BUDGETS = (3, 5, 10)
SHOWN_BUDGET = 5

_GUESS = 0.25  # one of four options
_KNOWN_BEFORE = 0.4  # a first question answered by having read the essay
_SECONDS = 30.0
_SEED = 2026  # other learners than those the order of asking was chosen on
_START = datetime(2026, 1, 1, 18, tzinfo=UTC)
_MODELS: dict[str, Callable[[np.random.Generator, int], TrueMemory]] = {
    "FSRS-6, own parameters": PerturbedFsrs,
    "Activation (ACT-R)": Activation,
}


class Scheduled:
    """The bot's order: new and due in turn, then what is not due yet."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.memories: dict[str, Memory] = {}
        self.items = [str(item) for item in rng.permutation(ITEMS)]

    def choose(self, now: datetime) -> str | None:
        return ask_order(self.items, self.memories, now)[0]

    def learn(self, item: str, now: datetime, *, right: bool) -> None:
        self.memories[item] = review(self.memories.get(item), rating_of(float(right), 0), now)

    def is_early(self, item: str, now: datetime) -> bool:
        return item in self.memories and self.memories[item].due > now


class OnlyDue(Scheduled):
    """The bot's order, but the day's practice ends when nothing is new or due."""

    def choose(self, now: datetime) -> str | None:
        item = super().choose(now)
        return None if item is None or self.is_early(item, now) else item


class DueFirst(Scheduled):
    """What is due first, the oldest debt before; then what is new; then what falls due next."""

    def choose(self, now: datetime) -> str | None:
        soonest = min(self.memories, key=lambda item: self.memories[item].due, default=None)
        new = [item for item in self.items if item not in self.memories]
        return soonest if soonest is not None and (not new or not self.is_early(soonest, now)) else new[0]


class AtRandom(Scheduled):
    """A new draw of different items every day, whatever was answered."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__(rng)
        self._rng = rng
        self._today: tuple[date, list[str]] = (date.min, [])

    def choose(self, now: datetime) -> str | None:
        if self._today[0] != now.date():
            self._today = now.date(), self._rng.permutation(self.items).tolist()
        return self._today[1].pop()

    def learn(self, item: str, now: datetime, *, right: bool) -> None:
        pass


class InRounds(AtRandom):
    """All items in turn, always in the same order, whatever was answered."""

    def choose(self, now: datetime) -> str | None:
        self.items.append(self.items.pop(0))
        return self.items[-1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """True remembered shares [learners, 91] as each day begins; questions asked a learner, and those before due."""

    remembered: NDArray[np.float64]
    asked: float
    early: float


def run(model: str, budget: int, group: type[Scheduled], learners: int = LEARNERS) -> Outcome:
    """Let a class practise; the same learner has the same true parameters and hours whatever the group."""
    remembered = np.zeros((learners, END + 1))
    counts = np.zeros(2)
    for learner in range(learners):
        remembered[learner], asked, early = _learn(model, budget, group, learner)
        counts += asked, early
    return Outcome(remembered, *(counts / learners).tolist())


def _learn(model: str, budget: int, group: type[Scheduled], learner: int) -> tuple[NDArray[np.float64], int, int]:
    truth = _MODELS[model](np.random.default_rng([_SEED, learner, 0]), ITEMS)
    hours = np.random.default_rng([_SEED, learner, 1]).uniform(-3, 3, PRACTICE_DAYS)
    policy = group(np.random.default_rng([_SEED, learner, 2]))
    luck = np.random.default_rng([_SEED, learner, 3])
    remembered = np.zeros(END + 1)
    seen: set[str] = set()
    asked = early = 0
    for day in range(END + 1):
        remembered[day] = truth.recall(day).mean()
        for place in range(budget if day < PRACTICE_DAYS else 0):
            second = place * _SECONDS
            now = _START + timedelta(days=day, hours=hours[day], seconds=second)
            item = policy.choose(now)
            if item is None:
                break
            early += policy.is_early(item, now)
            asked += 1
            chance = truth.recall(day, second)[int(item)] if item in seen else _KNOWN_BEFORE
            recalled = bool(luck.random() < chance)
            right = bool(luck.random() < _GUESS) or recalled
            seen.add(item)
            truth.practise(int(item), day, second, recalled=recalled)
            policy.learn(item, now, right=right)
    return remembered, asked, early


def rows() -> Iterator[Row]:
    """Compare the groups under both models and all budgets; draw those of the budget that is shown."""
    shown = {}
    for model in _MODELS:
        for budget in BUDGETS:
            schedule, drill, due_first, rounds, only_due = (run(model, budget, group) for group in GROUPS)
            what = f"{model}, {budget} a day"
            for day in (PRACTICE_DAYS, END):
                yield _compared(f"{what}: remembered on day {day}", schedule, drill, day)
            others = " / ".join(f"{each.remembered[:, PRACTICE_DAYS].mean():.3f}" for each in (due_first, rounds))
            yield Row(f"  day {PRACTICE_DAYS}, other orders: due before new / in fixed rounds", others)
            yield Row(
                f"  share of {budget * PRACTICE_DAYS} questions asked before due",
                f"{schedule.early / schedule.asked:.2f}",
            )
            share = only_due.asked / (budget * PRACTICE_DAYS)
            remembered = only_due.remembered[:, PRACTICE_DAYS].mean()
            yield Row(
                f"  day {PRACTICE_DAYS}, asking only new and due", f"{remembered:.3f} with {share:.2f} of the questions"
            )
            if budget == SHOWN_BUDGET:
                shown[model] = (schedule.remembered, drill.remembered)
    from tests.bench.classroom_plot import draw  # matplotlib only where it is needed

    draw(shown, PICTURE)
    yield Row("classroom: drawn", str(PICTURE))


def _compared(what: str, schedule: Outcome, drill: Outcome, day: int) -> Row:
    """Compare the same learners with themselves: met when the 95 % interval of the gain lies above zero."""
    gain = schedule.remembered[:, day] - drill.remembered[:, day]
    margin = 1.96 * float(gain.std(ddof=1)) / len(gain) ** 0.5
    means = f"{schedule.remembered[:, day].mean():.3f} / {drill.remembered[:, day].mean():.3f} at random"
    measured = f"{means}, {gain.mean():+.3f} ± {margin:.3f}"
    return Row(what, measured, "> random", bool(gain.mean() - margin > 0))


GROUPS = (Scheduled, AtRandom, DueFirst, InRounds, OnlyDue)
