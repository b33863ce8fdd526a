"""An overview quotes the main points of a scope, word for word and in reading order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.answering.cues import claim, dependence
from index.answering.overview import FEWEST, MOST, main_sentences, overview
from index.answering.scope import Scope
from index.generations.build import build
from index.generations.generation import Generation, load
from index.text.noise import Aliases
from tests.index.fakes import CLAY, SEA, FakeEncoder, document, library


def whole(generation: Generation) -> list[str]:
    return [generation.sentence(number).text for number in overview(generation, Scope(generation.sections))]


def test_the_essay(essay_generation: Generation) -> None:
    """Three to seven different sentences, as the source has them and in its order, from all four sections."""
    numbers = overview(essay_generation, Scope(essay_generation.sections))
    assert FEWEST <= len(numbers) <= MOST
    assert numbers == sorted(set(numbers))
    found = [essay_generation.sentence(number) for number in numbers]
    assert all(each.text == each.document.text[each.start : each.end] for each in found)
    assert len({each.text for each in found}) == len(found)
    assert len({each.heading for each in found}) == 4


def test_the_essays_axes(essay_generation: Generation) -> None:
    """The essay's thesis on each of its three axes is among its main sentences."""
    said = " ".join(whole(essay_generation))
    assert "development logic of the meta-universe and the Internet is completely different" in said
    assert "the industrial form of the meta-universe" in said
    assert "should be blockchain technology" in said


def test_a_section_of_the_essay(essay_generation: Generation) -> None:
    """The overview of a section quotes that section alone."""
    for section in essay_generation.sections:
        numbers = overview(essay_generation, Scope((section,), section.heading))
        assert FEWEST <= len(numbers) <= MOST
        assert {essay_generation.sentence(number).heading for number in numbers} == {section.heading}


def test_one_document_of_several_quotes_only_itself(small: Generation) -> None:
    """Sections of one document give sentences of this document."""
    own = [section for section in small.sections if section.document == "b.txt"]
    numbers = main_sentences(small, own)
    assert numbers
    assert {small.sentence(number).document.id for number in numbers} == {"b.txt"}


def test_each_of_a_few_documents_is_quoted_once(small: Generation) -> None:
    """A library of fewer documents than quotes has one sentence of each."""
    numbers = overview(small, Scope(small.sections))
    assert [small.sentence(number).document.id for number in numbers] == ["a.txt", "b.txt"]


def test_the_same_sentence_is_not_quoted_twice(data: Path) -> None:
    """A sentence that returns in several sections is quoted once."""
    repeated = "A careful captain always watches the turning tide in the harbour."
    others = [
        "Salt keeps meat fresh for many weeks at sea.",
        "Barrels of fresh water spoil within six long weeks.",
        "Pilots know every sandbank near the old lighthouse.",
    ]
    parts = [f"Part {number}\n\n{repeated} {other}" for number, other in enumerate(others)]
    said = whole(library(data, "\n\n".join(parts)))
    assert said.count(repeated) == 1
    assert len(said) == len(set(said)) >= FEWEST


def test_an_empty_scope_has_no_overview(small: Generation) -> None:
    """Without sections there is nothing to quote."""
    assert overview(small, Scope(())) == []


@pytest.mark.parametrize("text", ["The tide turns twice a day in this harbour.", "Tides turn.", "the tide turns daily"])
def test_one_sentence_is_its_own_overview(data: Path, text: str) -> None:
    """A library of one sentence is quoted whole, also when the sentence is short or has no full stop."""
    assert whole(library(data, text)) == [text]


def test_a_table_has_no_overview(data: Path) -> None:
    """Rows of numbers are never quoted as main points."""
    assert whole(library(data, "12 13.5 18 19.1\n\n27.4% 13 99\n\nrow_one_pct row_two_pct 1_2 3_4")) == []


