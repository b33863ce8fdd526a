"""BM25 is BM25, and words are words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import GenerationError
from index.indexes.bm25 import Bm25Index, load
from index.text.words import STOP_WORDS, all_words, stem, stems, words

K1, B = 1.2, 0.75
VOCABULARY = ["clay", "glass", "fire", "hand", "kiln", "tide"]
texts = st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=8), min_size=1, max_size=12)


def reference(corpus: Sequence[Sequence[str]], question: Sequence[str]) -> list[float]:
    """Robertson's formula as Lucene has it (without the constant factor k1 + 1), word by word."""
    average = sum(map(len, corpus)) / len(corpus)
    scores = []
    for text in corpus:
        score = 0.0
        for word in set(question):
            holding = sum(word in other for other in corpus)
            rarity = math.log(1 + (len(corpus) - holding + 0.5) / (holding + 0.5))
            count = text.count(word)
            if count:
                score += rarity * count / (count + K1 * (1 - B + B * len(text) / average))
        scores.append(score)
    return scores


@settings(deadline=None)  # the first index imports bm25s and SciPy
@given(texts, st.lists(st.sampled_from([*VOCABULARY, "unheard"]), max_size=5))
def test_scores_are_those_of_the_formula(corpus: list[list[str]], question: list[str]) -> None:
    """Every text's score is that of the published formula; a word asked twice counts once."""
    found = Bm25Index.build(corpus).scores(question)
    assert found.dtype == np.float32
    assert found.shape == (len(corpus),)
    np.testing.assert_allclose(found, reference(corpus, question), rtol=1e-4, atol=1e-5)


def test_a_view_scores_the_kept_texts_alone() -> None:
    """A text that is not kept scores 0, the others score as before; the index itself stays as it was."""
    for corpus in ([["clay", "hand"], ["clay"], ["glass", "clay"]], [[], [], []]):
        index = Bm25Index.build(corpus)
        whole = index.scores(["clay"])
        kept = np.array([True, False, True])
        assert np.array_equal(index.within(kept).scores(["clay"]), whole * kept)
        assert np.array_equal(index.scores(["clay"]), whole)


def test_nothing_shared_scores_nothing() -> None:
    """A text without a word of the question has score 0, and so has every text for no question."""
    index = Bm25Index.build([["clay", "hand"], ["glass"]])
    assert index.scores(["glass"])[0] == 0
    assert not index.scores(["unheard"]).any()
    assert not index.scores([]).any()
    assert not index.scores([""]).any()


@pytest.mark.parametrize("corpus", [[], [[]], [[], []]])
def test_texts_without_words(corpus: list[list[str]], tmp_path: Path) -> None:
    """A library whose texts hold no word can be indexed, saved, loaded and asked."""
    index = Bm25Index.build(corpus)
    index.save(tmp_path, "words")
    for each in (index, load(tmp_path, "words", len(corpus))):
        assert each.scores(["clay"]).tolist() == [0.0] * len(corpus)


def test_what_is_loaded_scores_as_what_was_saved(tmp_path: Path) -> None:
    """An index on disk and the one that wrote it score the same."""
    corpus = [["clay", "hand"], ["glass", "fire", "glass"], []]
    index = Bm25Index.build(corpus)
    index.save(tmp_path, "words")
    again = load(tmp_path, "words", 3)
    for question in (["glass"], ["clay", "fire"], ["unheard"]):
        assert np.array_equal(again.scores(question), index.scores(question))


def test_a_damaged_index_is_refused(tmp_path: Path) -> None:
    """Whichever of its files is gone or cut, no other error than GenerationError gets out."""
    Bm25Index.build([["clay", "hand"], ["glass"]]).save(tmp_path, "words")
    for file in sorted((tmp_path / "words").iterdir()):
        whole = file.read_bytes()
        for damaged in (whole[: len(whole) // 2], None):
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            with suppress(GenerationError):
                load(tmp_path, "words", 2)
            file.write_bytes(whole)
    (tmp_path / "words" / "vocab.index.json").write_text("{", encoding="utf-8")
    with pytest.raises(GenerationError, match="Rebuild"):
        load(tmp_path, "words", 2)


def test_words_are_folded_and_stop_words_left_out() -> None:
    """Words come in lower case and in order; stop words and punctuation do not come."""
    assert all_words("The Potter's kiln, in 1712!") == ["the", "potter", "s", "kiln", "in", "1712"]
    assert words("The Potter's kiln, in 1712!") == ["potter", "kiln", "1712"]
    assert words("to be, or not to be") == []
    assert words("😀 … —") == []


@pytest.mark.parametrize(("one", "other"), [("burning", "burned"), ("industries", "industry"), ("forms", "form")])
def test_inflections_share_a_stem(one: str, other: str) -> None:
    """Forms of one word meet in its stem."""
    assert stem(one) == stem(other)
    assert stems(f"the {one}") == [stem(other)]


def test_stop_words_are_words_in_lower_case() -> None:
    """Each stop word is what `all_words` would give, else it never stops anything."""
    assert all(all_words(word) == [word] for word in STOP_WORDS)
