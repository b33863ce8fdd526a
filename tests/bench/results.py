"""What a part of the benchmarks found, kept with what it was measured on: tables and plots are made of it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = Path("docs/benchmarks")
_NAMED = ("torch", "sentence-transformers", "openvino", "faiss-cpu", "bm25s", "numpy", "discord.py", "simcord")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `met` is None where nothing was asked for or nothing could be measured."""

    what: str
    measured: str
    wanted: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers to plot: columns of one length, by name."""

    name: str
    columns: Mapping[str, list[Any]]


Found: TypeAlias = Row | Series


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of a part found."""

    part: str
    command: str
    seed: int
    commit: str
    date: str
    machine: dict[str, Any]
    versions: dict[str, str]
    rows: tuple[Row, ...] = field(default=())
    series: tuple[Series, ...] = field(default=())

    def row(self, what: str) -> Row:
        """Give the line that begins so; raises KeyError when there is none."""
        for row in self.rows:
            if row.what.startswith(what):
                return row
        raise KeyError(f"{self.part}: {what}")


def keep(part: str, command: str, found: Iterable[Found], *, date: str, seed: int = 0, folder: Path = FOLDER) -> None:
    """Write what a part found into its file, in place of what an earlier run did."""
    found = list(found)
    result = Result(
        part=part,
        command=command,
        seed=seed,
        commit=commit(),
        date=date,
        machine=machine(),
        versions=versions(),
        rows=tuple(each for each in found if isinstance(each, Row)),
        series=tuple(each for each in found if isinstance(each, Series)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(result), indent=1, ensure_ascii=False)
    (folder / f"{part}.json").write_text(text + "\n", encoding="utf-8")


def kept(part: str, folder: Path = FOLDER) -> Result | None:
    """Read what a part found last; None when it never ran."""
    path = folder / f"{part}.json"
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = tuple(Row(**row) for row in content.pop("rows"))
    series = tuple(Series(**each) for each in content.pop("series"))
    return Result(**content, rows=rows, series=series)


def commit() -> str:
    """Name the commit that is measured, and say when code was changed: what is kept lies among the documents."""
    found = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=False)
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", ":!docs", ":!README.md"], check=False)
    return (found.stdout.strip() or "unknown") + ("-dirty" if changed.returncode == 1 else "")


def machine() -> dict[str, Any]:
    """Say what was measured on, but not whose it is."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "threads": os.environ.get("OMP_NUM_THREADS", "as many as cores"),
    }


def versions() -> dict[str, str]:
    """Name the releases that figures depend on."""
    return {name: version(name) for name in _NAMED}
