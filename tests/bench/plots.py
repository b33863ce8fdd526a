"""Draws the plots of docs/benchmarks.md, each from the numbers that one part kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

    from tests.bench.results import Result

    Columns = Mapping[str, list[Any]]

_INK, _QUIET, _GRID = "#1f2328", "#57606a", "#d8dee4"
# Okabe and Ito's palette, told apart by people who do not see all colours.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#999999", "#f0e442", "#5b4b8a")


def draw(part: str, result: Result, folder: Path) -> None:
    """Draw what there is to draw of a part, as PNG files named after its series."""
    for series in result.series:
        if drawing := _DRAWINGS.get((part, series.name)):
            drawing(series.columns).savefig(folder / f"{series.name}.png", metadata={"Software": None})


def draw_peers(content: Mapping[str, Any], folder: Path) -> None:
    """Draw hit@1 of every recipe with its interval."""
    rows = [*reversed(content["systems"])]
    figure, axes = _figure(0.9 + 0.42 * len(rows))
    for place, row in enumerate(rows):
        cell, ours = row["hit@1"], "ours ahead at hit@1" not in row
        colour = _COLOURS[1] if ours else _COLOURS[0]
        axes.plot([cell["low"], cell["high"]], [place, place], color=colour, linewidth=2.5, alpha=0.6)
        axes.plot(cell["value"], place, "o", color=colour, markersize=8)
    axes.set_yticks(range(len(rows)), [f"{row['system']}, {row['recipe']}" for row in rows])
    axes.set_xlabel("right passage first (95 % bootstrap interval)")
    _finished(figure, axes).savefig(folder / "peers.png", metadata={"Software": None})


def _figure(height: float = 3.6, width: float = 8.0) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.tick_params(colors=_QUIET, length=0)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _finished(figure: Figure, axes: Axes) -> Figure:
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(_INK)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, labelcolor=_INK)
    return figure


def _stages(columns: Columns) -> Figure:
    """Stack the milliseconds of each stage, a bar for each backend."""
    figure, axes = _figure(2.6, 9.0)
    backends = [name for name in columns if name != "stage"]
    left = np.zeros(len(backends))
    for number, stage in enumerate(columns["stage"]):
        width = np.array([columns[name][number] for name in backends])
        axes.barh(backends, width, left=left, color=_COLOURS[number], label=stage, height=0.55, edgecolor="white")
        left += width
    axes.set_xlabel("milliseconds of one answer among 10,000 passages")
    axes.invert_yaxis()
    axes.legend(frameon=False, ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.45), labelcolor=_INK)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(_INK)
    return figure


def _throughput(columns: Columns) -> Figure:
    figure, axes = _figure()
    askers = columns["askers"]
    for number, name in enumerate(each for each in columns if each != "askers"):
        axes.plot(askers, columns[name], "o-", color=_COLOURS[number], label=name)
    axes.set_xscale("log", base=2)
    axes.set_xticks(askers, [str(each) for each in askers])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("people who ask at the same time")
    axes.set_ylabel("answers a second, × one person on torch")
    return _finished(figure, axes)


def _memory(columns: Columns) -> Figure:
    figure, axes = _figure(3.0)
    axes.plot(columns["minutes"], columns["MB"], "o-", color=_COLOURS[0])
    axes.set_ylim(0, max(columns["MB"]) * 1.15)
    axes.set_xlabel("minutes under 50 questions a second")
    axes.set_ylabel("resident memory, MB")
    return _finished(figure, axes)


_DRAWINGS: dict[tuple[str, str], Callable[[Columns], Figure]] = {
    ("anatomy", "stages"): _stages,
    ("speed", "throughput"): _throughput,
    ("soak", "memory"): _memory,
}
