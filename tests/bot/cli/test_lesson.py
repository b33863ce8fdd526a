"""`tutor lesson check` with the fake model: what it prints and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.cli import _lesson, main
from bot.libraries.opening import Library
from tests.index.fakes import CLAY, FakeEncoder, library


def test_faults_and_figures_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault is a line with file, id and reason; minutes and the main points that are not taught follow; exit 1."""
    opened = Library(library(tmp_path / "data", CLAY), FakeEncoder())
    monkeypatch.setattr(_lesson, "open_announced", lambda settings: opened)
    sentence = opened.generation.sentence(0).text
    points = [
        {"id": "known", "quote": sentence, "items": ["logic-likeness"]},
        {"id": "invented", "quote": "It never said this.", "items": ["nothing"], "colour": "red"},
        {"id": "unborne", "quote": "It never said this.", "items": ["nothing"]},
    ]
    chapters = [{"id": "one", "title": "One", "points": points}]
    file = tmp_path / "mine.yaml"
    row = {"id": "mine", "title": "Mine", "explain": "logic-free-key", "chapters": chapters}
    file.write_text(yaml.safe_dump(row), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["tutor", "lesson", "check", str(file), str(tmp_path / "missing.yaml")])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    lines = said.out.splitlines()
    assert lines[:4] == [
        "mine.yaml: invented: colour: Extra inputs are not permitted",
        "missing.yaml: the whole file: cannot be read: No such file or directory",
        "mine.yaml: unborne: not in the library, word for word: 'It never said this.'",
        "mine.yaml: unborne: the bank has no item 'nothing'",
    ]
    assert lines[4].startswith("mine: 1 chapters, 2 points, 0.")
    assert any(line.startswith("not taught: ") for line in lines[6:])
    assert lines[-1].startswith("Not every lesson passes.")
