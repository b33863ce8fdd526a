"""A follow-up is understood from the last questions, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.answering.answer import Asked, Outcome, answer
from index.answering.follow_up import stand_alone
from index.generations.generation import Generation
from index.models.encoder import SentenceTransformerEncoder
from tests.index.fakes import FakeEncoder


class Kindred(FakeEncoder):
    """Knows which words are of one kind."""

    def __init__(self, *kinds: set[str]) -> None:
        super().__init__()
        self._kinds = kinds

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        kind = {word: str(number) for number, words in enumerate(self._kinds) for word in words}
        return super().encode_queries([kind.get(text.lower(), text) for text in texts])


@given(st.text())
def test_without_history_a_question_stays_as_it_is(question: str) -> None:
    """Nothing was asked before, so nothing is put into the question."""
    assert stand_alone(question, (), FakeEncoder()) == question


@pytest.mark.parametrize(
    "asked", ["and " * 250, "and a a " * 120, "and what about a a a a", "and it " * 140, "what about a? " * 70]
)
def test_a_follow_up_never_grows_out_of_hand(asked: str) -> None:
    """A subject that fits in everywhere, asked for again and again, makes no question that fills the memory."""
    for earlier in (asked, "a a " * 250, "What is a and what is it of a?"):
        understood = stand_alone(asked, [earlier, asked, asked, asked], FakeEncoder())
        assert len(understood) <= 4000


def test_a_question_of_its_own_forgets_the_earlier_ones() -> None:
    """What stands alone is not mixed with what was asked before."""
    asked = "What does clay remember?"
    assert stand_alone(asked, ("How long did the kiln burn?", "And why?"), FakeEncoder()) == asked


@pytest.mark.parametrize(
    ("question", "earlier", "understood"),
    [
        (
            "And what about the metaverse's?",
            "What is the Internet's industrial form?",
            "What is the metaverse's industrial form?",
        ),
        (
            "And what about the metaverse’s?",
            "What is the industrial form of the Internet?",
            "What is the industrial form of the metaverse?",
        ),
        ("And the Yuan dynasty?", "When did the Ming dynasty fall?", "When did the Yuan dynasty fall?"),
        ("And glass?", "What does clay remember?", "What does glass remember?"),
        ("And the tide?", "What does clay remember?", "What does clay remember? tide?"),
        ("Why does it?", "What does clay remember?", "What does clay remember? Why does it?"),
    ],
)
def test_a_follow_up_is_filled_in(question: str, earlier: str, understood: str) -> None:
    """The new subject takes the place of its kind; a question that points back is asked with the earlier one."""
    assert stand_alone(question, (earlier,), Kindred({"clay", "glass"})) == understood


def test_follow_ups_of_follow_ups() -> None:
    """Each follow-up leans on the one before as it was understood."""
    history = ("What does clay remember?", "And glass?")
    encoder = Kindred({"clay", "glass", "iron"})
    assert stand_alone("And what about iron?", history, encoder) == "What does iron remember?"


def test_only_the_last_questions_are_remembered() -> None:
    """A fifth question back is forgotten."""
    history = ("What does clay remember?", "And why?", "And how?", "And when?", "And where?")
    assert "clay" not in stand_alone("And who?", history, FakeEncoder())


def test_a_first_question_that_leans_on_nothing() -> None:
    """A history that itself begins with a follow-up is taken as it is."""
    assert stand_alone("And why?", ("And what?",), FakeEncoder()) == "And what? why?"


def test_a_subject_with_signs_of_its_own() -> None:
    """What is put in may hold what a pattern would take for an instruction."""
    found = stand_alone(r"And what about x\1's?", ("What is the Internet's form?",), FakeEncoder())
    assert found == r"What is the x\1's form?"


ODD = st.text() | st.sampled_from(["And x?", "why?", "and what about the y's?", "What is z's form?"])


@given(st.lists(ODD, max_size=6), st.text())
def test_any_conversation_is_understood_somehow(history: list[str], question: str) -> None:
    """No conversation, however odd, breaks the understanding."""
    assert isinstance(stand_alone(question, history, FakeEncoder()), str)


@pytest.mark.model
def test_the_essay_answers_a_follow_up(essay_generation: Generation, real_encoder: SentenceTransformerEncoder) -> None:
    """ "And what about the metaverse's?" after the Internet's industrial form quotes the metaverse's."""
    history = ("What is the Internet's industrial form?",)
    first, second = answer(
        essay_generation, real_encoder, [Asked(history[0]), Asked("And what about the metaverse's?", history)]
    )
    assert second.question == "And what about the metaverse's?"
    assert second.understood == "What is the metaverse's industrial form?"
    assert (first.outcome, second.outcome) == (Outcome.ANSWER, Outcome.ANSWER)
    assert any("virtual and real separated" in quote.text or "separation" in quote.text for quote in first.quotes)
    assert any("combination of virtual and real" in quote.text for quote in second.quotes)
