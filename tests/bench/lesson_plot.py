"""Draws how many points of a lesson the groups remember over time, for the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_INK, _QUIET = "#1f2328", "#57606a"
_COLOURS = ("#0072b2", "#56b4e9", "#d55e00", "#009e73")  # of Okabe and Ito's palette


def draw(
    shown: Mapping[str, Mapping[str, NDArray[np.float64]]], path: Path, *, points: int, learners: int, budget: int
) -> None:
    """Draw a panel for each model: the points that each group remembers [learners, days]."""
    figure = Figure(figsize=(11, 5.4), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    title = f"{learners} simulated learners, {budget} questions a day about {points} points"
    figure.text(0.06, 0.925, title, fontsize=16, fontweight="bold", color=_INK)
    under = "Mean number of points truly remembered; bands are 95 % intervals of the mean."
    figure.text(0.06, 0.87, under, fontsize=11.5, color=_QUIET)
    panels = figure.subplots(1, len(shown), sharey=True)
    figure.subplots_adjust(left=0.06, right=0.98, top=0.77, bottom=0.2, wspace=0.07)
    for panel, (model, groups) in zip(np.atleast_1d(panels), shown.items(), strict=True):
        _panel(panel, model, groups, points)
    handles, names = np.atleast_1d(panels)[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="lower center", ncols=len(names), frameon=False, fontsize=11.5)
    figure.savefig(path, metadata={"Software": None})


def _panel(panel: Axes, model: str, groups: Mapping[str, NDArray[np.float64]], points: int) -> None:
    panel.set_title(model, loc="left", fontsize=13, color=_INK)
    for (name, values), colour in zip(groups.items(), _COLOURS, strict=False):
        mean, days = values.mean(axis=0), np.arange(values.shape[1])
        margin = 1.96 * values.std(axis=0, ddof=1) / len(values) ** 0.5
        panel.fill_between(days, mean - margin, mean + margin, color=colour, alpha=0.18, lw=0)
        panel.plot(days, mean, color=colour, lw=2.2, label=name)
    last = values.shape[1] - 1
    panel.set_xlim(0, last)
    panel.set_ylim(0, points)
    panel.set_xticks([0, last // 3, 2 * last // 3, last], ["day 0", str(last // 3), str(2 * last // 3), str(last)])
    first, *_, end = panel.get_xticklabels()
    first.set_horizontalalignment("left")
    end.set_horizontalalignment("right")
    panel.grid(axis="y", color="#e3e5e8", lw=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.tick_params(length=0, labelsize=11, labelcolor=_QUIET)
