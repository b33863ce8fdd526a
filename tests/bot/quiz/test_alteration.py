"""Answers in a reference's words that state something else are told from those that say the same."""

from __future__ import annotations

import random

import pytest

from bot.quiz.alteration import alters
from index.text.lexicon import lexicon

CLAY = "Clay remembers the fire for 900 years because its grains are dense."


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (CLAY, "Clay does not remember the fire."),
        (CLAY, "Clay forgets the fire."),
        (CLAY, "Clay remembers the fire for 90 years because its grains are dense."),
        (CLAY, "Clay remembers the fire for two years."),
        (CLAY, "Clay remembers the fire for 900 years because its walls are dense."),
        (CLAY, "Fire remembers the clay for 900 years."),
        (CLAY, "grains the years for dense are fire remembers its because clay 900"),
        ("The reaction is reversible.", "It is an irreversible reaction."),
        ("If the string is shorter, the pitch is higher.", "The pitch is lower."),
        ("A shorter string makes a higher pitch.", "A shorter string makes a lower pitch."),
        ("The potter arrives before the merchant.", "The merchant arrives before the potter."),
        ("The kiln is hotter than the oven.", "The oven is hotter than the kiln."),
        ("Not every kiln is round.", "Every kiln is round."),
    ],
)
def test_another_statement_in_the_same_words_alters_it(reference: str, answer: str) -> None:
    """Negations, opposites, counts, direction, single words and word order change what is said."""
    assert alters("What is it like?", reference, answer)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (CLAY, CLAY),
        (CLAY, "For 900 years clay remembers the fire, since it has dense grains."),
        (CLAY, "Clay remembers the fyre for 900 years because its grains are dense."),
        (CLAY, "It remembers."),
        ("Every kiln is round and made of clay.", "They are made of clay and round."),
        ("A shorter string makes a higher pitch.", "A longer string makes a lower pitch."),
        ("The fire is remembered by the clay.", "The clay remembers the fire."),
        ("Not every kiln is round.", "Some kilns are not round."),
        ("Two glazes, one kiln.", "There are 2 glazes and one kiln."),
        (CLAY, ""),
    ],
)
def test_other_words_for_it_do_not(reference: str, answer: str) -> None:
    """Parts, misspellings, passive voice, two opposites at once and another order of clauses say the same."""
    assert not alters("What is it like?", reference, answer)


def test_what_the_question_negates_the_answer_may() -> None:
    """A question for what is not so is answered by a negation."""
    assert not alters("What does clay not do?", "Lose its memory of the fire.", "It never forgets.")


def test_shuffled_words_are_no_answer() -> None:
    """Nineteen in twenty orders of a sentence's words are seen to be no sentence."""
    rng, seen = random.Random(0), 0
    for _ in range(100):
        words = CLAY.split()
        rng.shuffle(words)
        seen += alters("", CLAY, " ".join(words))
    assert seen >= 95


def test_each_pair_of_opposites_is_listed_once() -> None:
    """The list is sorted pairs of two distinct words."""
    words = lexicon("en").opposites
    pairs = list(zip(words[::2], words[1::2], strict=True))
    assert all(first != second for first, second in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
