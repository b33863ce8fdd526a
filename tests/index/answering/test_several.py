"""A message of several questions is answered one by one."""

from __future__ import annotations

import pytest

from index.answering.answer import Answer, Asked, Outcome
from index.answering.selection import answer
from index.answering.several import questions_in
from index.generations.generation import Generation
from tests.index.fakes import FakeEncoder

FIRE, TIDE = "What forgets the fire?", "Which captain loses the ship?"
OTHER = "Who painted the ceiling of the chapel?"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{FIRE} {TIDE}", 2),
        (f"{FIRE}\n\n{TIDE} {OTHER}", 3),
        (f"Really? {FIRE}", 1),
        (f"{FIRE} Thank you for helping.", 1),
        ("What forgets the fire and which captain loses the ship?", 1),
        (f"{FIRE} {TIDE} {OTHER} {FIRE}", 1),
        ("", 1),
    ],
)
def test_a_row_of_questions_is_parted(text: str, count: int) -> None:
    """Only a row of two or three whole questions; each knows those before it."""
    parts = questions_in(Asked(text, ("Hello there?",)))
    assert len(parts) == count
    assert parts[-1].history == ("Hello there?", *(part.text for part in parts[:-1]))


def ask(generation: Generation, text: str) -> Answer:
    return answer(generation, FakeEncoder(), [Asked(text)])[0]


def test_each_has_its_own_quote(small: Generation) -> None:
    """What each alone quotes first, in the order that was asked, each under its question."""
    found = ask(small, f"{FIRE} {TIDE}")
    alone = [ask(small, each) for each in (FIRE, TIDE)]
    assert found.outcome is Outcome.ANSWER
    assert found.questions == (FIRE, TIDE)
    assert [(quote.text, quote.side) for quote in found.quotes] == [
        (each.quotes[0].text, each.question) for each in alone
    ]
    assert found.confidence == min(each.confidence for each in alone)
    texts = [quote.text for quote in (*found.quotes, *found.more)]
    assert len(texts) == len(set(texts)) > 2


def test_what_is_not_answered_borrows_no_quote(small: Generation) -> None:
    """The other question's quote is not shown for it; and a message that is not answered at all says so."""
    assert ask(small, OTHER).outcome is not Outcome.ANSWER
    found = ask(small, f"{OTHER} {FIRE}")
    assert found.outcome is Outcome.ANSWER
    assert {quote.side for quote in (*found.quotes, *found.more)} == {FIRE}
    assert ask(small, f"{OTHER} Who sang in the chapel of Sixtus?").outcome is not Outcome.ANSWER


def test_one_sentence_may_answer_two_questions(small: Generation) -> None:
    """It stands under each of them, and not again among the next ones."""
    found = ask(small, f"{FIRE} What forgets the fire at once?")
    assert [quote.side for quote in found.quotes] == [FIRE, "What forgets the fire at once?"]
    assert found.quotes[0].text == found.quotes[1].text
    assert found.quotes[0].text not in {quote.text for quote in found.more}


def test_it_is_answered_within_a_batch(small: Generation) -> None:
    """The order of a batch is that of its messages."""
    both = answer(small, FakeEncoder(), [Asked(TIDE), Asked(f"{FIRE} {TIDE}"), Asked(FIRE)])
    assert [found.question for found in both] == [TIDE, f"{FIRE} {TIDE}", FIRE]
    assert [len(found.questions) for found in both] == [0, 2, 0]
