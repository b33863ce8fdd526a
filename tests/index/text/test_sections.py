"""Sections cover the passages of a library in order, without gaps."""

from __future__ import annotations

from pathlib import Path

from index.generations.generation import Generation
from index.text.passages import Passage
from index.text.sections import Section, sections_of
from tests.index.fakes import CLAY, SEA, library

PARTS = """The opening

Rivers carry sand down to the sea. The sand builds a delta at the mouth.

The floods

Spring floods cover the fields with mud. Farmers wait until the mud has dried.

The opening

Old maps show another mouth of the river. It was closed by a storm."""


def test_sections_cover_every_passage_once(small: Generation) -> None:
    """Each section ends where the next begins, and none mixes documents or headings."""
    sections = sections_of(small.passages)
    assert [section.first for section in sections] == [0, *(section.end for section in sections[:-1])]
    assert sections[-1].end == len(small.passages)
    for section in sections:
        keys = {(p.document, p.heading) for p in small.passages[section.first : section.end]}
        assert keys == {(section.document, section.heading)}


def test_a_heading_that_returns_opens_a_section_again(data: Path) -> None:
    """Two sections with one heading stay two when another lies between them."""
    assert [section.heading for section in library(data, PARTS).sections] == [
        "The opening",
        "The floods",
        "The opening",
    ]


def test_documents_without_headings_are_one_section_each(data: Path) -> None:
    """A document never shares a section with the next one, also when neither has a heading."""
    sections = library(data, CLAY.partition("\n\n")[2], SEA.partition("\n\n")[2]).sections
    assert [(section.document, section.heading) for section in sections] == [("a.txt", ""), ("b.txt", "")]


def test_no_passages_no_sections() -> None:
    """An empty library has no sections."""
    assert sections_of(()) == ()


def test_one_passage() -> None:
    """A library of one passage has one section."""
    assert sections_of([Passage("a.txt", 1, 0, 4, "", ())]) == (Section("a.txt", "", 0, 1),)
