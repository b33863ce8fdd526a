"""A question is joined to an earlier one by its words only where they show that it depends on it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answering.dependence import Dependence, asks_alone, dependence, has_content, without_acknowledgement


@pytest.mark.parametrize(
    "question",
    ["And what about the metaverse's?", "what about glass?", "Why?", "How so?", "Why is that?", "When was it built?",
     "But does he say so?", "ok, and the sea?", "and the Internet's?", "No, I meant the glass one", "How deadly is it?",
     "WHY", "ok thanks. why?"],
)  # fmt: skip
def test_a_question_that_depends_on_an_earlier_one(question: str) -> None:
    """It is a fragment, speaks of the conversation, or has a pronoun before which it names nothing."""
    assert dependence(question) is Dependence.CERTAIN


@pytest.mark.parametrize(
    "question",
    ["What are the commercial issues of using it?", "How did these methods change?", "What else is there?",
     "What are the other types?", "Can I use some at home to help?", "Okay. What does a portfolio usually hold?",
     "What are the alternatives?", "Does the author really think so highly of it?"],
)  # fmt: skip
def test_a_question_that_may_depend_on_an_earlier_one(question: str) -> None:
    """A late pronoun, "these methods", "else" and few words decide nothing alone: the library does."""
    assert dependence(question) is Dependence.POSSIBLE


@pytest.mark.parametrize(
    "question",
    ["What is the metaverse made of in this essay?", "Why does iron rust in Kent when water stays on it?",
     "Who wrote this essay?", "Who wrote this?", "What is the capital of France?", "How long does it take to burn?",
     "Where did they film the last three seasons of Game of Thrones?", "Thanks!", "", "?"],
)  # fmt: skip
def test_a_question_that_stands_alone(question: str) -> None:
    """A pronoun that means something named in the question, or nothing at all, and "this essay" point nowhere else."""
    assert dependence(question) is not Dependence.CERTAIN
    if "film" not in question:
        assert dependence(question) is Dependence.NONE


@pytest.mark.parametrize(
    ("message", "left"),
    [("Ok. Why?", "Why?"), ("wow, that's interesting! How is it made?", "How is it made?"), ("Thanks", ""),
     ("Knives cut.", "Knives cut."), ("No one knows", "one knows")],
)  # fmt: skip
def test_acknowledgements_are_dropped(message: str, left: str) -> None:
    """What a person says before the question itself is not searched for."""
    assert without_acknowledgement(message) == left


def test_messages_without_content() -> None:
    """Nothing can be understood from "tell me more", so an earlier question counts instead."""
    assert not any(map(has_content, ["tell me more", "ok", "", "why?", "thanks, go on", "And how?", "👍"]))
    assert all(map(has_content, ["What does clay remember?", "And glass?", "ok, the tide", "元朝是什么时候?"]))


@given(
    st.text()
    | st.lists(st.sampled_from(["and", "ok", "it", "this", "X", "why", "?", ". ", "of", "that is"])).map(" ".join)
)
def test_any_message_can_be_judged(text: str) -> None:
    """No message, however odd, breaks the rules."""
    assert dependence(text) in Dependence
    assert isinstance(asks_alone(text), bool)
    assert text.endswith(without_acknowledgement(text))


@pytest.mark.parametrize(
    "text", ["it ", "ok ", "and ", "this ", "it is a ", "a. A ", "ok,", " ", "so so ", "'", "that's "]
)
def test_a_long_message_is_judged_at_once(text: str) -> None:
    """4,000 characters of what the patterns look for take no time."""
    long = (text * 4000)[:4000]
    began = time.perf_counter()
    for message in (long, f"{long}x", f"x {long}?"):
        dependence(message)
        has_content(message)
    assert time.perf_counter() - began < 1.0
