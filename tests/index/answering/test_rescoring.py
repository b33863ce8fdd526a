"""The best sentences are scored again by a cross-encoder where that may change the first one, and only there."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from index.answering.answer import Asked
from index.answering.confidence import ahead, evidence_logit
from index.answering.ranking import Ranking, search
from index.answering.rescoring import rescore_close
from index.answering.selection import answer
from index.answering.weights import default_weights
from index.generations.generation import Generation
from tests.index.fakes import FakeEncoder, FondCrossEncoder, library

QUESTION = "What forgets the fire?"
WEIGHTS = replace(default_weights(), cross_score=5.0)


def found(generation: Generation, question: str = QUESTION, *, times: float = 0.1) -> Ranking:
    """A ranking in which the first sentence is hardly ahead of the others, as its scores count a tenth."""
    [ranking] = search(generation, FakeEncoder(), [question], WEIGHTS)
    return replace(ranking, scores=times * ranking.scores)


def test_what_the_cross_encoder_likes_comes_first(small: Generation) -> None:
    """Scores are sums; what was not read counts as the worst of what was; the evidence stays."""
    before = found(small)
    liked = [number for number, _ in islice(before.self_contained(small), 4)][3]
    cross_encoder = FondCrossEncoder(small.sentence(liked).text)
    [after] = rescore_close(small, cross_encoder, [QUESTION], [before], WEIGHTS)
    assert after.sentences[0] == liked
    assert sorted(after.sentences) == sorted(before.sentences)
    assert (np.diff(after.scores) <= 0).all()
    was, now = (dict(zip(each.sentences, each.scores, strict=True)) for each in (before, after))
    assert now[liked] == pytest.approx(was[liked] + 5 * 6)
    assert all(now[number] == pytest.approx(was[number] - 5) for number in was if number != liked)
    assert after.cross_encoded == 6
    assert evidence_logit(after, WEIGHTS) == evidence_logit(before, WEIGHTS)


def test_a_first_sentence_far_ahead_is_not_read(small: Generation) -> None:
    """Nor is anything without a cross-encoder: the ranking is the one that was given."""
    sure, unsure = found(small, times=10), found(small)
    assert ahead(sure) > 0.5 > ahead(unsure)
    cross_encoder = FondCrossEncoder("fire")
    assert rescore_close(small, cross_encoder, [QUESTION], [sure], WEIGHTS)[0] is sure
    assert cross_encoder.pairs == []
    assert rescore_close(small, None, [QUESTION], [unsure], WEIGHTS)[0] is unsure


def test_where_too_many_are_alike_nothing_is_read(small: Generation) -> None:
    """Of twelve sentences that are equally near, four say little about which is right; of six, more."""
    twelve, six = found(small), found(small)
    twelve.scores[:], six.scores[:] = -50, -50
    twelve.scores[:12] = six.scores[:6] = 1
    cross_encoder = FondCrossEncoder("fire")
    few, many = rescore_close(small, cross_encoder, [QUESTION] * 2, [six, twelve], WEIGHTS)
    assert (few.cross_encoded, many.cross_encoded) == (6, None)


def test_where_headings_decide_nothing_is_read(small: Generation) -> None:
    """A cross-encoder does not see the heading that says what a sentence is about."""
    before, fond = found(small), FondCrossEncoder("fire")
    gains = np.zeros(len(before.scores), np.float32)
    gains[1] = 1.5
    assert (
        rescore_close(small, fond, [QUESTION], [replace(before, heading_gains=gains)], WEIGHTS)[0].cross_encoded is None
    )
    even = replace(before, heading_gains=gains * 0 + 1.5)
    assert rescore_close(small, fond, [QUESTION], [even], WEIGHTS)[0].cross_encoded == 6


def test_questions_are_read_together_each_with_its_own_sentences(small: Generation) -> None:
    """Two questions of one batch get what each gets alone."""
    questions = [QUESTION, "Which captain loses a ship?"]
    rankings = [found(small, each) for each in questions]
    together = rescore_close(small, FondCrossEncoder("tide"), questions, rankings, WEIGHTS)
    for question, ranking, both in zip(questions, rankings, together, strict=True):
        [alone] = rescore_close(small, FondCrossEncoder("tide"), [question], [ranking], WEIGHTS)
        np.testing.assert_array_equal(alone.sentences, both.sentences)
        np.testing.assert_allclose(alone.scores, both.scores)


def test_each_is_read_between_its_neighbours(tmp_path: Path) -> None:
    """Neighbours of one passage are one text; a long neighbour and another passage are left out."""
    long = "The log of the harbour says that " + "the fog stayed and " * 30 + "no boat left."
    pier = "Ann built the pier. The pier is of oak. The pier burned in May."
    text = f"{pier}\n\n{long} The pier was built again by Bea."
    generation = library(tmp_path, text)
    ranking = found(generation, "Who built the pier?")
    cross_encoder = FondCrossEncoder("Ann")
    rescore_close(generation, cross_encoder, ["Who built the pier?"], [ranking], WEIGHTS)
    read = {each.text: [each.text[a:b] for a, b in each.pieces] for each in cross_encoder.pairs}
    assert read[pier] == [f"{each.rstrip('.')}." for each in pier.split(". ")]
    assert read["The pier was built again by Bea."] == ["The pier was built again by Bea."]
    assert all(each.question == "Who built the pier?" for each in cross_encoder.pairs)


def test_an_answer_is_rescored_by_the_encoders_cross_encoder(small: Generation) -> None:
    """What an encoder without one answers is the plain ranking; with one the sentence that it likes comes first."""
    encoder, close = FakeEncoder(), replace(WEIGHTS, ranking=0.1 * WEIGHTS.ranking)
    [plain] = answer(small, encoder, [Asked(QUESTION)], close)
    liked = plain.quotes[1].text
    encoder.cross_encoder = FondCrossEncoder(liked)
    [scored] = answer(small, encoder, [Asked(QUESTION)], close)
    assert plain.quotes[0].text != liked
    assert scored.quotes[0].text == liked
