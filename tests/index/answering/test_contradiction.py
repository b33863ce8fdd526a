"""A quote that speaks of something else than the question is told from one that answers in other words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from index.answering.answer import Asked, Outcome
from index.answering.contradiction import contradicts
from index.answering.selection import answer
from tests.index.fakes import FakeEncoder, library


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Which door opens at level 3?", "At level 1 the north door opens."),
        ("Who paid for 50 majors?", "The college paid for 28 majors."),
        ("Which race was held there from 1985 to 1998?", "The club held the race from 1988 to 1995."),
        ("Why did the demand for wool increase?", "The demand for wool decreased as cotton came."),
        ("Which river of the valley is the longest?", "The shortest river of the valley is the Bourne."),
        ("Which glaze did the potters not use?", "The potters used a glaze of ash and salt."),
        ("What was the Severn's highest tide?", "The highest tide of the Humber was nine metres."),
        ("What is the leading technology of the Internet?", "The leading technology of the metaverse is the chain."),
        ("What is the form of the Severn?", "The form of the Humber makes up for the broad form of the Severn."),
        ("What form does the Severn take?", "The form of the Humber is unlike the Severn's form."),
        ("Ada Byron and Dora Cid9", "The keeper of the lighthouse was Dora Ahl."),
    ],
)
def test_another_number_opposite_denial_or_owner_contradicts(question: str, quote: str) -> None:
    """What the question says and the quote says otherwise is seen, whatever else both share."""
    assert contradicts(question, quote, quote, frozenset(["metaverse"]))


def test_a_row_of_a_table_is_not_about_the_names_of_its_neighbours() -> None:
    """Names alone must stand in the row that is quoted, not only in another row of its passage."""
    row, other = "Height: 46 | Keeper: Ada Byron", "Height: 49 | Keeper: Ben Ahl"
    assert contradicts("Ben Ahl", row, f"{row} {other}")
    assert not contradicts("Ben Ahl", other, f"{row} {other}")


@pytest.mark.parametrize(
    ("question", "quote", "passage"),
    [
        ("Which door opens at level 3?", "At level 1 the north door opens.", "Levels 1 and 3 are alike."),
        ("How many potters worked there in 1712?", "Nine potters fed the kiln.", ""),
        ("Why did the demand for wool increase?", "The demand for wool increased as cotton decreased.", ""),
        ("Do the potters of Jingdezhen support the guild?", "Most potters of Jingdezhen oppose the guild.", ""),
        ("Which glaze did the potters not use?", "They used salt instead of ash.", ""),
        ("What should I do if the kiln does not start?", "Press the red button.", ""),
        ("What was the Severn's highest tide?", "Its highest tide was nine metres.", ""),
        ("What is the form of the Severn?", "The form of the Severn makes up for the broad form of the Humber.", ""),
        ("What is the form of the Severn?", "The form of the Humber and the Severn is the same.", ""),
        ("Who wrote the life of Dora?", "Much is known from Ada's life of Dora.", ""),
        ("Who led the Céloron expedition's men?", "Celeron's men were led by Contrecoeur.", ""),
        ("What is it?", "", ""),
        ("Dora Ahl", "The keeper was Dora.", "In 1893 the Ahls came."),
        ("Who Was Dora Ahl", "The keeper was a woman.", ""),
    ],
)
def test_what_may_answer_does_not(question: str, quote: str, passage: str) -> None:
    """The same number near by, another clause or word for a denial, a pronoun and a spelling contradict nothing."""
    assert not contradicts(question, quote, f"{passage} {quote}")


def test_a_contradicted_quote_is_no_answer(tmp_path: Path) -> None:
    """It is `closest` at most, and a quote that agrees comes first where it is nearly as good."""
    doors = "At level 1 the north door of the mill opens at dawn."
    only = library(tmp_path / "one", doors)
    both = library(tmp_path / "two", f"{doors}\n\nAt level 3 the north door of the mill opens at dusk.")
    [before, wrong, right] = [
        answer(each, FakeEncoder(), [Asked(f"When does the north door of the mill open at level {level}?")])[0]
        for each, level in ((only, 1), (only, 3), (both, 3))
    ]
    assert before.outcome is Outcome.ANSWER
    assert wrong.outcome is Outcome.CLOSEST
    assert right.outcome is Outcome.ANSWER
    assert "level 3" in right.quotes[0].text


def test_long_words_take_no_time() -> None:
    """No pattern takes time with the square of a length that people choose."""
    started = time.perf_counter()
    for text in ("a" * 1000, "a-" * 500, "a of " * 200, "A's " * 250, "1," * 500):
        contradicts(f"What is Anna's {text}?"[:1000], text, text)
    assert time.perf_counter() - started < 2
