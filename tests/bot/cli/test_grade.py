"""`tutor grade --batch` grades line by line, and one bad line never costs the others."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import bot.libraries.opening
from bot.cli import main

if TYPE_CHECKING:
    from index.models.encoder import SentenceTransformerEncoder

Grade = Callable[[str], list[dict[str, Any]]]
REFERENCE = "Clay remembers the hand that shaped it. Glass forgets the fire at once."
GOOD = {"id": "a", "question": "How do clay and glass differ?", "reference": REFERENCE, "answer": REFERENCE}

pytestmark = pytest.mark.model


@pytest.fixture
def grade(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    real_encoder: SentenceTransformerEncoder,
) -> Grade:
    """Write the lines to a file, grade it with the real model and read back what was printed."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: real_encoder)
    monkeypatch.setattr(logging, "basicConfig", lambda **settings: None)

    def run(text: str) -> list[dict[str, Any]]:
        file = tmp_path / "in.jsonl"
        file.write_bytes(text.encode())
        monkeypatch.setattr(sys, "argv", ["tutor", "--data", str(tmp_path / "data"), "grade", "--batch", str(file)])
        with contextlib.suppress(SystemExit):  # click ends even a command that succeeded so
            main()
        return [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]

    return run


def lines(*rows: object) -> str:
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)


def test_each_line_is_graded_in_order(grade: Grade, tmp_path: Path) -> None:
    """Id, score and verdict and nothing else; no library is built for it."""
    wrong = {**GOOD, "id": 7, "answer": "Trains leave at noon."}
    nothing = {**GOOD, "id": None, "answer": ""}
    found = grade(lines(GOOD, wrong, nothing))
    assert [list(row) for row in found] == [["id", "score", "verdict"]] * 3
    assert [row["id"] for row in found] == ["a", 7, None]
    assert found[0] == {"id": "a", "score": 1.0, "verdict": "correct"}
    assert found[1]["score"] < 0.5
    assert found[1]["verdict"] == "incorrect"
    assert found[2] == {"id": None, "score": 0.0, "verdict": "incorrect"}
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "bad",
    [
        "not json\n",
        "[1, 2]\n",
        "null\n",
        "[" * 5000 + "\n",
        {"id": "b", "question": "Why?", "reference": REFERENCE},
        {**GOOD, "answer": 3},
        {**GOOD, "question": None},
        {**GOOD, "reference": ["Clay"]},
        {**GOOD, "reference": " ... "},
    ],
)
def test_a_bad_line_gets_an_error_and_the_rest_go_on(grade: Grade, bad: object) -> None:
    """What cannot be graded says so in its place."""
    first, second, third = grade(lines(GOOD, bad, GOOD))
    assert first == third
    assert first["verdict"] == "correct"
    assert list(second) == ["id", "error"]
    assert second["id"] == (bad["id"] if isinstance(bad, dict) else None)
    assert second["error"]


def test_half_a_sign_is_graded_like_any_other(grade: Grade) -> None:
    """JSON can name half of a surrogate pair, which no model can read; it costs neither its line nor the others."""
    halves = [{**GOOD, name: f"{GOOD[name]} \ud83d"} for name in ("question", "reference", "answer")]
    assert [row["verdict"] for row in grade(lines(*halves, GOOD))] == ["correct"] * 4


def test_many_lines_and_one_agree(grade: Grade) -> None:
    """A file longer than what is graded at once is graded like its lines by themselves."""
    rows = [{**GOOD, "id": n, "answer": f"Clay remembers {n} hands." if n % 2 else "Glass."} for n in range(70)]
    together = grade(lines(*rows))
    assert [row["id"] for row in together] == list(range(70))
    for number in (0, 33, 69):
        (alone,) = grade(lines(rows[number]))
        assert alone["score"] == pytest.approx(together[number]["score"], abs=1e-4)


def test_empty_lines_a_mark_and_line_separators_are_no_fault(grade: Grade) -> None:
    """A byte order mark, blank lines and a line separator inside a text are all read."""
    row = json.dumps({**GOOD, "answer": f"{REFERENCE}\u2028"}, ensure_ascii=False)
    assert [found["verdict"] for found in grade(f"\ufeff\n{row}\r\n\n")] == ["correct"]


def test_a_file_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, before any model is loaded."""
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: pytest.fail("loaded the model"))
    monkeypatch.setattr(logging, "basicConfig", lambda **settings: None)
    monkeypatch.setattr(sys, "argv", ["tutor", "grade", "--batch", str(tmp_path / "absent.jsonl")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
