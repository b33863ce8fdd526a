"""Thresholds follow the library, never far, never by chance, and never on a question that the library covers."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from index.answering.answer import Asked, Outcome
from index.answering.confidence import answerable
from index.answering.ranking import search
from index.answering.selection import answer
from index.answering.weights import default_weights
from index.evaluation import held_out
from index.evaluation.calibration import MOST, calibrate
from index.evaluation.synthetic import Degree
from index.generations.generation import Generation, load
from index.generations.narrowing import without
from index.generations.records import Calibration, record
from index.models.encoder import SentenceTransformerEncoder
from tests.index.fakes import CLAY, SEA, FakeEncoder, library

FITTED = Calibration(
    answer_from=0.6,
    closest_from=0.3,
    precision=0.8,
    coverage=0.9,
    false_answers=0.02,
    answerable=80,
    unanswerable=120,
    fitted=True,
)
EGGS = "\n\n".join(
    [
        "An egg should boil six minutes so that the yolk stays soft. Long boiled eggs turn green at the yolk.",
        "Buttermilk in pancakes: use instead milk with lemon. What else can replace it is sour cream.",
        "Keep the avocados from turning brown with lemon juice. Baking soda and baking powder differ in acid.",
    ]
)


def stories(count: int) -> list[str]:
    """Write documents of enough different sentences to make questions of."""
    crafts = ["potter", "weaver", "smith", "tanner", "glazier", "cooper", "fuller", "chandler"]
    return [
        "\n\n".join(
            f"In {1700 + 13 * n + m} the {craft} of Harbour Street {n} sold {m + 3} crates of blue {craft} goods. "
            f"His neighbour {craft.title()} Olsen kept the workshop number {m} warm with pine and birch wood."
            for m, craft in enumerate(crafts)
        )
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Four documents, enough to be calibrated on, indexed with the fake model."""
    return library(tmp_path_factory.mktemp("streets"), *stories(4))


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_thresholds_are_in_order_and_near_the_default(streets: Generation) -> None:
    """However odd a model's confidence is, no threshold moves by more than 1.5 logits, and both by the same."""
    fitted, default = calibrate(streets, FakeEncoder()), default_weights()
    assert fitted.fitted
    assert 0 < fitted.closest_from < fitted.answer_from < 1
    steps = [logit(getattr(fitted, name)) - logit(getattr(default, name)) for name in ("answer_from", "closest_from")]
    assert steps[0] == pytest.approx(steps[1])
    assert abs(steps[0]) <= 1.5 + 1e-9


def test_the_same_library_gives_the_same_calibration(streets: Generation) -> None:
    """Nothing is left to chance."""
    assert calibrate(streets, FakeEncoder()) == calibrate(streets, FakeEncoder())


def test_questions_are_bounded(streets: Generation) -> None:
    """Never are more questions asked than allowed, whatever the library's size."""
    for most in (MOST, 60, 10, 0):
        fitted = calibrate(streets, FakeEncoder(), most=most)
        assert fitted.answerable + fitted.unanswerable <= most


@pytest.mark.parametrize("texts", [(CLAY, SEA), ("One line.",)])
def test_a_small_library_keeps_the_defaults(tmp_path: Any, texts: tuple[str, ...]) -> None:
    """A handful of sentences is no ground to move a threshold on."""
    fitted, default = calibrate(library(tmp_path, *texts), FakeEncoder()), default_weights()
    assert not fitted.fitted
    assert (fitted.answer_from, fitted.closest_from) == (default.answer_from, default.closest_from)


def test_few_questions_move_a_threshold_less(streets: Generation) -> None:
    """The fewer questions there are, the nearer the thresholds stay to the default."""
    steps = [
        abs(logit(calibrate(streets, FakeEncoder(), most=most).answer_from) - logit(default_weights().answer_from))
        for most in (100, 200)
    ]
    assert 0 < steps[0] <= steps[1]


def test_what_a_library_covers_is_not_held_against_it(tmp_path: Any, small: Generation) -> None:
    """A held-out question whose words stand in one passage is left out, and so is the rest of its field."""
    kitchen = library(tmp_path, EGGS, SEA)
    cooking = set(held_out.fields()["kitchen"])
    assert held_out.covers(kitchen, "How long should I boil an egg so that the yolk stays soft?")
    assert not held_out.covers(kitchen, "Who composed the Moonlight Sonata?")
    assert not cooking & set(held_out.about_other_things(kitchen, 1000))
    assert cooking <= set(held_out.about_other_things(small, 1000))


def test_words_from_several_passages_cover_nothing(tmp_path: Any) -> None:
    """A passage must hold most of a question: words that lie apart answer nothing together."""
    apart = library(
        tmp_path, "The egg lay there for long.\n\nWater must boil.\n\nThe yolk is yellow.\n\nSnow stays soft."
    )
    assert not held_out.covers(apart, "How long should I boil an egg so that the yolk stays soft?")


