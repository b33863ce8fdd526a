"""A follow-up is understood from the questions before it, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.answering.answer import Answer, Asked, Outcome
from index.answering.follow_up import FollowUp, follow_up
from index.answering.selection import answer
from index.generations.generation import Generation
from index.models.encoder import SentenceTransformerEncoder
from tests.index.fakes import CLAY, SEA, FakeEncoder, library


class Kindred(FakeEncoder):
    """Knows which words are of one kind."""

    def __init__(self, *kinds: set[str]) -> None:
        super().__init__()
        self._kinds = kinds

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        kind = {word: str(number) for number, words in enumerate(self._kinds) for word in words}
        return super().encode_queries([kind.get(text.lower(), text) for text in texts])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return library(tmp_path_factory.mktemp("small"), CLAY, SEA)


@given(st.text())
def test_without_history_a_question_stays_as_it_is(question: str) -> None:
    """Nothing was asked before, so one text is searched: the question."""
    assert follow_up(question, (), FakeEncoder()) == FollowUp(question, question)


@pytest.mark.parametrize(
    "asked", ["and " * 1000, "and a a " * 500, "and what about a a a a", "and it " * 500, "what about a? " * 280]
)
def test_a_follow_up_is_bounded(asked: str) -> None:
    """A subject that fits in everywhere, asked again and again, makes no text that fills the memory."""
    began = time.perf_counter()
    for earlier in (asked, "a a " * 1000, "What is a and what is it of a?", ""):
        found = follow_up(asked, [earlier, *[asked] * 50], FakeEncoder())
        assert max(map(len, (*found.readings, *found.understood))) <= 4200
        assert len(found.readings) <= 3
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize("asked", ["What does clay remember in Jingdezhen?", "Who wrote this?", "What burned in 1712?"])
def test_a_question_that_stands_alone_costs_nothing_more(asked: str) -> None:
    """A topic switch is joined to nothing, and the model is asked for nothing beyond the question."""
    encoder = FakeEncoder()
    assert follow_up(asked, ("How long did the kiln burn?", "And why?"), encoder).readings == (asked,)
    assert encoder.asked == []


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
        ("And of the Internet's?", "What is the metaverse's technology?", "What is the Internet's technology?"),
        ("And the Internet's?", "What is its technology?", "What is the Internet's technology?"),
        ("And the Yuan dynasty?", "When did the Ming dynasty fall?", "When did the Yuan dynasty fall?"),
        ("ok, and glass?", "What does clay remember?", "What does glass remember?"),
        (r"And what about x\1's?", "What is the Internet's form?", r"What is the x\1's form?"),
    ],
)
def test_a_new_subject_is_put_in(question: str, earlier: str, understood: str) -> None:
    """The new subject takes the place of its kind, and that question is searched instead."""
    assert follow_up(question, (earlier,), Kindred({"clay", "glass"})).readings == (understood,)


@pytest.mark.parametrize(
    ("question", "earlier", "understood"),
    [
        (
            "How deadly is it?",
            "What is lobular carcinoma in situ?",
            "How deadly is it? (about lobular carcinoma in situ)",
        ),
        ("And the tide?", "What does clay remember?", "And the tide? (about “What does clay remember?”)"),
        ("Why does it?", "Tell me about the kiln", "Why does it? (about the kiln)"),
        ("why?", "ok. What is the kiln's fuel?", "why? (about the kiln's fuel)"),
        (
            "and the Internet?",
            "Does the metaverse treat traffic as its goal?",
            "and the Internet? (about “Does the metaverse treat traffic as its goal?”)",
        ),
    ],
)
def test_the_topic_is_said_beside_the_question(question: str, earlier: str, understood: str) -> None:
    """A question that cannot be rewritten grammatically is shown as asked, with what it is about."""
    found = follow_up(question, (earlier,), FakeEncoder())
    assert found.is_certain
    assert set(found.understood) == {understood}


def test_the_first_and_the_previous_question_are_read_with_it() -> None:
    """The subject may have been named first and never again, so both earlier questions give their words."""
    history = ("What does clay remember?", "Was the hand cold?", "ok", "tell me more")
    found = follow_up("How old is it?", history, FakeEncoder())
    assert found.readings == ("How old is it?", "clay remember How old is it?", "hand cold How old is it?")


def test_follow_ups_of_follow_ups() -> None:
    """A new subject is put into the question before as it was understood."""
    history = ("What does clay remember?", "And glass?", "thanks")
    encoder = Kindred({"clay", "glass", "iron"})
    assert follow_up("And what about iron?", history, encoder).readings == ("What does iron remember?",)


@pytest.mark.parametrize("history", [(), ("ok",), ("tell me more", "", "👍"), ("why?", "And how?")])
def test_a_history_without_content_is_no_history(history: tuple[str, ...]) -> None:
    """Acknowledgements name no topic, so nothing can be understood from them."""
    assert follow_up("How old is it?", history, FakeEncoder()) == FollowUp("How old is it?", "How old is it?")


def ask(generation: Generation, *asked: Asked) -> list[Answer]:
    return answer(generation, FakeEncoder(), asked)


def test_why_asks_for_the_cause_of_the_last_claim(small: Generation) -> None:
    """ "why?" is asked of the question before, and a sentence that gives a cause comes first."""
    (found,) = ask(small, Asked("why?", ("What does clay remember?", "What did the potters feed the kiln with?")))
    assert found.understood == "why? (about “What did the potters feed the kiln with?”)"
    assert "because pine burns evenly" in found.quotes[0].text


def test_a_follow_up_is_answered_about_its_subject(small: Generation) -> None:
    """A pronoun alone finds nothing; with the earlier topic the right sentence comes first."""
    (found,) = ask(small, Asked("How often does it turn?", ("What is the tide of the harbour?",)))
    assert found.question == "How often does it turn?"
    assert found.understood == "How often does it turn? (about the tide of the harbour)"
    assert found.quotes[0].text.startswith("The tide turns")


def test_a_question_that_is_not_joined_is_judged_as_without_history(small: Generation) -> None:
    """A possible sign alone changes nothing when the library does not hold the question's words."""
    history = ("What does clay remember?",)
    asked = ["Who is the president?", "What does iron do under the hammer?", "What else is a zebra?"]
    for question in asked:
        bare, joined = ask(small, Asked(question), Asked(question, history))
        assert joined.understood == question
        assert joined.outcome == bare.outcome


