"""Draws deploy/monitoring/dashboard.json: a real Prometheus evaluates every panel's queries over what it has scraped.

It needs the program `prometheus` (Debian: apt-get install prometheus).
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, Formatter, FuncFormatter, MaxNLocator

DASHBOARD = Path(__file__).parents[2] / "deploy" / "monitoring" / "dashboard.json"
_JOB = "tutor"
_STARTED_S = 30.0
_SCRAPE_S = 2
_RATE_S = 20
"""In the place of $__rate_interval, for which Grafana takes four scrapes at least."""
_PAPER, _PANEL, _INK, _GRID = "#111217", "#181b1f", "#ccccdc", "#2c3235"
_COLOURS = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#c4162a"]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A server that scrapes ports of loopback as one job."""

    address: str

    def series(self, query: str, begin: float, end: float) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
        """Evaluate a query every second between two Unix times."""
        asked = urllib.parse.urlencode({"query": query, "start": begin, "end": end, "step": 1})
        with urllib.request.urlopen(f"{self.address}/api/v1/query_range?{asked}", timeout=30) as response:
            found = json.load(response)["data"]["result"]
        return [(each["metric"], [(at, float(value)) for at, value in each["values"]]) for each in found]


@contextmanager
def prometheus(folder: Path, ports: Sequence[int]) -> Iterator[Prometheus]:
    """Start a Prometheus that reads /metrics at these ports, and end it after the block."""
    program = shutil.which("prometheus")
    assert program is not None, "needs the program prometheus; Debian: apt-get install prometheus"
    targets = [f"127.0.0.1:{port}" for port in ports]
    scrape = {"job_name": _JOB, "static_configs": [{"targets": targets}]}
    (folder / "prometheus.yml").write_text(
        json.dumps({"global": {"scrape_interval": f"{_SCRAPE_S}s"}, "scrape_configs": [scrape]}), encoding="utf-8"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    arguments = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb"]
    with (folder / "prometheus.log").open("wb") as log:
        running = subprocess.Popen([program, *arguments, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        ends = time.monotonic() + _STARTED_S
        while not _is_ready(address):
            assert time.monotonic() < ends, (folder / "prometheus.log").read_text(encoding="utf-8")
            time.sleep(0.2)
        yield Prometheus(f"http://{address}")
    finally:
        running.terminate()
        running.wait()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/-/ready", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def draw(source: Prometheus, begin: float, end: float, names: dict[str, str], path: Path) -> None:
    """Draw all panels between two Unix times; `names` are those of the instances, by their addresses."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    rows = max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in board["panels"])
    figure = Figure(figsize=(15, rows * 0.3 + 0.6), dpi=80, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    figure.text(0.012, 1 - 0.28 / figure.get_figheight(), board["title"], fontsize=16, color=_INK, fontweight="bold")
    for panel in board["panels"]:
        at, head = panel["gridPos"], 0.6 / figure.get_figheight()
        height = (1 - head) / rows
        left, bottom = at["x"] / 24, 1 - head - (at["y"] + at["h"]) * height
        axes = figure.add_axes((left + 0.045, bottom + 1.9 * height, at["w"] / 24 - 0.06, (at["h"] - 3.1) * height))
        _draw_panel(axes, panel, source, (begin, end), names)
    figure.savefig(path, metadata={"Software": None})


def _draw_panel(
    axes: Any, panel: dict[str, Any], source: Prometheus, span: tuple[float, float], names: dict[str, str]
) -> None:
    axes.set_facecolor(_PANEL)
    axes.set_title(panel["title"], loc="left", fontsize=11.5, color=_INK)
    colours = iter(_COLOURS * 3)
    for target in panel["targets"]:
        query = target["expr"].replace("$__rate_interval", f"{_RATE_S}s").replace("$job", _JOB)
        found = source.series(query.replace("$instance", ".*"), *span)
        for metric, points in sorted(found, key=lambda each: names.get(each[0].get("instance", ""), "")):
            label = target.get("legendFormat") or "{{instance}}"
            for key, value in metric.items():
                label = label.replace("{{" + key + "}}", names.get(value, value))
            whole = _with_gaps(points)
            times = [datetime.fromtimestamp(at, UTC) for at, _ in whole]
            axes.plot(times, [value for _, value in whole], color=next(colours), linewidth=1.4, label=label)
    axes.set_xlim(*(datetime.fromtimestamp(each, UTC) for each in span))
    axes.set_ylim(bottom=0)
    if not any(value > 0 for line in axes.lines for value in line.get_ydata()):
        axes.set_ylim(0, 1)
    if not axes.lines:
        axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", va="center", color=_GRID, fontsize=14)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(_unit(panel["fieldConfig"]["defaults"].get("unit", "short")))
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M:%S"))
    axes.tick_params(colors=_INK, labelsize=8.5, length=0)
    axes.grid(color=_GRID, linewidth=0.7)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if axes.lines:
        axes.legend(
            loc="upper left", bbox_to_anchor=(-0.01, -0.13), ncols=5, fontsize=8.5, frameon=False, labelcolor=_INK,
            handlelength=1.2, columnspacing=1.2,
        )  # fmt: skip


def _with_gaps(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Put a break where a series has no value for more than a step."""
    found: list[tuple[float, float]] = []
    for at, value in points:
        if found and at - found[-1][0] > 1.5:
            found.append((at - 1, nan))
        found.append((at, value))
    return found


def _unit(unit: str) -> Formatter:
    match unit:
        case "s":
            return EngFormatter("s", sep=" ")
        case "bytes":
            return EngFormatter("B", sep=" ")
        case "ops":
            return FuncFormatter(lambda value, _: f"{value:g}/s")
    return FuncFormatter(lambda value, _: f"{value:g}")
