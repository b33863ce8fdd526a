"""Draws the plots of docs/benchmarks.md, each from the numbers that one part kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
    rows = content["systems"]
    columns = {name: [row["hit@1"][name] for row in rows] for name in ("value", "low", "high")}
    names = [f"{row['system']}, {row['recipe']}" for row in rows]
    colours = [_COLOURS["ours ahead at hit@1" not in row] for row in rows]
    figure, axes = _intervals(names, columns, colours)
    axes.set_xlabel("right passage first (95 % bootstrap interval)")
    _finished(figure, axes).savefig(folder / "peers.png", metadata={"Software": None})


def _intervals(names: Sequence[str], columns: Columns, colours: Sequence[str] = ()) -> tuple[Figure, Axes]:
    """Draw each value as a point on its interval, the first on top."""
    figure, axes = _figure(0.9 + 0.4 * len(names))
    places = [*range(len(names))]
    for place, value, low, high in zip(places, columns["value"], columns["low"], columns["high"], strict=True):
        colour = colours[place] if colours else _COLOURS[0]
        axes.plot([low, high], [place, place], color=colour, linewidth=2.5, alpha=0.55)
        axes.plot(value, place, "o", color=colour, markersize=7.5)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    return figure, axes


def _figure(height: float = 3.6, width: float = 8.0) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    _plainly(axes)
    return figure, axes


def _plainly(axes: Axes) -> None:
    axes.tick_params(colors=_QUIET, length=0)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


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
    figure.legend(frameon=False, ncols=5, loc="outside upper center", labelcolor=_INK)
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


def _risk_coverage(columns: Columns) -> Figure:
    figure, axes = _figure()
    axes.plot(columns["coverage"], columns["risk"], color=_COLOURS[1], linewidth=2, label="by stated confidence")
    axes.plot(columns["coverage"], columns["perfect"], color=_QUIET, linestyle="--", label="in a perfect order")
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("coverage: share of all questions that are answered, surest first")
    axes.set_ylabel("risk: share of these answered wrongly")
    return _finished(figure, axes)


def _reliability(columns: Columns) -> Figure:
    """Hold what was right against what was stated; the area of a point is the number of its questions."""
    figure, axes = _figure(4.2, 5.2)
    axes.plot([0, 1], [0, 1], color=_QUIET, linestyle="--", linewidth=1)
    areas = 600 * np.array(columns["questions"]) / max(columns["questions"])
    axes.plot(columns["confidence"], columns["right"], color=_COLOURS[0], linewidth=1.5)
    axes.scatter(columns["confidence"], columns["right"], s=areas, color=_COLOURS[0], alpha=0.55, linewidths=0)
    axes.set_xlabel("stated confidence (mean of its bin)")
    axes.set_ylabel("share whose answer is in the library")
    return _finished(figure, axes)


def _ablation(columns: Columns) -> Figure:
    points = {
        name: [100 * each for each in columns[key]]
        for name, key in (("value", "difference"), ("low", "low"), ("high", "high"))
    }
    figure, axes = _intervals(columns["name"], points)
    axes.axvline(0, color=_QUIET, linewidth=1)
    axes.set_xlabel("points of quote@1 against the whole (95 % bootstrap interval)")
    return _finished(figure, axes)


def _alone(columns: Columns) -> Figure:
    figure, axes = _intervals(columns["name"], columns)
    axes.set_xlabel("right passage first (95 % bootstrap interval)")
    return _finished(figure, axes)


def _search(columns: Columns) -> Figure:
    """Draw each kind's time against size beside its recall against size."""
    figure = Figure(figsize=(10, 3.8), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    kinds = [*dict.fromkeys(columns["kind"])]
    for axes, name, label in zip(
        figure.subplots(1, 2), ("milliseconds", "recall"), ("median search, ms", "recall@10"), strict=True
    ):
        for number, kind in enumerate(kinds):
            own = [place for place, each in enumerate(columns["kind"]) if each == kind]
            sizes, values = ([columns[each][place] for place in own] for each in ("rows", name))
            axes.plot(sizes, values, "o-", color=_COLOURS[number], label=kind, markersize=5)
        axes.set_xscale("log")
        if name == "milliseconds":
            axes.set_yscale("log")
            axes.legend(frameon=False, labelcolor=_INK)
        _plainly(axes)
        axes.set_xlabel("vectors of 384 dimensions", color=_INK)
        axes.set_ylabel(label, color=_INK)
    return figure


_DRAWINGS: dict[tuple[str, str], Callable[[Columns], Figure]] = {
    ("anatomy", "stages"): _stages,
    ("speed", "throughput"): _throughput,
    ("soak", "memory"): _memory,
    ("abstention", "risk_coverage"): _risk_coverage,
    ("abstention", "reliability"): _reliability,
    ("ablation", "ablation"): _ablation,
    ("ablation", "alone"): _alone,
    ("scale", "search"): _search,
}
