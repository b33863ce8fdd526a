"""Measures on simulated learners what the schedule is worth against drilling the same number of questions at random."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.quiz.schedule import Memory, rating_of, review
from tests.bench.memories import Activation, PerturbedFsrs
from tests.bench.quality import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tests.bench.memories import TrueMemory

PICTURE = Path("docs/spaced-practice.png")

LEARNERS, ITEMS = 200, 44
PRACTICE_DAYS, END = 60, 90
BUDGETS = (3, 5, 10)
SHOWN_BUDGET = 5

_GUESS = 0.25  # one of four options
_KNOWN_BEFORE = 0.4  # a first question answered by having read the essay
_SECONDS = 30.0
_START = datetime(2026, 1, 1, 18, tzinfo=UTC)
_MODELS: dict[str, Callable[[np.random.Generator, int], TrueMemory]] = {
    "FSRS-6, own parameters": PerturbedFsrs,
    "activation (ACT-R)": Activation,
}


class Scheduled:
    """What is due first, longest due before; then what is new; then what falls due next."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._memories: dict[int, Memory] = {}
        self._new = rng.permutation(ITEMS).tolist()
        self.ahead = 0

    def choose(self, now: datetime, asked: int) -> int:
        soonest = min(self._memories, key=lambda item: self._memories[item].due, default=None)
        if soonest is not None and (self._memories[soonest].due <= now or not self._new):
            self.ahead += self._memories[soonest].due > now
            return soonest
        return int(self._new.pop())

    def learn(self, item: int, now: datetime, *, right: bool) -> None:
        self._memories[item] = review(self._memories.get(item), rating_of(float(right), 0), now)


class AtRandom:
    """A new draw of different items every day."""

    ahead = 0

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._today: NDArray[np.int64] = np.arange(0)

    def choose(self, now: datetime, asked: int) -> int:
        if asked == 0:
            self._today = self._rng.permutation(ITEMS)
        return int(self._today[asked])

    def learn(self, item: int, now: datetime, *, right: bool) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Outcome:
    """True remembered shares [learners, 91], at the beginning of each day, and the share of questions not yet due."""

    remembered: NDArray[np.float64]
    ahead: float


def run(model: str, budget: int, policy: type[Scheduled] | type[AtRandom], learners: int = LEARNERS) -> Outcome:
    """Let a class practise; the same learner has the same true parameters and hours whatever the policy."""
    remembered = np.zeros((learners, END + 1))
    ahead = 0
    for learner in range(learners):
        truth = _MODELS[model](np.random.default_rng([learner, 0]), ITEMS)
        hours = np.random.default_rng([learner, 1]).uniform(-3, 3, PRACTICE_DAYS)
        group = policy(np.random.default_rng([learner, 2]))
        luck = np.random.default_rng([learner, 3])
        seen: set[int] = set()
        for day in range(END + 1):
            remembered[learner, day] = truth.recall(day).mean()
            for asked in range(budget if day < PRACTICE_DAYS else 0):
                now = _START + timedelta(days=day, hours=hours[day], seconds=asked * _SECONDS)
                item = group.choose(now, asked)
                chance = truth.recall(day, asked * _SECONDS)[item] if item in seen else _KNOWN_BEFORE
                recalled = bool(luck.random() < chance)
                right = recalled or bool(luck.random() < _GUESS)
                seen.add(item)
                truth.practise(item, day, asked * _SECONDS, recalled=recalled)
                group.learn(item, now, right=right)
        ahead += group.ahead
    return Outcome(remembered, ahead / (learners * PRACTICE_DAYS * budget))


def rows() -> Iterator[Row]:
    """Compare the groups under both models and all budgets; draw the one that is shown."""
    shown = {}
    for model in _MODELS:
        for budget in BUDGETS:
            schedule, drill = run(model, budget, Scheduled), run(model, budget, AtRandom)
            for day in (PRACTICE_DAYS, END):
                yield _compared(f"{model}, {budget} a day: remembered on day {day}", schedule, drill, day)
            yield Row(f"  of the scheduled group's {budget * PRACTICE_DAYS} questions not yet due", f"{schedule.ahead:.2f}")
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
