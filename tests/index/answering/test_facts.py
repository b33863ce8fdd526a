"""Facts of a document are what the document says of itself, and nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.answering.facts import DocumentFacts, facts
from tests.index.fakes import library

BODY = "Rivers carry sand down to the sea. The sand builds a delta at the mouth of the river."


def facts_of(data: Path, text: str) -> DocumentFacts:
    [found] = facts(library(data, text).texts)
    return found


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Jane Doe", "Jane Doe"),
        ("by Jane Doe", "Jane Doe"),
        ("Written by Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("Author: Ann-Marie O'Brien", "Ann-Marie O'Brien"),
        ("Authors: Jane Doe and John Roe", "Jane Doe and John Roe"),
        ("Author: Jane Doe, John Roe", "Jane Doe, John Roe"),
        ("**Author:** Jane Doe", "Jane Doe"),
        ("*By J. R. R. Tolkien*", "J. R. R. Tolkien"),
        ("author: Jane Doe", "Jane Doe"),
        ('author: "Jane Doe"', "Jane Doe"),
        ("Author: Élodie Müller", "Élodie Müller"),
        ("By Jane Doe, March 3, 2021", "Jane Doe"),
        ("By Jane Doe | 3 March 2021", "Jane Doe"),
        ("By Jane Doe for The Daily News", "Jane Doe"),
    ],
)
def test_a_document_names_its_author(data: Path, line: str, author: str) -> None:
    """A line of its own that names the author is found, without its marks."""
    assert facts_of(data, f"On rivers\n\n{line}\n\n{BODY}").author == author
    assert facts_of(data, f"On rivers\n\n{BODY}\n\n{line}").author == author


@pytest.mark.parametrize(
    "line",
    [
        "By Monday we had arrived. The river was high, and the ferry did not leave before noon.",
        "The dam was built by John Roe. He never saw the river again, as far as we know today.",
        "By the river",
        "By 1712",
        "The author believes that rivers move. Nobody has ever shown this to be wrong, he says.",
        "Authors of old maps disagree",
        "By January 2020",
        "By Monday",
        "Author guidelines",
        "By Train And Bus To The Sea, Then On Foot Along The River Until The Mouth And Back",
    ],
)
def test_no_author_is_guessed(data: Path, line: str) -> None:
    """Where the document names no author, there is none."""
    assert facts_of(data, f"On rivers\n\n{line}\n\n{BODY}").author is None


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2021-03-04", "2021-03-04"),
        ("Date: 2021-03-04", "2021-03-04"),
        ("date: 2021-03-04", "2021-03-04"),
        ("Published: 4 March 2021", "4 March 2021"),
        ("Last updated on March 4th, 2021", "March 4th, 2021"),
        ("*Updated Sept. 2021*", "Sept. 2021"),
        ("By Jane Doe, March 3, 2021", "March 3, 2021"),
        ("By Jane Doe | 3 March 2021", "3 March 2021"),
    ],
)
def test_a_document_gives_its_date(data: Path, line: str, date: str) -> None:
    """A line of its own that gives the date is found, as it is written."""
    assert facts_of(data, f"On rivers\n\n{line}\n\n{BODY}").date == date


@pytest.mark.parametrize(
    "line", ["The dam broke on 4 March 2021, and the town was lost.", "In 1712", "4 March", "Room 2021-03-044"]
)
def test_no_date_is_guessed(data: Path, line: str) -> None:
    """A date in running text is not the document's date."""
    assert facts_of(data, f"On rivers\n\n{line}\n\n{BODY}").date is None


def test_a_name_deep_in_a_document_is_not_its_author(data: Path) -> None:
    """Only the first and last lines of a document name its author."""
    filler = " ".join([BODY] * 60)
    assert facts_of(data, f"On rivers\n\n{filler}\n\nBy Jane Doe\n\n{filler}").author is None


def test_length_and_headings(data: Path) -> None:
    """Words are counted in the whole text, reading time is at least a minute, headings come in order."""
    text = f"First part\n\n{BODY}\n\nSecond part\n\n{BODY}\n\nThird part\n\n{BODY}"
    found = facts_of(data, text)
    assert found.words == len(text.split())
    assert found.minutes == 1
    assert found.headings == ("First part", "Second part", "Third part")
    assert facts_of(data, " ".join([BODY] * 100)).minutes == round(18 * 100 / 238)


def test_documents_in_the_order_of_the_library(data: Path) -> None:
    """One entry for each document, each with its own author."""
    texts = library(data, f"On rivers\n\nBy Jane Doe\n\n{BODY}", f"On floods\n\n{BODY}").texts
    assert [(each.id, each.author) for each in facts(texts)] == [("a.txt", "Jane Doe"), ("b.txt", None)]
