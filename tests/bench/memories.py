"""Two models of what a simulated learner truly remembers; the schedule that is measured sees neither of them.

The first has the form of the scheduler's own model, but with parameters of each learner's own. The second knows
nothing of it: activation that decays by a power of time, faster the more active the item was when it was practised
(P. I. Pavlik and J. R. Anderson, 2005, Cognitive Science 29, 559-586), which is how it comes to favour spacing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import fsrs
import numpy as np
from fsrs.scheduler import DEFAULT_PARAMETERS, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_SPREAD = 0.3  # standard deviation of the logarithm by which a learner's parameters differ from the usual ones


class TrueMemory(Protocol):
    """One learner's memory of all items; a day is a whole number, a second counts within the day's practice."""

    def recall(self, day: int, second: float = 0.0) -> NDArray[np.float64]:
        """Return the probability of remembering each item [items]; 0 for what was never practised."""
        ...

    def practise(self, item: int, day: int, second: float, *, recalled: bool) -> None:
        """Take in that the item was asked, remembered or not, and its answer shown."""
        ...


class PerturbedFsrs:
    """FSRS-6 with each of the 21 parameters drawn around its default, within the bounds of the library."""

    def __init__(self, rng: np.random.Generator, items: int) -> None:
        drawn = np.array(DEFAULT_PARAMETERS) * np.exp(rng.normal(0, _SPREAD, len(DEFAULT_PARAMETERS)))
        parameters = np.clip(drawn, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS)
        self._scheduler = fsrs.Scheduler(parameters=parameters.tolist(), enable_fuzzing=False)
        self._cards = [fsrs.Card(card_id=0, due=_EPOCH) for _ in range(items)]
        self._stability = np.full(items, np.nan)
        self._last = np.zeros(items)
        self._decay = -parameters[20]
        self._factor = 0.9 ** (1 / self._decay) - 1

    def recall(self, day: int, second: float = 0.0) -> NDArray[np.float64]:
        return np.nan_to_num((1 + self._factor * (day - self._last) / self._stability) ** self._decay)

    def practise(self, item: int, day: int, second: float, *, recalled: bool) -> None:
        rating = fsrs.Rating.Good if recalled else fsrs.Rating.Again
        card, _ = self._scheduler.review_card(self._cards[item], rating, _EPOCH + timedelta(days=day))
        self._cards[item], self._stability[item], self._last[item] = card, card.stability, day


class Activation:
    """Pavlik and Anderson's model: m = ln(sum of age ** -decay), decay = a + c * exp(m at that practice).

    Recall is 1 / (1 + exp((threshold - m) / noise)). Outside practice time runs slower by `_BETWEEN`, for less
    interferes. The constants are of the order published there; each learner draws their own around them.
    """

    _INTERCEPT, _SCALE, _THRESHOLD, _NOISE, _BETWEEN = 0.177, 0.217, -0.704, 0.255, 0.025

    def __init__(self, rng: np.random.Generator, items: int) -> None:
        self._intercept, self._scale = np.array([self._INTERCEPT, self._SCALE]) * np.exp(rng.normal(0, _SPREAD, 2))
        self._threshold = self._THRESHOLD + rng.normal(0, _SPREAD)
        self._count = np.zeros(items, dtype=int)
        # An age of infinity to a positive decay adds nothing: the places for practice still to come.
        self._times = np.full((items, 16), -np.inf)
        self._decays = np.ones((items, 16))

    def recall(self, day: int, second: float = 0.0) -> NDArray[np.float64]:
        with np.errstate(divide="ignore"):
            activation = np.log(self._strength(self._time(day, second)))
        # The logistic function written with tanh, which takes the activation of nothing, minus infinity, to 0.
        return (1 + np.tanh((activation - self._threshold) / (2 * self._NOISE))) / 2

    def practise(self, item: int, day: int, second: float, *, recalled: bool) -> None:
        now = self._time(day, second)
        place = self._count[item]
        if place == self._times.shape[1]:
            self._times = np.pad(self._times, ((0, 0), (0, place)), constant_values=-np.inf)
            self._decays = np.pad(self._decays, ((0, 0), (0, place)), constant_values=1.0)
        self._decays[item, place] = self._intercept + self._scale * self._strength(now)[item]
        self._times[item, place] = now
        self._count[item] += 1

    def _strength(self, now: float) -> NDArray[np.float64]:
        return ((now - self._times) ** -self._decays).sum(axis=1)

    def _time(self, day: int, second: float) -> float:
        """Return psychological seconds; one more, so that an item just seen has an age."""
        return day * 86400 * self._BETWEEN + second + 1
