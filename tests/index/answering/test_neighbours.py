"""What stands around a quote: the next sentences, and those that explain it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.answering.neighbours import explaining, following, next_point, sentence_at, sentence_holding
from index.generations.generation import Generation
from tests.index.fakes import CLAY, SEA, library

DAMS = """Why dams break

The oldest dam of the valley was closed last autumn. Two other dams stand further up. A dam breaks slowly at first. The
lake was full in May. It breaks because water washes the clay out of its core. For example, the dam of Orval lost its
core in a week. Why was it not closed? Visitors came every Sunday. Visitors like the lake.

How dams are mended

New clay is rammed in because it swells. Masons close the wall."""


@pytest.fixture
def dams(data: Path) -> Generation:
    return library(data, DAMS, SEA)


def texts(generation: Generation, numbers: list[int]) -> list[str]:
    return [" ".join(generation.sentence(number).text.split()) for number in numbers]


def number_of(generation: Generation, start: str) -> int:
    return next(n for n in range(len(generation.sentences)) if generation.sentence(n).text.startswith(start))


def test_every_sentence_is_found_where_it_begins(dams: Generation) -> None:
    """A sentence is found by its document and first offset; an offset inside a sentence finds none."""
    for number in range(len(dams.sentences)):
        sentence = dams.sentence(number)
        assert sentence_at(dams, sentence.document.id, sentence.start) == number
        assert sentence_at(dams, sentence.document.id, sentence.start + 1) is None
    assert sentence_at(dams, "absent.txt", 0) is None
    assert sentence_at(dams, "a.txt", 10**6) is None


def test_what_follows_is_new_and_in_order(dams: Generation) -> None:
    """The next sentences are those not shown yet, without questions, in reading order."""
    last = number_of(dams, "For example")
    found = following(dams, last, {number_of(dams, "Visitors came")}, 2)
    assert texts(dams, found) == ["Visitors like the lake.", "New clay is rammed in because it swells."]


def test_what_follows_ends_with_the_document(dams: Generation) -> None:
    """After the last sentence of a document nothing follows, though the library goes on."""
    last = number_of(dams, "Masons")
    assert following(dams, last, (), 3) == []
    assert following(dams, last - 1, (), 3) == [last]
    assert following(dams, len(dams.sentences) - 1, (), 3) == []


def test_explanations_come_before_mere_neighbours(dams: Generation) -> None:
    """Sentences with a cause or an example are preferred to nearer ones without."""
    found = explaining(dams, number_of(dams, "A dam breaks slowly"), 2)
    assert texts(dams, found) == [
        "It breaks because water washes the clay out of its core.",
        "For example, the dam of Orval lost its core in a week.",
    ]


def test_explanations_stay_under_the_heading(dams: Generation) -> None:
    """A cause under the next heading explains less than a plain neighbour under the same one."""
    found = texts(dams, explaining(dams, number_of(dams, "Visitors like"), 2))
    assert "New clay is rammed in because it swells." not in found


def test_a_quote_does_not_explain_itself(dams: Generation) -> None:
    """Explanations are other sentences of the same document, no questions, in reading order."""
    for number in range(len(dams.sentences)):
        found = explaining(dams, number, 3)
        assert number not in found
        assert found == sorted(set(found))
        assert len(found) <= 3
        document = dams.sentence(number).document.id
        assert {dams.sentence(other).document.id for other in found} <= {document}
        assert not any(dams.sentence(other).text.endswith("?") for other in found)


def test_one_sentence_has_no_neighbours(data: Path) -> None:
    """A library of one sentence has nothing around it."""
    one = library(data, "The tide turns twice a day in this harbour.")
    assert following(one, 0, (), 3) == []
    assert explaining(one, 0, 3) == []


def test_more_of_the_small_library(data: Path) -> None:
    """Every sentence after the first follows it once, up to the end of its document."""
    small = library(data, CLAY, SEA)
    found = following(small, 0, (), 100)
    assert found == [n for n in range(1, len(small.sentences)) if small.sentence(n).document.id == "a.txt"]


def test_the_sentence_around_an_offset(dams: Generation) -> None:
    """Every offset of a sentence finds it; those between sentences and of other documents find none."""
    for number in range(len(dams.sentences)):
        sentence = dams.sentence(number)
        for offset in (sentence.start, sentence.start + 1, sentence.end - 1):
            assert sentence_holding(dams, sentence.document.id, offset) == number
    assert sentence_holding(dams, "a.txt", dams.sentence(0).start - 1) is None
    assert sentence_holding(dams, "absent.txt", 0) is None


def test_the_next_point_is_ahead_and_reads_alone(dams: Generation) -> None:
    """It is a later sentence of the document, not shown yet, that needs no other: not "It breaks ..."."""
    first = number_of(dams, "The oldest dam")
    shown = {first}
    points = []
    while (point := next_point(dams, max(shown), shown)) is not None:
        shown.add(point)
        points.append(point)
    assert points == sorted(points)
    found = texts(dams, points)
    assert found
    assert all(not text.startswith(("It ", "For example", "Why")) for text in found)
    assert any(text.startswith("New clay") for text in found)
    assert all(dams.sentence(point).document.id == "a.txt" for point in points)
    assert next_point(dams, len(dams.sentences) - 1, ()) is None
