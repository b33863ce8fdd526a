"""What is said to have changed is what has changed, to the passage."""

from __future__ import annotations

from pathlib import Path

from index.generations.diff import Changes, compare
from index.generations.texts import Texts, read_texts
from tests.index.fakes import CLAY, SEA, build_texts


def texts(data: Path, *sources: str) -> Texts:
    return read_texts(data, build_texts(data, *sources).generation)


def test_the_first_library_is_all_new(data: Path) -> None:
    """Before the first generation there was nothing."""
    assert compare(None, texts(data, CLAY, SEA)) == Changes(("a.txt", "b.txt"), passages_added=5)


def test_the_same_library_has_not_changed(data: Path) -> None:
    """Nothing is reported where nothing is different."""
    library = texts(data, CLAY, SEA)
    assert compare(library, library).nothing


def test_one_paragraph_turned_into_another(data: Path) -> None:
    """A passage with other words in its place has changed; one between others is added; one taken away is removed."""
    before = texts(data, CLAY, SEA)
    changed = compare(before, texts(data, CLAY.replace("Iron is patient", "Steel is patient"), SEA))
    assert changed == Changes(documents_changed=("a.txt",), passages_changed=1)
    first, *rest = CLAY.split("\n\n")
    longer = "\n\n".join([first, "Wood floats because it is full of air.", *rest])
    assert compare(before, texts(data, longer, SEA)) == Changes(documents_changed=("a.txt",), passages_added=1)
    shorter = "\n\n".join([first, *rest[1:]])
    assert compare(before, texts(data, shorter, SEA)) == Changes(documents_changed=("a.txt",), passages_removed=1)


def test_a_document_that_went(data: Path) -> None:
    """All its passages went with it."""
    gone = compare(texts(data, CLAY, SEA), texts(data, CLAY))
    assert gone == Changes(documents_removed=("b.txt",), passages_removed=2)
