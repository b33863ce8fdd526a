"""Questions that ask what something is, and sentences that say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.answering.answer import Asked
from index.answering.definition import defined_term, definitions_first, says_what_it_is, unusual_words, uses
from index.answering.selection import answer
from tests.index.fakes import FakeEncoder, library


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is the metaverse?", "metaverse"),
        ("so what's a cloze", "cloze"),
        ("define packet switching", "packet switching"),
        ("What does entropy mean?", "entropy"),
        ("the meaning of life", "life"),
        ("What does the author mean by hodgepodge?", "hodgepodge"),
        ("What is the capital of France?", None),
        ("What is clay made of?", None),
        ("Who is the author?", None),
        ("hodgepodge?", "hodgepodge"),
        ("", None),
    ],
)
def test_the_term_is_what_is_to_be_defined(question: str, term: str | None) -> None:
    """Only a question for one thing as a whole is one for a definition."""
    assert defined_term(question) == term


def test_a_sentence_that_says_what_it_is_goes_first(tmp_path: Path) -> None:
    """A definition goes before a mention, and "X is just ..." or "the form of X is ..." is none."""
    text = (
        "People often speak of glaze in passing. In many cases glaze is just a fashion. "
        "The colour of glaze is a matter of taste. Glaze is not paint but molten glass."
    )
    generation = library(tmp_path, text)
    ranked = [(number, 1.0 - number / 10) for number in range(4)]
    ordered = [number for number, _ in definitions_first(ranked, generation, "glaze")]
    assert ordered == [3, 0, 2, 1]
    [found] = answer(generation, FakeEncoder(), [Asked("What is glaze?")])
    assert found.quotes[0].text == "Glaze is not paint but molten glass."


@pytest.mark.parametrize(("term", "is_used"), [("hodgepodge", True), ("hodge", False), ("why", False), ("", False)])
def test_a_term_is_used_where_its_topic_words_stand(tmp_path: Path, term: str, is_used: bool) -> None:
    """Words of asking are no topic: "Why?" is not answered by a sentence with "why"."""
    generation = library(tmp_path, "Potters cool the kiln slowly. Clay is dug in spring.")
    assert uses(generation, "Nobody knows why slips are hodgepodges.", term) is is_used


@pytest.mark.parametrize(
    ("sentence", "term", "says"),
    [
        ("Glaze is a layer of molten glass.", "glaze", True),
        ("Such a layer is called “glaze.”", "glaze", True),
        ("By “body” we mean the clay.", "body", False),
        ("We mean by “body” the clay.", "body", True),
        ("Potters call the current fashion a fad.", "current", False),
        ("Glaze is often blue.", "glaze", False),
        ("The colour of glaze is a matter of taste.", "glaze", False),
    ],
)
def test_a_sentence_explains_a_word_when_it_says_what_it_is(sentence: str, term: str, says: bool) -> None:
    """Its subject is the word, or it gives something that name; a mention is not enough."""
    assert says_what_it_is(sentence, term) is says


def test_the_unusual_words_are_the_rarest_ones(tmp_path: Path) -> None:
    """Words of few passages go first; short words are left out, abbreviations are not."""
    generation = library(tmp_path, "The pots are blue.\n\nThe pots are glazed with PbO.\n\nThe pots crack.")
    assert unusual_words(generation, "The pots are glazed", 3) == ["glazed"]
    assert "pbo" in unusual_words(generation, "Lead monoxide, or PBO, is poison.", 9)