def test_readings_are_encoded_in_one_pass(small: Generation) -> None:
    """All readings of all questions, and what was asked before, go through the model together."""
    encoder = FakeEncoder()
    answer(small, encoder, [Asked("How old is it?", ("What is clay?", "What is glass?")), Asked("What is iron?")])
    assert [len(texts) for texts in encoder.asked] == [5]


ODD = st.text() | st.sampled_from(
    ["And x?", "why?", "and what about the y's?", "What is z's form?", "ok", "it", "元朝呢?"]
)


@given(st.lists(ODD, max_size=6), ODD)
def test_any_conversation_is_understood_somehow(history: list[str], question: str) -> None:
    """No conversation, however odd, breaks the understanding."""
    found = follow_up(question, history, FakeEncoder())
    assert found.readings
    assert len(found.joined) == len(found.understood)


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


@pytest.mark.model
def test_the_essay_is_not_asked_about_what_it_does_not_name(
    essay_generation: Generation, real_encoder: SentenceTransformerEncoder
) -> None:
    """A topic switch after a question on the essay is understood as it was written."""
    history = ("What is the Internet's industrial form?", "And what about the metaverse's?", "ok", "why?")
    asked = [
        "What is photosynthesis?",
        "Who won the 1998 World Cup?",
        "Who wrote this?",
        "What is the leading technology?",
    ]
    found = answer(essay_generation, real_encoder, [Asked(question, history) for question in asked])
    assert [each.understood for each in found] == asked
