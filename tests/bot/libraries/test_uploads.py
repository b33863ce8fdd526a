"""The names under which uploads are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.libraries.uploads import file_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.md", "a.md"),
        (".htaccess", "htaccess"),
        ("a\x00b\nc.txt", "abc.txt"),
        ("", "document.txt"),
        ("..", "document.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_of_uploads_lead_nowhere(given: str, kept: str) -> None:
    """An upload is a file in its own folder, whatever it is called."""
    assert file_name(given) == kept


@pytest.mark.parametrize("letter", ["a", "é", "本", "𝔸", "👩‍👩‍👧", "e\u0301"])
@pytest.mark.parametrize("suffix", [".txt", ".PDF", ".本本本", "", ".notasuffixatall"])
def test_a_long_name_is_cut_by_bytes(tmp_path: Path, letter: str, suffix: str) -> None:
    """Whatever its letters take, a name fits every file system, is whole code points, and keeps its suffix."""
    for count in range(40, 260, 7):
        given = letter * count + suffix
        kept = file_name(given)
        assert len(kept.encode()) <= 200
        if len(given.encode()) <= 200:
            assert kept == given
        elif len(suffix) <= 11:
            assert kept.endswith(suffix)
            assert given.startswith(kept.removesuffix(suffix))
            assert len(kept.encode()) > 190
        (tmp_path / kept).write_text("x", encoding="utf-8")


def test_a_name_with_half_a_character_can_be_kept(tmp_path: Path) -> None:
    """JSON may hold lone surrogates, which are in no file's name."""
    (tmp_path / file_name("half \ud83d.txt")).write_text("x", encoding="utf-8")
    assert os.listdir(tmp_path) == ["half ?.txt"]
