"""A ranking holds what dense and lexical evidence find, and says of what its scores are made."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from index.answering.ranking import Ranking, search
from index.answering.weights import EVIDENCE, FEATURES, Weights, default_weights, read_weights
from index.generations.generation import Generation
from tests.index.conftest import ROOT
from tests.index.fakes import CLAY, FakeEncoder, library

COLUMN = {name: number for number, name in enumerate(FEATURES)}


def rank(generation: Generation, question: str, weights: Weights | None = None) -> Ranking:
    return search(generation, FakeEncoder(), [question], weights)[0]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What forgets the fire?", "Glass forgets the fire at once."),
        ("Which captain loses a ship?", "A captain who ignores the tide loses the ship."),
        ("Why does iron rust where water stays?", "Iron rusts where water stays on it for long."),
        ("How long does fresh water last in barrels?", "Fresh water spoils in wooden barrels after six weeks."),
    ],
)
def test_the_sentence_with_the_words_comes_first(small: Generation, question: str, first: str) -> None:
    """A question in the words of a sentence finds that sentence."""
    assert small.sentence(rank(small, question).sentences[0]).text == first


def test_a_ranking_is_in_order_and_names_each_sentence_once(small: Generation) -> None:
    """Scores fall, no sentence comes twice, and features add up to the scores by the weights."""
    found = rank(small, "What forgets the fire?")
    assert np.all(np.diff(found.scores) <= 0)
    assert len(set(found.sentences.tolist())) == len(found.sentences) <= len(small.sentences)
    np.testing.assert_allclose(found.features @ default_weights().ranking, found.scores, rtol=1e-4, atol=1e-4)
    assert found.evidence.shape == (len(EVIDENCE),)
    assert np.isfinite(found.features).all()
    assert np.isfinite(found.evidence).all()


def test_cosines_are_those_of_the_rows(small: Generation) -> None:
    """The dense evidence is inner products with the question's row: the best sentence's own, and the highest."""
    question = "What forgets the fire?"
    found, row = rank(small, question), FakeEncoder().encode_queries([question])[0]
    cosine = small.sentence_vectors.vectors @ row
    evidence = dict(zip(EVIDENCE, found.evidence, strict=True))
    assert evidence["sentence_cosine"] == pytest.approx(float(cosine[found.sentences[0]]), abs=1e-5)
    assert evidence["nearest_cosine"] == pytest.approx(float(cosine[found.sentences].max()), abs=1e-5)
    passages = small.passage_of[found.sentences]
    np.testing.assert_allclose(
        found.features[:, COLUMN["passage_cosine"]], (small.passage_vectors.vectors @ row)[passages], atol=1e-5
    )


def test_shared_words_are_evidence_however_large_the_library(tmp_path: Path) -> None:
    """The highest BM25 of a passage counts against what one rare word could bring, so that size hardly matters."""
    column = EVIDENCE.index("passage_bm25")
    other = [f"Paragraph {n} speaks of matter {n * 7} and of nothing else." for n in range(300)]
    text = "A lighthouse keeper counts the ships."
    few, many = (library(tmp_path / str(count), "\n\n".join([*other[:count], text])) for count in (30, 300))
    for generation in (few, many):
        shared = [rank(generation, q).evidence[column] for q in ("Who counts ships?", "Who counts?", "Whose quux?")]
        assert shared[0] > shared[1] > shared[2] == 0
    found = [rank(generation, "Who counts the ships?").evidence[column] for generation in (few, many)]
    assert found[1] == pytest.approx(found[0], rel=0.15)


def test_words_are_held_against_words_in_context(small: Generation) -> None:
    """Each kind of word counts by itself: a sentence that says the topic is at 1, the rest says how it is asked."""
    found = rank(small, "Which clay remembers?")
    number = [small.sentence(n).text for n in found.sentences].index("Clay remembers the hand that shaped it.")
    features = dict(zip(FEATURES, found.features[number], strict=True))
    assert features["context_topic"] == pytest.approx(1, abs=0.05)
    assert features["context_asking"] == features["context_question"] < 0.6  # "which" is the only word of asking
    assert features["passage_context"] == pytest.approx((2 + features["context_asking"]) / 3, abs=0.1)
    asked = rank(small, "When does that clay remember?").features[
        :, [COLUMN["context_asking"], COLUMN["context_question"]]
    ]
    assert not np.allclose(asked[:, 0], asked[:, 1])


def test_a_passage_ranks_by_its_best_sentences(small: Generation) -> None:
    """Passages come best first, each once, and each is worth its best sentence and a little for those near it."""
    found = rank(small, "What does the kiln burn?")
    passages = found.passages(small)
    assert len({number for number, _ in passages}) == len(passages)
    assert [score for _, score in passages] == sorted((score for _, score in passages), reverse=True)
    for number, score in passages:
        own = found.scores[small.passage_of[found.sentences] == number]
        assert own.max() <= score + 1e-6
        assert score <= own.max() + 0.5 * np.log(len(own)) + 1e-6


def test_two_good_sentences_outweigh_one_that_is_hardly_better(small: Generation) -> None:
    """The passage with more to say comes first, but a clearly better sentence is never outweighed by numbers."""
    of = {int(passage): np.flatnonzero(small.passage_of == passage) for passage in np.unique(small.passage_of)}
    one, two = min(of, key=lambda passage: len(of[passage])), max(of, key=lambda passage: len(of[passage]))
    assert len(of[two]) > 1
    sentences = np.array([of[one][0], *of[two]])

    def order(lead: float) -> list[int]:
        scores = np.array([lead, *np.zeros(len(of[two]))], np.float32)
        none = np.zeros((len(sentences), len(FEATURES)), np.float32)
        ranking = Ranking(sentences, scores, none, np.zeros(len(EVIDENCE), np.float32))
        return [number for number, _ in ranking.passages(small)]

    assert order(0.05) == [two, one]
    assert order(2.0) == [one, two]


def test_together_or_alone_is_the_same(small: Generation) -> None:
    """A question's ranking does not depend on which others are asked with it."""
    questions = ["What forgets the fire?", "Who ignores the tide?", "???", "How many days?", "clay"]
    for question, together in zip(questions, search(small, FakeEncoder(), questions), strict=True):
        alone = rank(small, question)
        assert np.array_equal(alone.sentences, together.sentences)
        np.testing.assert_allclose(alone.scores, together.scores, atol=1e-5)


