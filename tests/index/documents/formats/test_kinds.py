"""The table of formats is complete, and each format is read in the same way."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from index.documents.formats import kinds
from index.documents.formats.kinds import DOCUMENTS, READABLE, Kind, kind_of, why_not_read

FORMATS = Path(kinds.__file__).parent


def test_a_name_tells_one_format() -> None:
    """No two formats share a suffix or a magic, and none that is read is refused by its name."""
    suffixes = Counter(suffix for kind in Kind for suffix in kind.row.suffixes)
    assert max(suffixes.values()) == max(Counter(magic for kind in Kind for magic in kind.row.magic).values()) == 1
    assert [suffix for suffix in suffixes if why_not_read(suffix) or suffix != suffix.lower()] == []
    assert [kind for kind in (*DOCUMENTS, Kind.PACKAGE) if kind.suffix not in READABLE] == []


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_row_is_complete(kind: Kind) -> None:
    """Each format that is read has a reader, a label and a description; its samples are recognised as of the format."""
    assert (FORMATS / f"{kind.row.reader}.py").exists()
    assert kind.row.label
    assert kind.row.contents
    for data in kind.reader().samples():
        assert kind_of(data, kind.suffix) is (Kind.PACKAGE if kind.row.folder else kind)


def test_a_reader_is_imported_when_it_is_needed() -> None:
    """Neither the table nor the child process imports a parser before it knows the kind of its files."""
    program = "import sys, index.documents.document, index.documents.sandbox_child; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=FORMATS.parents[2], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert {f"index.documents.formats.{kind.row.reader}" for kind in DOCUMENTS} & loaded == set()
    assert {"pypdfium2", "docx", "lxml", "trafilatura", "markdown_it"} & loaded == set()
