"""How much of a question a text holds is a share, and each candidate's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.indexes.overlap import LexicalOverlap, OverlapFeatures, letter_runs
from index.text.tokens import DATE, NAME, NUMBER, tokenize

SENTENCES = (
    "Clay remembers the hand that shaped it.",
    "The Ming dynasty fell because grain ran out.",
    "Fire burns in Jingdezhen for nine days.",
    "It was in June 1712.",
    "!",
)
STARTS = np.array([0, 2, 3, 5])
VOCABULARY = ["clay", "hand", "ming", "dynasty", "grain", "fire", "burning", "unheard", "clays", "kiln"]


def wording(sentences: tuple[str, ...] = SENTENCES, starts: np.ndarray = STARTS) -> LexicalOverlap:
    tokens = tokenize(sentences)
    return LexicalOverlap(tokens, starts)


def overlap(question: list[str], passages: list[int], asking: list[str] | None = None) -> OverlapFeatures:
    return wording().overlap(question, asking or [], np.array(passages))


def test_tokens_keep_sentences_apart() -> None:
    """Every sentence begins with word 0, and none is empty, not even one without words."""
    tokens = tokenize(SENTENCES)
    assert tokens.words[0] == ""
    assert len(tokens.starts) == len(SENTENCES) + 1
    assert all(tokens.ids[start] == 0 for start in tokens.starts[:-1])
    assert np.all(np.diff(tokens.starts) >= 1)
    spelled = [tokens.words[i] for i in tokens.ids[tokens.starts[1] : tokens.starts[2]]]
    assert spelled == ["", "the", "ming", "dynasty", "fell", "because", "grain", "ran", "out"]


@pytest.mark.parametrize(
    ("sentence", "bits"),
    [
        ("it fell because of rain", 0),
        ("we met Lao there", NAME),
        ("Lao came", 0),
        ("it took nine days", NUMBER),
        ("it took 42 days", NUMBER),
        ("that was in 1712", NUMBER | DATE),
        ("that was in june", DATE),
        ("we say NATO or I", 0),
    ],
)
def test_words_are_taken_for_what_they_look_like(sentence: str, bits: int) -> None:
    """Capitals inside a sentence are names; numbers, years and months are known."""
    assert np.bitwise_or.reduce(tokenize([sentence]).kinds) == bits


def test_rarity_is_inverse_document_frequency_over_passages() -> None:
    """A word in one of three passages is as rare as BM25 says; one the library lacks is rarer than all."""
    held = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    assert wording().rarity("clay") == pytest.approx(held, rel=1e-5)
    assert wording().rarity("in") == pytest.approx(math.log(1 + (3 - 2 + 0.5) / (2 + 0.5)), rel=1e-5)
    assert wording().rarity("unheard") > held


def test_a_word_is_known_in_any_inflection() -> None:
    """ "burned" is known where "burns" stands."""
    assert wording().knows("burned")
    assert wording().knows("clays")
    assert not wording().knows("granite")


def test_letter_runs_have_edges() -> None:
    """Runs of four letters; a word shorter than that is one run."""
    assert letter_runs("cat") == (" cat", "cat ")
    assert letter_runs("a") == (" a ",)


def test_a_sentence_that_holds_the_question_holds_all_of_it() -> None:
    """Shares are 1 where every part is held and 0 where none is."""
    found = overlap(["ming", "dynasty", "grain"], [0, 1], ["fell", "zzz"])
    np.testing.assert_allclose(found.passage_letters[0], 1, rtol=1e-5)
    np.testing.assert_allclose(found.sentence_asking, [0, 0.5, 0], atol=1e-6)
    assert found.passage_letters[1] == 0
    assert found.passage_pairs[0] == pytest.approx(0.5, abs=0.05)
    assert found.passage_pairs[1] == 0


def test_a_pair_never_crosses_a_sentence() -> None:
    """The last word of one sentence and the first of the next are no neighbours."""
    sentences = ("Here lies clay.", "Hand in hand.")
    words = ["clay", "hand"]
    found = wording(sentences, np.array([0, 2])).overlap(words, [], np.array([0]))
    assert found.passage_pairs[0] == 0
    joined = wording(("Here lies clay of hand.",), np.array([0, 1])).overlap(words, [], np.array([0]))
    assert joined.passage_pairs[0] == pytest.approx(1, rel=1e-5)


def test_what_the_question_says_itself_is_no_answer_to_it() -> None:
    """A year in the question does not make a sentence with that year hold a date."""
    assert overlap(["june", "kiln"], [2]).kinds[0] & DATE
    assert overlap(["june", "1712"], [2]).kinds[0] & DATE == 0


questions = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5, unique=True)


@given(questions, st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=3, unique=True).map(sorted))
def test_a_candidate_is_judged_by_itself(question: list[str], passages: list[int]) -> None:
    """Shares lie in 0..1, and a passage's are the same whichever others are candidates with it."""
    together = overlap(question, passages)
    counts = np.diff(STARTS)[passages]
    edges = np.concatenate([[0], np.cumsum(counts)])
    for number, passage in enumerate(passages):
        alone = overlap(question, [passage])
        mine = slice(edges[number], edges[number + 1])
        for name in ("passage_pairs", "passage_letters"):
            values = getattr(together, name)
            assert -1e-6 <= values[number] <= 1 + 1e-5
            assert values[number] == pytest.approx(getattr(alone, name)[0], abs=1e-5)
        values = together.sentence_asking[mine]
        assert np.all((values >= -1e-6) & (values <= 1 + 1e-5))
        np.testing.assert_allclose(values, alone.sentence_asking, atol=1e-5)
        assert np.array_equal(together.kinds[mine], alone.kinds)


def test_a_long_question_is_compared_word_by_word() -> None:
    """More parts than one integer has bits for are all counted, and the last as well as the first."""
    known = ["clay", "remembers", "hand"]
    unknown = [f"q{number}x" for number in range(200)]
    first, last = (overlap([*words], [0]) for words in ([*known, *unknown], [*unknown, *known]))
    alone = overlap(unknown, [0])
    for found in (first, last):
        assert 0 < found.passage_pairs[0] < 0.1
        assert found.passage_letters[0] > alone.passage_letters[0]
    assert first.passage_letters[0] == pytest.approx(last.passage_letters[0])
    asking = overlap(["clay"], [0], [*unknown, "the"]).sentence_asking
    assert asking.tolist() == pytest.approx([1 / 201, 1 / 201])