def test_questions_are_encoded_in_one_pass(small: Generation) -> None:
    """However many come together, the model is asked once; for none it need not be."""
    encoder = FakeEncoder()
    search(small, encoder, ["What forgets the fire?", "Who ignores the tide?"])
    assert [len(asked) for asked in encoder.asked] == [2]
    assert search(small, FakeEncoder(), []) == []


def test_any_spelling_finds_the_same(tmp_path: Path) -> None:
    """A variant in the question or in the document is the same word to the search."""
    aliases = {"meta-universe": "metaverse", "metasverse": "metaverse"}
    text = "The metasverse is in every industry. Glass forgets the fire at once."
    generation = library(tmp_path, text, aliases=aliases)
    for spelling in ("metaverse", "meta-universe", "Meta universe", "metasverse"):
        found = rank(generation, f"Where is the {spelling}?")
        assert generation.sentence(found.sentences[0]).text == "The metasverse is in every industry."
        assert found.evidence[EVIDENCE.index("unknown")] == 0


def test_words_the_library_lacks_are_evidence(small: Generation) -> None:
    """The share of unknown words is counted over the words that carry the topic, inflected or not."""
    unknown = EVIDENCE.index("unknown")
    for question, share in [
        ("What does clay remember?", 0.0),
        ("Do potters burn pines?", 0.0),
        ("Do potters like granite?", 2 / 3),
        ("Quux frobnicates zyzzyva?", 1.0),
        ("…", 1.0),
    ]:
        assert rank(small, question).evidence[unknown] == pytest.approx(share), question


@pytest.mark.parametrize(
    ("question", "feature", "holder"),
    [
        ("How many days did it burn?", "holds_number", "A kiln in Jingdezhen burned for nine days in 1712."),
        ("In what year did it burn?", "holds_date", "A kiln in Jingdezhen burned for nine days in 1712."),
        ("Where did the kiln burn?", "holds_name", "A kiln in Jingdezhen burned for nine days in 1712."),
    ],
)
def test_what_a_question_asks_for_is_looked_for(small: Generation, question: str, feature: str, holder: str) -> None:
    """A sentence that holds a number, a date or a name is marked for the question that asks for one."""
    found = rank(small, question)
    holds = {
        small.sentence(n).text: row[COLUMN[feature]] for n, row in zip(found.sentences, found.features, strict=True)
    }
    assert holds[holder] == 1
    assert holds["Glass forgets the fire at once."] == 0


def test_only_the_best_of_many_passages_are_ranked(tmp_path: Path) -> None:
    """In a library with many passages, the one that holds the words is among the few that are looked at closely."""
    filler = [f"Paragraph {n} speaks of matter {n * 7} and of nothing else." for n in range(300)]
    filler.insert(123, "A lighthouse keeper counts the ships.")
    generation = library(tmp_path, "\n\n".join(filler))
    found = rank(generation, "Who counts the ships?")
    assert generation.sentence(found.sentences[0]).text == "A lighthouse keeper counts the ships."
    assert len(found.passages(generation)) <= 32


@pytest.mark.parametrize(
    "question", ["", "???", "😀😀", "a" * 4000, "Что такое метавселенная?", "\u202e\u200b", "of the and"]
)
def test_odd_questions_are_ranked_too(small: Generation, question: str) -> None:
    """Whatever is asked, there is a ranking of finite numbers."""
    found = rank(small, question)
    assert len(found.sentences) > 0
    assert np.isfinite(found.scores).all()
    assert np.isfinite(found.evidence).all()


def test_a_library_of_one_sentence(tmp_path: Path) -> None:
    """The smallest library can be asked."""
    generation = library(tmp_path, "Clay remembers the hand.")
    assert rank(generation, "What does clay remember?").sentences.tolist() == [0]


def test_the_shipped_weights_are_whole() -> None:
    """The weights' file names only features that exist, and answers need more confidence than closest passages."""
    content = json.loads((ROOT / "index" / "answering" / "weights.json").read_text(encoding="utf-8"))
    assert content["ranking"].keys() <= set(FEATURES)
    assert content["confidence"].keys() - {"bias"} <= set(EVIDENCE)
    weights = read_weights(content)
    assert np.isfinite(weights.ranking).all()
    assert 0 < weights.closest_from < weights.answer_from < 1


def test_weights_decide(small: Generation) -> None:
    """Other weights give another order: here that of one feature alone."""
    one = np.zeros(len(FEATURES), np.float32)
    one[COLUMN["sentence_bm25"]] = 1
    found = rank(small, "What forgets the fire?", dataclasses.replace(default_weights(), ranking=one))
    np.testing.assert_allclose(found.scores, found.features[:, COLUMN["sentence_bm25"]])
    assert found.scores[0] == 1
    assert CLAY[small.sentences[found.sentences[0]].start :].startswith("Glass forgets")
