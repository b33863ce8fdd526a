"""The command line as a person uses it, with the fake model; test modules import the fixtures they need."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bot.libraries.opening
from bot.cli import main
from tests.index.fakes import CLAY, SEA, FakeEncoder


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.out.split("\n")[:-1]]

    @property
    def refusal(self) -> str:
        """The one line with which a command was refused."""
        assert self.code == 1
        assert self.out == ""
        (line,) = self.err.splitlines()
        return line


Tutor = Callable[..., Done]


@pytest.fixture
def tutor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Tutor:
    """Run `tutor --data DATA ...` with the fake model, in an empty environment and folder, with `stdin` as input."""
    for name in list(os.environ):
        if name.startswith("TUTOR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bot.libraries.opening, "load_encoder", lambda settings, *_: FakeEncoder())
    levels = {handler: handler.level for handler in logging.getLogger().handlers}

    def run(*arguments: object, data: Path | None = tmp_path / "data", stdin: bytes = b"") -> Done:
        words = ["tutor", *(["--data", data] if data is not None else []), *arguments]
        monkeypatch.setattr(sys, "argv", [str(word) for word in words])
        capfdbinary.readouterr()
        code = 0
        with (
            open(1, "w", encoding="ascii", closefd=False) as stdout,
            open(2, "w", encoding="ascii", closefd=False) as stderr,
            monkeypatch.context() as streams,
        ):
            streams.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii"))
            streams.setattr(sys, "stdout", stdout)
            streams.setattr(sys, "stderr", stderr)
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        for handler, level in levels.items():
            handler.setLevel(level)
        captured = capfdbinary.readouterr()
        return Done(code, captured.out.decode(), captured.err.decode())

    return run


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "clay.txt").write_text(CLAY, encoding="utf-8")
    (folder / "sea.md").write_text(SEA, encoding="utf-8")
    return folder


@pytest.fixture
def trades(tmp_path: Path) -> Path:
    """A document with sentences that are long enough for an overview, below headings."""
    parts = [
        f"# {name}\n\nThe {name.lower()} keep {what} for the whole winter in jars of clay. They trade it."
        for name, what in (("Potters", "glaze"), ("Sailors", "salt"), ("Smiths", "iron"))
    ]
    file = tmp_path / "trades.md"
    file.write_text("\n\n".join(parts), encoding="utf-8")
    return file


@pytest.fixture
def built(tutor: Tutor, documents: Path) -> Tutor:
    """The same, with a library of two documents."""
    assert tutor("index", "build", documents).code == 0
    return tutor
