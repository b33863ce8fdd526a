"""A topic names the whole library, a document or a section, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.answering.scope import scope_of, section_at
from index.generations.build import build
from index.generations.generation import Generation, load
from index.text.noise import Aliases
from tests.index.fakes import FakeEncoder, document, library

RIVERS = """Where rivers begin

Springs feed a river all year. Snow feeds it only until the summer.

How floods form

Rain that falls on frozen ground runs off at once. The river then rises within hours.

The technology of dams

A dam holds the flood back in spring. Its gates are opened again in the dry months."""
POTS = "Kilns\n\nA kiln burns pine for nine days. Pine burns evenly.\n\nGlazes\n\nAsh makes a green glaze."


@pytest.fixture
def rivers(data: Path) -> Generation:
    return library(data, RIVERS)


@pytest.fixture
def two(data: Path) -> Generation:
    """Two documents with titles and file names that say different things."""
    sources = [
        replace(document(RIVERS, "notes/spring-water.md"), title="A Book of Rivers"),
        replace(document(POTS, "notes/clay_and_fire.md"), title="The Potter's Handbook"),
    ]
    report = build(sources, data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00")
    return load(data, report.generation)


@pytest.mark.parametrize("topic", [None, "", "  ", "the essay", "this document", "everything", "the whole text", "it"])
def test_the_library_itself(rivers: Generation, topic: str | None) -> None:
    """No topic, and words for the library, name all of it."""
    scope = scope_of(rivers, topic)
    assert scope is not None
    assert (scope.sections, scope.name) == (rivers.sections, None)


@pytest.mark.parametrize(
    ("topic", "place"),
    [
        ("part 2", 1),
        ("section 2", 1),
        ("the second section", 1),
        ("Section number 3", 2),
        ("chapter no. 1", 0),
        ("the 3rd part", 2),
        ("the last section", 2),
        ("the final part", 2),
        ("part two", 1),
        ("the second part of the essay", 1),
    ],
)
def test_sections_by_number(rivers: Generation, topic: str, place: int) -> None:
    """A section is found by its number, and by being the last."""
    scope = scope_of(rivers, topic)
    assert scope is not None
    assert scope.sections == (rivers.sections[place],)
    assert scope.name == rivers.sections[place].heading


@pytest.mark.parametrize("topic", ["part 4", "part 0", "the tenth section", "section 999"])
def test_a_number_that_no_section_has(rivers: Generation, topic: str) -> None:
    """A number beyond the last section names nothing."""
    assert scope_of(rivers, topic) is None


@pytest.mark.parametrize(
    ("topic", "heading"),
    [
        ("floods", "How floods form"),
        ("dam technology", "The technology of dams"),
        ("Where rivers begin", "Where rivers begin"),
        ("the part about technology", "The technology of dams"),
        ("TECHNOLOGY", "The technology of dams"),
    ],
)
def test_sections_by_heading(rivers: Generation, topic: str, heading: str) -> None:
    """A section is found by words of its heading, in any case and inflection."""
    scope = scope_of(rivers, topic)
    assert scope is not None
    assert scope.name == heading


@pytest.mark.parametrize("topic", ["volcanoes", "the price of gold", "🙂 ???", "x" * 5000])
def test_nothing_is_named(rivers: Generation, topic: str) -> None:
    """A topic that no title and no heading names gives None, except one without any word."""
    scope = scope_of(rivers, topic)
    assert scope is None or not any(c.isalnum() for c in topic)


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("the book of rivers", "A Book of Rivers"),
        ("spring-water.md", "A Book of Rivers"),
        ("spring water", "A Book of Rivers"),
        ("potter's handbook", "The Potter's Handbook"),
        ("clay_and_fire", "The Potter's Handbook"),
    ],
)
def test_documents_by_title_and_file_name(two: Generation, topic: str, title: str) -> None:
    """A document is found by its title and by the name of its file."""
    scope = scope_of(two, topic)
    assert scope is not None
    assert scope.name == title
    assert len({section.document for section in scope.sections}) == 1


def test_numbers_need_one_document(two: Generation) -> None:
    """Of several documents "part 2" names no section."""
    assert scope_of(two, "part 2") is None


def test_every_section_of_a_document_is_found_by_its_offsets(two: Generation) -> None:
    """Each sentence lies in the section of its passage."""
    for section in two.sections:
        for passage in two.passages[section.first : section.end]:
            for sentence in passage.sentences:
                assert section_at(two, passage.document, sentence.start) == section
    assert section_at(two, "notes/spring-water.md", 10**6) is None
    assert section_at(two, "absent.md", 0) is None