def test_labels_among_figures_are_not_quoted(data: Path) -> None:
    """Where most of a document is figures, the words between them are labels of a chart."""
    figures = [f"Less than {n} {n}-100 101-1000 1001-10,000 more than {n},000 0%" for n in range(10, 16)]
    assert whole(library(data, "\n\n".join(["month quarter year never", *figures]))) == []


def test_without_headings(data: Path) -> None:
    """A document without headings is one section, and still gives several quotes."""
    text = "\n\n".join(part.partition("\n\n")[2] for part in (CLAY, SEA))
    numbers = overview(generation := library(data, text), Scope(generation.sections))
    assert FEWEST <= len(numbers) <= MOST
    assert numbers == sorted(set(numbers))


def test_two_hundred_documents_with_one_title(data: Path) -> None:
    """Of many documents of one title the overview quotes seven different ones."""
    sources = [
        replace(document(f"Harbour {n} keeps {n + 3} ships in winter.\n\nIts tide turns {n} times.", f"{n:03}.txt"))
        for n in range(200)
    ]
    sources = [replace(source, title="Notes") for source in sources]
    report = build(sources, data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00")
    generation = load(data, report.generation)
    documents = [generation.sentence(n).document.id for n in overview(generation, Scope(generation.sections))]
    assert len(set(documents)) == len(documents) == MOST


def test_many_sections_leave_the_quotes_at_seven(data: Path) -> None:
    """More sections than quotes do not lengthen the overview, and its time does not grow with their sentences."""
    parts = [
        f"Harbour {n}\n\nHarbour {n} keeps {n} ships. Sailors of harbour {n} mend nets in winter." for n in range(60)
    ]
    numbers = overview(generation := library(data, "\n\n".join(parts)), Scope(generation.sections))
    assert FEWEST <= len(numbers) <= MOST


def test_back_matter_is_left_out(data: Path) -> None:
    """A list of contributors is not a main point while there is text."""
    text = "\n\n".join(
        [
            "Tides",
            "The tide turns twice a day in every harbour. The moon pulls the water of the sea. A captain must know it.",
            "Contributors",
            "The tide tables were printed by the harbour office. The harbour office also drew the maps of the tide.",
        ]
    )
    generation = library(data, text)
    numbers = overview(generation, Scope(generation.sections))
    assert {generation.sentence(number).heading for number in numbers} == {"Tides"}


@pytest.mark.parametrize(
    "text",
    [
        "However, the tide turns twice a day.",
        "This is why the tide turns.",
        "If that does not work, the captain waits.",
        "We cannot, therefore, sail against the tide.",
        "The harbour office knows such questions well.",
        "Click the button to save the tide table.",
        "Next, open the tide table of the harbour.",
        "If you are late, go to the harbour office.",
        "Please note that the tide turns twice.",
        "You may mark the table as read.",
        "Jane: the tide turned before noon.",
        "“The tide has turned,” said the captain.",
        "Superficially, both tides look the same.",
        "You earn 4 hours and there are 14 days left.",
        "Sometimes, sailors forget the tide.",
        "The reason is very simple indeed.",
        "For example, salt keeps meat for months.",
        "The **tide** turns twice a day.",
        "When the storm came, he left the harbour.",
    ],
)
def test_sentences_that_do_not_read_alone(text: str) -> None:
    """Words that need other sentences, steps for the reader, speech and markup count against a sentence."""
    assert dependence(text) <= -0.3


@pytest.mark.parametrize(
    "text",
    [
        "The tide turns twice a day in every harbour.",
        "This document explains how tides are measured.",
        "There are two tides a day in every harbour.",
        "Let's Encrypt issues certificates to everybody.",
        "When Jane came, she left the harbour to him.",
        "An “ebb” is the fall of the water after high tide.",
    ],
)
def test_sentences_that_read_alone(text: str) -> None:
    """A plain statement costs nothing."""
    assert dependence(text) == 0


def test_claims_are_rewarded() -> None:
    """A sentence that claims or defines something counts more than one that does not."""
    assert claim("The tide is the rise and fall of the sea.") > claim("The tide rose in May.") == 0
    assert claim("A captain must always watch the tide.") > 0
