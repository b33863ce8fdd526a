"""`tutor check`: a file or a pipe, for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.terminal import Tutor, built, documents, tutor  # noqa: F401 - fixtures

TEXT = "It says “Clay never remembers the hand”, and: “Glass forgets the fire”. Then “blue whales sing at night”."


def test_a_file_is_checked(built: Tutor, tmp_path: Path) -> None:
    """Each quotation with its verdict, the diff as wdiff has it, and its place with what stands around it."""
    (tmp_path / "essay.txt").write_text(TEXT, encoding="utf-8")
    done = built("check", tmp_path / "essay.txt")
    assert done.code == 0
    assert done.out.startswith("1 of 3 quotes exact (1 altered, 1 not in the library, 1 exact)\n")
    assert "ALTERED: a negation\n“Clay never remembers the hand”\n  Clay {+never+} remembers the hand\n" in done.out
    assert "exact\n“Glass forgets the fire”\n" in done.out
    assert "shaped it. [Glass forgets the fire] at once." in done.out
    assert "NOT IN THE LIBRARY\n“blue whales sing at night”" in done.out


def test_json_from_a_pipe(built: Tutor, tmp_path: Path) -> None:
    """Places are offsets into the text that was given and into the document."""
    done = built("check", "-", "--json", stdin=TEXT.encode())
    report = json.loads(done.out)
    altered, exact, missing = report["quotations"]
    assert [each["verdict"] for each in report["quotations"]] == ["altered", "exact", "not_in_library"]
    assert TEXT[altered["start"] : altered["end"]] == altered["text"] == "Clay never remembers the hand"
    assert altered["changes"] == ["negation"]
    assert [(each["part"], each["text"]) for each in altered["diff"]] == [
        ("same", "Clay"),
        ("added", " never"),
        ("same", " remembers the hand"),
    ]
    [piece] = exact["pieces"]
    source = (tmp_path / "documents" / piece["document"]).read_text(encoding="utf-8")
    assert source[piece["start"] : piece["end"]] == piece["text"] == "Glass forgets the fire"
    assert missing["pieces"] == []
    assert report["cut_at"] is None


def test_a_long_text_is_cut(built: Tutor) -> None:
    """What is not read is said."""
    done = built("check", "-", stdin=("“Glass forgets the fire” " + "so it goes " * 10_000).encode())
    assert "The text is long: its first 20,000 characters were checked." in done.out


@pytest.mark.parametrize("text", [b"", b'""""', "“ ”…".encode()])
def test_nothing_to_check(built: Tutor, text: bytes) -> None:
    """A text without words is refused with one line."""
    assert "There are no words in that text" in built("check", "-", stdin=text).refusal


def test_a_missing_file_is_refused(built: Tutor, tmp_path: Path) -> None:
    """The sentence says what to do."""
    assert "Name a file that exists" in built("check", tmp_path / "no.txt").refusal


def test_without_a_library_the_default_one_is_built(tutor: Tutor) -> None:
    """As with every command that reads the library."""
    done = tutor("check", "-", stdin="“the metaverse is a banana of some kind”".encode())
    assert done.code == 0
    assert "There is no index yet; building the default one." in done.err
