"""Only sentences that a reader understands by themselves are asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.quiz.drafting.concordance import Concordance
from bot.quiz.drafting.standalone import standalone_quotes, stands_alone, stands_with
from index.answering.answer import quote_at
from tests.bot.quiz.drafting.town import town

BEFORE = "A treaty with Halland was signed by the burghers of Veldmar in 1612."


@pytest.mark.parametrize(
    "sentence",
    [
        "The burghers of Veldmar signed a treaty with Halland in 1612.",
        "Simon Talbeek sold his ship to the pilots of Veldmar in 1612.",
        "After losing his ship, Talbeek became the first governor of Veldmar.",
        "During World War I the harbour of Veldmar was closed for four years.",
    ],
)
def test_a_whole_sentence_stands_alone(tmp_path: Path, sentence: str) -> None:
    """Also with a pronoun whose name is at hand, and with a numeral that looks like one."""
    concordance = Concordance(town(tmp_path, sentence))
    assert [stands_alone(each, concordance) for each in concordance.statements] == [True]


@pytest.mark.parametrize(
    "sentence",
    [
        "It was signed by the burghers of Veldmar in the year 1612.",
        "However, the burghers of Veldmar did not sign until 1612.",
        "These burghers of Veldmar signed a treaty with Halland in 1612.",
        "The treaty was signed by the burghers of Veldmar in 1612.",
        "The burghers of Veldmar signed it there in the same year.",
        "After losing his ship he became the first governor of Veldmar.",
        "Who signed the treaty of the burghers of Veldmar in 1612?",
        "and the burghers of Veldmar, signed in 1612 with Halland:",
        "Veldmar, Halland, Leeuw, Brede and the other towns of 1612.",
        "See https://veldmar.example for what the burghers signed in 1612.",
    ],
)
def test_what_points_elsewhere_or_is_no_sentence_does_not(tmp_path: Path, sentence: str) -> None:
    """Pronouns, connectives, "the treaty" of the sentence before, questions, fragments and addresses."""
    concordance = Concordance(town(tmp_path, f"{BEFORE} {sentence}"))
    assert [stands_alone(each, concordance) for each in concordance.statements[1:]] == [False] * (
        len(concordance.statements) - 1
    )


def test_a_sentence_that_leans_comes_with_the_one_before_it(tmp_path: Path) -> None:
    """Both together are verbatim, and only the second is asked about."""
    texts = town(tmp_path, f"{BEFORE} It was kept in an iron chest until 1688.")
    concordance = Concordance(texts)
    first, second = concordance.statements
    both = stands_with(first, second, concordance)
    assert both is not None
    assert texts.documents[0].text[both.start : both.end] == both.text
    assert both.text[both.lead :].startswith("It was kept")


def test_self_contained_sentences_are_quoted(tmp_path: Path) -> None:
    """A sentence that leans on another one is left out; the others are verbatim and of this generation."""
    whole = "Simon Talbeek sold his ship to the pilots of Veldmar in 1612."
    texts = town(tmp_path, f"{BEFORE} It was kept in an iron chest until 1688.", whole)
    quotes = standalone_quotes(texts)
    assert [quote.text for quote in quotes] == [BEFORE, whole]
    for quote in quotes:
        assert quote == quote_at(texts, quote.document, quote.start, quote.end)
