"""The pages say what was measured: nobody edits a figure by hand, and none is left behind."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bench import plots, report
from tests.bench.results import FOLDER, Found, Row, Series, commit, keep, kept


def test_the_page_is_what_was_kept() -> None:
    """docs/benchmarks.md is written from docs/benchmarks/*.json, and from nothing else."""
    assert report.PAGE.read_text(encoding="utf-8") == report.page()


def test_the_front_page_says_the_same() -> None:
    """The short table of docs/index.md comes from the same files, and is there once."""
    front = report.FRONT.read_text(encoding="utf-8")
    assert front.count("<!-- measured") == front.count("<!-- end of measured") == 1
    assert front == report.with_short_table(front)


def test_a_figure_that_was_edited_is_seen() -> None:
    """A front page with another figure is not what would be written."""
    front = report.FRONT.read_text(encoding="utf-8")
    table = front.partition("<!-- measured")[2].partition("<!-- end")[0]
    figure = re.search(r"\d\.\d+", table)
    assert figure is not None
    edited = front.replace(table, table.replace(figure[0], "0.999999", 1))
    assert edited != front == report.with_short_table(edited)


def test_every_plot_of_the_page_is_there() -> None:
    """What the page shows lies beside it, and no picture lies there that it does not show."""
    shown = set(re.findall(r"\]\(benchmarks/(\w+\.png)\)", report.PAGE.read_text(encoding="utf-8")))
    assert shown == {path.name for path in FOLDER.glob("*.png")}


@pytest.mark.parametrize("part", sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "peers"))
def test_what_was_kept_says_where_it_comes_from(part: str) -> None:
    """Every part names its command, commit, day and machine, and no folder of whoever measured it."""
    found = kept(part)
    assert found is not None
    assert found.part == part
    assert found.command.startswith(f"python -m tests.bench {part}")
    assert re.fullmatch(r"[0-9a-f]{7,}(-dirty)?|v.+", found.commit)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found.date)
    assert {"processor", "cores", "python"} <= found.machine.keys()
    assert found.rows
    text = (FOLDER / f"{part}.json").read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:work|root|home|tmp)/", text)


def test_a_commit_is_changed_when_code_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of one part does not make the next part's commit another."""
    monkeypatch.chdir(tmp_path)
    for name in ("code.py", "README.md", "docs/page.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before\n", encoding="utf-8")
    as_somebody = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "."), (*as_somebody, "commit", "-qm", "Begin")):
        subprocess.run(["git", *command], check=True)
    for name in ("README.md", "docs/page.md"):
        (tmp_path / name).write_text("after\n", encoding="utf-8")
    before = commit()
    (tmp_path / "code.py").write_text("after\n", encoding="utf-8")
    assert re.fullmatch(r"[0-9a-f]{7,}", before)
    assert commit() == f"{before}-dirty"


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    """Rows and series survive the file, and a later run takes the place of an earlier one."""
    keep("speed", "python -m tests.bench speed", [Row("old", "1")], date="2026-01-01", folder=tmp_path)
    row, series = Row("ask", "1.2", "<= 1.3", met=True), Series("throughput", {"askers": [1, 2], "torch": [1.0, 1.9]})
    keep("speed", "python -m tests.bench speed", [row, series], date="2026-01-02", seed=3, folder=tmp_path)
    found = kept("speed", tmp_path)
    assert found is not None
    assert (found.rows, found.series, found.seed, found.date) == ((row,), (series,), 3, "2026-01-02")
    assert found.row("as") == row
    with pytest.raises(KeyError, match="speed: old"):
        found.row("old")
    assert kept("soak", tmp_path) is None


def test_a_part_that_was_not_measured_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any result both pages can still be written: one names the commands, the other leaves the lines out."""
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    page = report.page()
    assert "`python -m tests.bench quality --keep`: not measured yet." in page
    assert "Not measured yet." in page
    empty = report.with_short_table(f"{report.BEGIN}{report.END}")
    assert empty == f"{report.BEGIN}| | measured |\n|---|---|\n{report.END}"


def test_what_misses_its_mark_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is not met stands out in the table, and texts cannot break out of their cells."""
    rows = [Row("a | b", "3 <5>", ">= 4", met=False), Row("  of which", "2"), Row("good", "9", ">= 4", met=True)]
    keep("quality", "python -m tests.bench quality", rows, date="2026-01-01", folder=tmp_path)
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    monkeypatch.setattr(report, "kept", lambda part: kept(part, tmp_path))
    page = report.page()
    assert "| a \\| b | 3 &lt;5> | >= 4 | **not met** |" in page
    assert "| &nbsp;&nbsp;of which | 2 |  |  |" in page
    assert "| good | 9 | >= 4 | met |" in page


def test_plots_are_pictures(tmp_path: Path) -> None:
    """A series with a drawing becomes a PNG of its name; others become none."""
    columns: dict[str, list[Any]] = {"askers": [1, 2, 4], "torch": [1.0, 1.8, 2.5], "OpenVINO": [2.2, 3.0, 3.9]}
    found: list[Found] = [Row("x", "1"), Series("throughput", columns), Series("unknown", columns)]
    keep("speed", "python -m tests.bench speed", found, date="2026-01-01", folder=tmp_path)
    result = kept("speed", tmp_path)
    assert result is not None
    plots.draw("speed", result, tmp_path)
    assert [path.name for path in tmp_path.glob("*.png")] == ["throughput.png"]
    assert (tmp_path / "throughput.png").read_bytes().startswith(b"\x89PNG")
