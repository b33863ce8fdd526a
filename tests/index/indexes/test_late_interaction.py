"""A question's word is as near to a sentence as to the sentence's nearest word."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index.answering.answer import Asked
from index.answering.selection import answer
from index.generations.build import prepare
from index.generations.checkpoint import Checkpoint
from index.generations.generation import Encoded, Generation
from index.indexes import late_interaction
from index.indexes.late_interaction import LateInteraction, are_signs, kept, packed, taken_over
from index.models.encoder import SentenceTransformerEncoder
from index.text.noise import Aliases
from tests.index.fakes import CLAY, SEA, FakeEncoder, document, library

RNG = np.random.default_rng(5)


def unit(rows: int, columns: int = 384) -> np.ndarray:
    found = RNG.standard_normal((rows, columns)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_nearest_is_the_highest_cosine_of_each_sentence() -> None:
    """The same as plain arithmetic on unpacked rows, whichever passages each question looks at, in whichever order."""
    rows, words = unit(12), unit(3)
    tokens, sentences = np.array([0, 4, 5, 9, 12]), np.array([0, 1, 3, 4])
    contexts = LateInteraction(packed(rows), tokens, sentences)
    cosine = rows @ words.T
    plain = [cosine[first:last].max(axis=0) for first, last in pairwise(tokens)]
    np.testing.assert_allclose(contexts.nearest([words], [np.array([0, 1, 2])])[0], plain, atol=0.01)
    others = unit(2)
    found, of_others = contexts.nearest([words, others], [np.array([2, 1]), np.array([1, 0])])
    np.testing.assert_allclose(found, [plain[n] for n in (3, 1, 2)], atol=0.01)
    cosine = rows @ others.T
    plain = [cosine[first:last].max(axis=0) for first, last in pairwise(tokens)]
    np.testing.assert_allclose(of_others, [plain[n] for n in (1, 2, 0)], atol=0.01)


@pytest.mark.parametrize("value", [1.0, -1.0, 0.0])
def test_a_byte_holds_what_a_unit_row_can_hold(value: float) -> None:
    """Extremes are cut off rather than wrapped around."""
    assert np.sign(packed(np.array([[value]], np.float32))) == np.sign(value)


def test_a_sign_is_a_bit_in_the_order_of_the_numbers() -> None:
    """A number above 0 is a set bit, the first number the highest; nothing else is kept of a row."""
    rows = packed(np.array([[0.1, -0.2, 0.0, 0.4, -0.1, -0.3, 0.2, 0.5]], np.float32))
    assert kept(rows, signs=True).tolist() == [[0b10010011]]
    assert kept(rows, signs=False) is rows


def test_signs_rank_real_words_as_bytes_do(real_encoder: SentenceTransformerEncoder) -> None:
    """On words read by the real model estimates are within a few hundredths, and order sentences nearly the same."""
    sentences = prepare([document(CLAY), document(SEA)], Aliases({})).sentence_texts
    read = [found.words for found in real_encoder.encode_in_context(sentences)]
    ends = np.cumsum([0, *map(len, read)])
    rows = packed(np.concatenate(read))
    asked = ("How long did the kiln in Jingdezhen burn?", "What spoils in wooden barrels?", "Who loses the ship?")
    words = np.concatenate([found.words for found in real_encoder.encode_in_context(asked, asked=True)])
    whole, starts = np.array([0]), np.array([0, len(sentences)])
    of_bytes, of_signs = (
        LateInteraction(kept(rows, signs=signs), ends, starts).nearest([words], [whole])[0] for signs in (False, True)
    )
    assert np.abs(of_signs - of_bytes).mean() < 0.04
    assert np.abs(of_signs - of_bytes).max() < 0.16
    assert np.corrcoef(of_signs.ravel(), of_bytes.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("signs", [False, True])
def test_a_word_that_the_model_did_not_read_is_near_to_nothing(signs: bool) -> None:
    """Zeros stay a cosine of 0, in a sentence of their own as beside words that are farther than that."""
    words = unit(3)
    rows = np.concatenate([np.zeros((2, 384), np.float32), -words[:1], unit(4)])
    contexts = LateInteraction(kept(packed(rows), signs=signs), np.array([0, 1, 3, 7]), np.array([0, 3]))
    [found] = contexts.nearest([words], [np.array([0])])
    assert (found[0] == 0).all()
    assert found[1, 0] == 0
    assert (found[2] != 0).all()


def test_what_is_taken_over_is_as_if_encoded_anew() -> None:
    """Bytes become bytes or signs, signs stay signs; no bytes are made of signs."""
    rows = packed(unit(5))
    signs = kept(rows, signs=True)
    for given, as_signs, expected in ((rows, False, rows), (rows, True, signs), (signs, True, signs)):
        taken = taken_over(given, signs=as_signs)
        assert taken is not None
        assert np.array_equal(taken, expected)
    assert taken_over(signs, signs=False) is None


def test_signs_are_kept_above_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of exactly as many words as the limit keeps bytes."""
    monkeypatch.setattr(late_interaction, "_BYTES_UP_TO", 7)
    assert (are_signs(7), are_signs(8)) == (False, True)


def test_a_library_that_outgrows_the_limit_and_shrinks_again(
    data: Path, fake: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers all the while; only sentences of which nothing but signs is kept are encoded again."""
    small = library(data, CLAY, encoder=fake)
    monkeypatch.setattr(late_interaction, "_BYTES_UP_TO", len(small.late_interaction._rows))
    assert small.late_interaction._rows.dtype == np.int8

    fake.encoded.clear()
    large = library(data, CLAY, SEA, encoder=fake)
    assert (large.late_interaction._rows.dtype, large.late_interaction._rows.shape[1]) == (
        np.uint8,
        fake.dimension // 8,
    )
    new = prepare([document(SEA)], Aliases({}))
    assert sorted(fake.encoded) == sorted((*new.passage_texts, *new.window_texts, "b.txt: A sailor's book"))
    fresh = library(data / "fresh", CLAY, SEA)
    assert np.array_equal(large.late_interaction._rows, fresh.late_interaction._rows)
    assert _quote(large, fake, "When does fresh water in wooden barrels spoil?").startswith("Fresh water spoils")
    assert _quote(large, fake, "How long did the kiln burn?").startswith("A kiln in Jingdezhen")

    fake.encoded.clear()
    again = library(data, SEA, encoder=fake)
    assert again.late_interaction._rows.dtype == np.int8
    assert sorted(fake.encoded) == sorted((*new.window_texts, "a.txt: A sailor's book"))  # its title has changed
    assert np.array_equal(again.late_interaction._rows, library(data / "sea", SEA).late_interaction._rows)
    assert _quote(again, fake, "When does fresh water in wooden barrels spoil?").startswith("Fresh water spoils")


def test_signs_written_down_by_a_killed_build_serve_only_a_large_library(data: Path, fake: FakeEncoder) -> None:
    """A library that shrank meanwhile takes the passages over, and encodes the sentences again."""
    words = kept(packed(unit(3, fake.dimension)), signs=True)
    row = unit(1, fake.dimension)[0]
    Checkpoint(data, fake).write(Encoded({"passage": row}, {"sentence": row}, {"sentence": words}, signs=True))
    for signs in (True, False):
        known = Encoded({}, {}, {}, signs)
        Checkpoint(data, fake).read_into(known)
        assert known.passages.keys() == {"passage"}
        assert known.sentences.keys() == known.contexts.keys() == ({"sentence"} if signs else set())


def _quote(generation: Generation, encoder: FakeEncoder, question: str) -> str:
    return answer(generation, encoder, [Asked(question)])[0].quotes[0].text
