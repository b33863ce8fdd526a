"""The walk over a library's sentences gives what may be quoted, with the place and the rules of each."""

from __future__ import annotations

import pytest

from index.generations.generation import Generation
from index.text.noise import marks
from index.text.passages import split
from index.text.quotable import library_sentences
from tests.index.fakes import document


def test_the_walk_counts_as_a_generation_does(small: Generation) -> None:
    """The walk gives the sentences of a generation in its order, each with its words, passage and heading."""
    walked = [*library_sentences(small.texts.documents, small.texts.passages)]
    assert walked == [small.sentence(number) for number in range(len(small.sentences))]
    assert [(each.start, each.end) for each in walked] == [(each.start, each.end) for each in small.sentences]
    assert [each.passage_index for each in walked] == small.passage_of.tolist()
    first = walked[0]
    assert (first.document.id, first.heading, first.text) == (
        small.texts.documents[0].id, "The potter's book", "Clay remembers the hand that shaped it.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "is_readable", "is_self_contained"),
    [
        ("Clay remembers the hand.", True, True),
        ("Clay remembers it.", True, False),
        ("What does clay remember?", True, False),
        ("The cafÃ© burned for nine days.", False, True),
        ("Is the cafÃ© still burning?", False, False),
    ],
)
def test_what_is_readable_and_what_is_self_contained(text: str, is_readable: bool, is_self_contained: bool) -> None:
    """Mojibake makes a sentence unreadable; a question or less than four words do not read alone."""
    source = document(text)
    (found,) = library_sentences([source], split(source, marks(source)))
    assert (found.text, found.is_readable, found.is_self_contained) == (text, is_readable, is_self_contained)


def test_noise_is_not_walked() -> None:
    """A heading and a hash are no part of any quotable sentence."""
    source = document("The potter's book\n\nClay remembers. a1b2c3d4e5f60718293a4b5c6d7e8f90 Glass forgets the fire.")
    walked = [each.text for each in library_sentences([source], split(source, marks(source)))]
    assert walked == ["Clay remembers.", "Glass forgets the fire."]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Clay remembers the hand.", [True]),
        ("clay and the other things of the potter", [False]),
        ("Clay remembers the hand of the potter,\n\n- but not his name,", [False, False]),
        ("iPhone sales rose by a third.", [True]),
        ("kiln_light returns the heat of it. oli: It is old.", [True, True]),
        ("Glass forgets the fire.\n\nkiln light warms the whole room.", [True, True]),
        ("Clay is old. Glass forgets the fire, and it\n\nwarms the whole room at night.", [True, True, False]),
        ("i tried clay first. it broke in the kiln. glass is better here.", [True, True, True]),
    ],
)
def test_a_fragment_is_not_whole(text: str, whole: list[bool]) -> None:
    """What starts in lower case or ends in a comma is a fragment, but where a passage is written so or begins anew."""
    source = document(text)
    assert [each.is_whole for each in library_sentences([source], split(source, marks(source)))] == whole


def test_the_head_of_a_table_is_no_statement() -> None:
    """Its rows repeat the headings, and are quoted; a row of a table without headings is one of these."""
    text = "Name | Height (m) | Keeper\nName: Skaw | Height (m): 46 | Keeper: Ada\nEddystone | 49 | Ben Ahl | 1882"
    source = document(text)
    found = {each.text: each.is_self_contained for each in library_sentences([source], split(source, marks(source)))}
    assert list(found.values()) == [False, True, True], found
