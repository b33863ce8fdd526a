"""What a question asks for is read from its own words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answering.follow_up import follow_up
from index.answering.question import (
    AnswerType,
    Comparison,
    comparison_in,
    kind_of,
    language_asked,
    new_subject,
    topic_words,
)
from tests.index.fakes import FakeEncoder


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many kilns are there?", AnswerType.NUMBER),
        ("What percentage of grain was lost?", AnswerType.NUMBER),
        ("When did the kiln burn?", AnswerType.DATE),
        ("In what year did it fall?", AnswerType.DATE),
        ("Who shaped the clay?", AnswerType.PERSON),
        ("Whose hand was it?", AnswerType.PERSON),
        ("Where is pine burned?", AnswerType.PLACE),
        ("Which city burned?", AnswerType.PLACE),
        ("WHO SHAPED IT", AnswerType.PERSON),
        ("Why does iron rust?", AnswerType.OTHER),
        ("Does iron rust?", AnswerType.OTHER),
        ("", AnswerType.OTHER),
    ],
)
def test_the_kind_of_answer(question: str, kind: AnswerType) -> None:
    """The words of asking tell what an answer must hold."""
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    ("question", "language", "kind", "topic"),
    [
        ("Wie viele Häuser brannten im Jahr 1712?", "de", AnswerType.NUMBER, ["häuser", "brannten", "jahr", "1712"]),
        ("Quand le navire est-il parti ?", "fr", AnswerType.DATE, ["navire", "parti"]),
        ("¿Quién construyó el puente?", "es", AnswerType.PERSON, ["construyó", "puente"]),
        ("Where did the war end?", "en", AnswerType.PLACE, ["war", "end"]),
    ],
)
def test_a_question_is_read_by_its_language(question: str, language: str, kind: AnswerType, topic: list[str]) -> None:
    """In a library of many languages too: German "war" is a small word, and no English one."""
    assert language_asked(question, ("en", "de", "fr", "es", "ru")) == language
    assert (kind_of(question, language), topic_words(question, language)) == (kind, topic)


def test_topic_words_leave_the_asking_out() -> None:
    """What is left is what the question is about, each word once and in order."""
    assert topic_words("What does the author say about clay, and about Clay and fire?") == ["clay", "fire"]


def test_a_question_of_nothing_but_asking_keeps_its_words() -> None:
    """Where nothing else is left, the words of asking are the topic; where no word is, nothing."""
    assert topic_words("Why? How?") == ["why", "how"]
    assert topic_words("…?") == []


@pytest.mark.parametrize(
    ("question", "first", "second", "topic"),
    [
        ("How does the metaverse differ from the Internet?", "metaverse", "Internet", ""),
        ("how do cats differ from dogs", "cats", "dogs", ""),
        ("In what way is clay different from glass?", "clay", "glass", ""),
        ("What is the difference between the metaverse and the Internet?", "metaverse", "Internet", ""),
        ("What are the differences between cats and dogs?", "cats", "dogs", ""),
        ("How do the Huguenots and the British differ?", "Huguenots", "British", ""),
        ("Compare clay with glass.", "clay", "glass", ""),
        ("compare clay to glass", "clay", "glass", ""),
        ("What distinguishes iron from steel?", "iron", "steel", ""),
        ("What sets iron apart from steel?", "iron", "steel", ""),
        ("metaverse vs. Internet?", "metaverse", "Internet", ""),
        ("Is the metaverse the same as the Internet?", "metaverse", "Internet", ""),
        ("How does clay differ from glass in its industrial form?", "clay", "glass", "industrial"),
        ("Compare the metaverse's industrial form with the Internet's.", "metaverse", "Internet", "industrial form"),
    ],
)  # fmt: skip
def test_a_comparison_is_recognised(question: str, first: str, second: str, topic: str) -> None:
    """Both sides are found, bare, in the order in which they are named, and what they are compared in."""
    found = comparison_in(question)
    assert found is not None
    assert (found.first, found.second) == (first, second)
    assert found.topic.startswith(topic)
    assert bool(found.topic) is bool(topic)


@pytest.mark.parametrize(
    "question",
    [
        "What is the metaverse?",
        "Who lives between the river and the sea?",
        "What should we be wary of?",
        "How does clay differ from clay?",
        "",
        "differ from",
    ],
)
def test_what_compares_nothing_is_no_comparison(question: str) -> None:
    """A question about one thing, or about a thing and itself, has no two sides."""
    assert comparison_in(question) is None


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("And what about the metaverse's?", "metaverse's"),
        ("How about glass?", "glass"),
        ("And the Yuan dynasty?", "Yuan dynasty"),
        ('What about the "glass"?', "glass"),
        ('And "glass"?', "glass"),
        ("What about …?", None),
        ("Why?", None),
        ("What is clay?", None),
    ],
)
def test_the_new_subject(question: str, subject: str | None) -> None:
    """ "And what about X?" gives X, without its article."""
    assert new_subject(question) == subject


PIECES = [
    "how",
    "does",
    "is",
    "the",
    "differ",
    "from",
    "between",
    "and",
    "vs",
    "in",
    "of",
    "'s",
    "what",
    "about",
    "it",
    "x",
]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_any_text_can_be_read(text: str) -> None:
    """No question, however odd, breaks the reading; what is found is part of it."""
    assert kind_of(text) in AnswerType
    new_subject(text)
    lowered = text.lower()
    assert all(word in lowered for word in topic_words(text))
    found = comparison_in(text)
    assert found is None or isinstance(found, Comparison)
    if found is not None:
        assert found.first in text
        assert found.second in text


@pytest.mark.parametrize(
    "text",
    ["how is the ", "difference between a and b ", "x ", "is the a b c ", "a", "-", "'", " ", "\n", "and ",
     "what about "],
)  # fmt: skip
def test_a_long_question_is_read_at_once(text: str) -> None:
    """4,000 characters of what the patterns look for take no time: they would hold up everybody else's."""
    long = (text * 4000)[:4000]
    began = time.perf_counter()
    for question in (long, f"{long}x", f"why{long}x\ny", f"what about{long}x\ny", f"what about x{long}\ny"):
        for reads in (comparison_in, new_subject, kind_of, topic_words):
            reads(question)
        for asked in ("And what about x's?", "And the Yuan dynasty?"):
            follow_up(asked, (question,), FakeEncoder())
        follow_up(question, ("What is the Internet's form?",), FakeEncoder())
    assert time.perf_counter() - began < 1.0
