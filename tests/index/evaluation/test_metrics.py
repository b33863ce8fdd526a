"""The measure counts what it says it counts, and the essay reaches what was promised."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from index.answering.answer import Answer, Outcome, Quote
from index.errors import SourceError
from index.evaluation import metrics
from index.evaluation.metrics import Question, measure, read_questions
from index.generations.generation import Generation
from index.models.encoder import SentenceTransformerEncoder
from tests.index.conftest import ROOT
from tests.index.fakes import CLAY, FakeEncoder

SET = ROOT / "tests" / "essay_questions.json"


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        {},
        {"answerable": None},
        {"answerable": {}},
        {"answerable": ["Why?"]},
        {"answerable": [{"question": "Why?"}]},
        {"answerable": [{"question": "Why?", "gold": []}]},
        {"answerable": [{"question": "Why?", "gold": "because"}]},
        {"answerable": [{"question": "Why?", "gold": [""]}]},
        {"answerable": [{"question": 1, "gold": ["because"]}]},
        {"unanswerable": "Why?"},
        {"unanswerable": [1]},
        {"answerable": [], "unanswerable": []},
    ],
)
def test_a_faulty_question_set_is_refused(content: Any) -> None:
    """A set that is none is a SourceError of one sentence."""
    with pytest.raises(SourceError) as caught:
        read_questions(content)
    assert "\n" not in str(caught.value)


def row(**fields: Any) -> dict[str, Any]:
    return {"question": "Why?", "gold": ["because"], **fields}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"answerable": [row(), {"gold": ["a"]}]}, 'Answerable question 2 needs "question"'),
        ({"answerable": [row(question=" ")]}, 'Answerable question 1 needs "question"'),
        ({"answerable": [row(), row(gold=None)]}, 'Answerable question 2 needs "question" .text. and "gold"'),
        ({"answerable": [row()], "unanswerable": ["Who?", {"question": "When?"}]}, "Unanswerable question 2 must be"),
        ({"answerable": [row(id="a"), row(id="b"), row(id="a")]}, "question 3 has the id 'a' of answerable question 1"),
        ({"answerable": [row(id=7), row(id=7)]}, "question 2 has the id 7 of answerable question 1"),
        ({"answerable": [row(id=["a"])]}, 'question 1 has an "id" that is neither'),
        ({"answerable": [row(id=None)]}, 'question 1 has an "id" that is neither'),
        ({"answerable": [row(document="a.txt"), row(document="b.txt")]}, "question 2 is about 'b.txt', which the lib"),
        ({"answerable": [row(every="yes")]}, 'question 1 has "every" that is neither'),
        ({"answerable": [row(document=["a.txt"])]}, 'question 1 has a "document" that is not the name'),
    ],
)
def test_the_refusal_names_the_question(content: Any, sentence: str) -> None:
    """A missing field, an id used twice and a document that is not there: the sentence says which question it is."""
    with pytest.raises(SourceError, match=sentence) as caught:
        read_questions(content, {"a.txt", "A title"})
    assert "\n" not in str(caught.value)


def test_ids_and_documents_may_be_named() -> None:
    """They are no fault; and where nobody says what the library holds, a document is taken on trust."""
    rows = [row(id=1, document="a.txt"), row(id="1", document="A title"), row(document=None), row()]
    assert len(read_questions({"answerable": rows}, {"a.txt", "A title"})) == 4
    assert len(read_questions({"answerable": [row(document="b.txt")]})) == 1


def test_a_question_set_is_read_in_order() -> None:
    """Answerable questions come with their gold, then the others without."""
    content = {"source": "x", "answerable": [{"question": "Why?", "gold": ["a", "b"]}], "unanswerable": ["Who?"]}
    assert read_questions(content) == [Question("Why?", ("a", "b")), Question("Who?", ())]


def quote(text: str, /, **changes: Any) -> Quote:
    start = CLAY.index(text)
    whole = Quote(text, "", "a.txt", "a.txt", start, start + len(text), "", 0.5, 1, "")
    return dataclasses.replace(whole, **changes)


def test_counts_are_of_what_they_name(small: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    """First, among three, answered, falsely answered and not verbatim are counted each by itself."""
    hand = quote("Clay remembers the hand that shaped it.")
    fire, fall = quote("Glass forgets the fire at once."), quote("Both of them break when they fall.")
    scripted = {
        "first": (Outcome.ANSWER, [hand, fire]),
        "third": (Outcome.CLOSEST, [fire, fall, hand]),
        "fourth": (Outcome.ANSWER, [fire, fire, fall, hand]),
        "inside": (Outcome.ANSWER, [quote("remembers the hand that shaped")]),
        "too short": (Outcome.NOT_COVERED, [quote("the hand")]),
        "silent": (Outcome.NOT_COVERED, [quote("Clay", text="clay")]),
        "loud": (Outcome.ANSWER, []),
    }

    def answers(generation: Any, encoder: Any, asked: Any, reranker: Any) -> list[Answer]:
        return [
            Answer(a.text, a.text, scripted[a.text][0], 0.5, tuple(scripted[a.text][1]), (), (), None, "g")
            for a in asked
        ]

    monkeypatch.setattr(metrics, "answer", answers)
    gold = ("remembers the hand that shaped it",)
    questions = [Question(name, () if name in ("silent", "loud") else gold) for name in scripted]
    found = measure(small, FakeEncoder(), questions)
    assert (found.answerable, found.unanswerable) == (5, 2)
    assert (found.quote_at_1, found.quote_at_3) == (2, 3)
    assert (found.answered, found.falsely_answered) == (3, 1)
    assert found.not_verbatim == 1
    assert set(found.wrong) == {
        "not first: third", "not quoted: fourth", "not quoted: too short",
        "closest: third", "not_covered: too short", "answered: loud",
    }  # fmt: skip


def test_a_comparison_is_answered_by_both_its_sides(small: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `every`, one of two sides among the quotes is not enough; without it, it is."""
    hand, fire = quote("Clay remembers the hand that shaped it."), quote("Glass forgets the fire at once.")
    scripted = {"both": (fire, hand), "one": (fire,)}

    def answers(generation: Any, encoder: Any, asked: Any, reranker: Any) -> list[Answer]:
        return [Answer(a.text, a.text, Outcome.ANSWER, 0.5, scripted[a.text], (), (), None, "g") for a in asked]

    monkeypatch.setattr(metrics, "answer", answers)
    for every, expected in ((True, [True, False]), (False, [True, True])):
        rows = [{"question": name, "gold": [hand.text, fire.text], "every": every} for name in scripted]
        questions = read_questions({"answerable": rows})
        assert metrics.hits(small, FakeEncoder(), questions, 3) == expected


def test_the_gold_is_in_the_essay() -> None:
    """Every gold snippet of the essay's questions stands in the essay, word for word."""
    content = json.loads(SET.read_text(encoding="utf-8"))
    essay = (ROOT / "index" / "seeds" / content["source"]).read_text(encoding="utf-8")
    faults = [gold for question in read_questions(content) for gold in question.gold if gold not in essay]
    assert faults == []


@pytest.mark.model
def test_the_essay_is_answered(essay_generation: Generation, real_encoder: SentenceTransformerEncoder) -> None:
    """The right words are quoted, the answerable answered, the others not, and every quote is the author's."""
    questions = read_questions(json.loads(SET.read_text(encoding="utf-8")))
    found = measure(essay_generation, real_encoder, questions)
    assert (found.answerable, found.unanswerable) == (12, 8)
    assert found.quote_at_3 == 12, found.wrong
    assert found.quote_at_1 >= 10, found.wrong
    assert found.answered >= 11, found.wrong
    assert found.falsely_answered == 0, found.wrong
    assert found.not_verbatim == 0
