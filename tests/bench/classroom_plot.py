"""Draws what two classes remember over time, for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tests.bench.classroom import END, ITEMS, LEARNERS, PRACTICE_DAYS, SHOWN_BUDGET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_INK, _QUIET = "#1f2328", "#57606a"
_SCHEDULED, _RANDOM = "#0072b2", "#d55e00"  # blue and vermilion of Okabe and Ito's palette


def draw(shown: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]], path: Path) -> None:
    """Draw a panel for each model: the remembered shares [learners, days] of the scheduled and of the random group."""
    figure = Figure(figsize=(11, 5.2), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    title = f"{LEARNERS} simulated learners, {SHOWN_BUDGET} questions a day over {ITEMS} items"
    figure.text(0.06, 0.925, title, fontsize=16, fontweight="bold", color=_INK)
    under = "Mean share truly remembered; bands are 95 % intervals of the mean. The schedule does not see the model."
    figure.text(0.06, 0.865, under, fontsize=11.5, color=_QUIET)
    panels = figure.subplots(1, len(shown), sharey=True)
    figure.subplots_adjust(left=0.06, right=0.98, top=0.76, bottom=0.11, wspace=0.07)
    for panel, (model, groups) in zip(np.atleast_1d(panels), shown.items(), strict=True):
        _panel(panel, model, *groups)
    figure.savefig(path, metadata={"Software": None})


def _panel(panel: Axes, model: str, scheduled: NDArray[np.float64], drilled: NDArray[np.float64]) -> None:
    panel.set_title(model, loc="left", fontsize=13, color=_INK)
    panel.axvspan(PRACTICE_DAYS, END, color="#f0f1f3", lw=0)
    panel.text(PRACTICE_DAYS + 1.5, 0.03, "no more practice", fontsize=11, color=_QUIET)
    ends = scheduled.mean(axis=0)[PRACTICE_DAYS], drilled.mean(axis=0)[PRACTICE_DAYS]
    for values, name, colour, other in (
        (scheduled, "scheduled", _SCHEDULED, ends[1]),
        (drilled, "at random", _RANDOM, ends[0]),
    ):
        mean, days = values.mean(axis=0), np.arange(END + 1)
        margin = 1.96 * values.std(axis=0, ddof=1) / len(values) ** 0.5
        panel.fill_between(days, mean - margin, mean + margin, color=colour, alpha=0.18, lw=0)
        panel.plot(days, mean, color=colour, lw=2.4)
        above = mean[PRACTICE_DAYS] > other
        # A label below a rising curve has to clear its left end, which stands lower.
        y = mean[PRACTICE_DAYS] + 0.04 if above else mean[PRACTICE_DAYS // 2] - 0.09
        _label(panel, PRACTICE_DAYS - 1, y, f"{name}: {100 * mean[PRACTICE_DAYS]:.0f} %", colour)
        _label(panel, END - 1, mean[END] + (0.05 if above else -0.11), f"{100 * mean[END]:.0f} %", colour)
    panel.set_xlim(0, END)
    panel.set_ylim(0, 1.08)
    panel.set_xticks([0, 30, 60, 90], ["day 0", "30", "60", "90"])
    first, *_, last = panel.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    panel.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    panel.grid(axis="y", color="#e3e5e8", lw=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(length=0, labelsize=11, labelcolor=_QUIET)


def _label(panel: Axes, x: float, y: float, text: str, colour: str) -> None:
    panel.text(x, y, text, ha="right", fontsize=12.5, fontweight="bold", color=colour)