def test_near_misses_are_asked_where_their_document_is_hidden(streets: Generation) -> None:
    """A question made of a document never finds it, nor the rest of its half; in the library itself it does."""
    seen = 0
    for view, made in held_out.near_misses(streets, 40, [Degree(0.9, 0)]):
        asked = [Asked(question.text) for question in made]
        hidden = {d.id for d in streets.texts.documents} - {
            quote.document for found in answer(view, FakeEncoder(), asked) for quote in (*found.quotes, *found.more)
        }
        assert len(hidden) == 2
        open_answers = answer(streets, FakeEncoder(), asked)
        assert hidden <= {quote.document for found in open_answers for quote in found.quotes}
        seen += len(made)
    assert seen == 40


def test_what_two_documents_say_is_no_near_miss(tmp_path: Any) -> None:
    """A copy of a hidden sentence answers: it is not counted as a false answer, as another sentence is."""
    copies = library(tmp_path / "copies", *stories(1), *(text + "\n\nThe end." for text in stories(1)))
    others = library(tmp_path / "others", *stories(2))
    counts = [calibrate(each, FakeEncoder()).unanswerable for each in (copies, others)]
    assert counts[0] < counts[1] - 15


def test_a_hidden_documents_own_words_are_unknown(small: Generation) -> None:
    """Words that only hidden passages hold count as words the library does not know; the library is not changed."""
    hidden = np.array([passage.document == "a.txt" for passage in small.passages])
    view = without(small, hidden)
    assert not view.lexical_overlap.knows("kiln")
    assert view.lexical_overlap.knows("tide")
    assert small.lexical_overlap.knows("kiln")


def test_one_document_has_no_near_misses(tmp_path: Any) -> None:
    """Where hiding a document would leave nothing, nothing is asked."""
    assert list(held_out.near_misses(library(tmp_path, *stories(1)), 40, [])) == []


def test_it_comes_back_from_json() -> None:
    """What was written is read as it was."""
    assert Calibration(**json.loads(json.dumps(FITTED.to_json()))) == FITTED


@pytest.mark.parametrize(
    "change",
    [
        {"answer_from": 1.0},
        {"answer_from": 0.2},
        {"closest_from": 0.0},
        {"closest_from": "0.3"},
        {"precision": 1.2},
        {"coverage": float("nan")},
        {"false_answers": None},
        {"answerable": -1},
        {"unanswerable": 1.5},
        {"answerable": True},
        {"fitted": 1},
    ],
)
def test_what_is_no_calibration_is_refused(change: dict[str, Any]) -> None:
    """A field of another type or out of range raises a ValueError."""
    with pytest.raises(ValueError, match=r"\d validation error"):
        Calibration(**{**FITTED.to_json(), **change})


def test_what_a_later_version_adds_to_a_calibration_is_ignored() -> None:
    """Two versions answer alike from one record during an update."""
    assert Calibration(**FITTED.to_json(), more=1) == FITTED  # type: ignore[call-arg]


@pytest.mark.parametrize("content", [None, [], "x", {}, {"answer_from": 0.6}, {**FITTED.to_json(), "fitted": 1}])
def test_a_record_without_a_valid_calibration_leaves_the_defaults(tmp_path: Any, content: Any) -> None:
    """The library opens without thresholds that were fitted to it; with a valid calibration it has them."""
    generation = library(tmp_path, CLAY).id
    for row, expected in ((content, None), (FITTED.to_json(), FITTED)):
        record(tmp_path, generation, {"calibration": row})
        assert load(tmp_path, generation).calibration == expected


def test_only_outcome_and_confidence_follow_the_calibration(tmp_path: Any) -> None:
    """Other thresholds give another outcome and the confidence on its side of them; quotes and order stay."""
    generation = library(tmp_path, CLAY, SEA)
    [ranking] = search(generation, FakeEncoder(), ["What forgets the fire?"])
    sure = answerable(ranking, default_weights())

    def asked(calibration: Calibration | None) -> Any:
        generation.calibration = calibration
        return answer(generation, FakeEncoder(), [Asked("What forgets the fire?")])[0]

    before = asked(None)
    for answer_from, closest_from, outcome in [
        (sure, sure / 2, Outcome.ANSWER),
        (sure + 1e-6, sure, Outcome.CLOSEST),
        (sure + 2e-6, sure + 1e-6, Outcome.NOT_COVERED),
    ]:
        found = asked(dataclasses.replace(FITTED, answer_from=answer_from, closest_from=closest_from))
        assert found.outcome is outcome
        assert [quote.text for quote in found.quotes] == [quote.text for quote in before.quotes]


def test_the_essay_with_the_real_model(essay_generation: Generation, real_encoder: SentenceTransformerEncoder) -> None:
    """On the essay the thresholds are fitted, most made questions are answered and few held-out ones are."""
    fitted = calibrate(essay_generation, real_encoder)
    assert fitted.fitted
    assert fitted.coverage >= 0.9
    assert fitted.precision >= 0.6
    assert fitted.false_answers <= 0.1
