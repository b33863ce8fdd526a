"""The cross-encoder says of each piece of a text how likely it answers a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from index.models.cross_encoder import Pair, TokenCrossEncoder, packed, unpacked
from index.models.encoder import SentenceTransformerEncoder

SPECIAL = {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3}
WORDS = {"who": 4, "built": 5, "it": 6, "ann": 7, "sank": 8}


class ByWord(TokenCrossEncoder):
    """Two logits for each word, whatever is around it."""

    LOGITS = np.zeros((len(SPECIAL) + len(WORDS), 2), np.float32)
    LOGITS[WORDS["ann"]] = (3.0, 1.0)
    LOGITS[SPECIAL["[CLS]"]] = (0.5, -0.5)

    def __init__(self) -> None:
        tokenizer = Tokenizer(WordLevel(SPECIAL | WORDS, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = Whitespace()  # type: ignore[assignment]
        tokenizer.post_processor = TemplateProcessing(  # type: ignore[assignment]
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
        )
        super().__init__(tokenizer)

    def _infer(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        return self.LOGITS[inputs["input_ids"]]


def test_a_piece_counts_by_its_tokens_against_the_opening_one() -> None:
    """The mean over beginning and end of the logarithm of the sum over its tokens, less what says "no answer"."""
    [found] = ByWord().log_odds([Pair("who built it", "ann built it it sank", ((0, 12), (13, 20), (90, 95)))])
    begins, ends = np.log(np.exp(3.0) + 2), np.log(np.exp(1.0) + 2)
    assert found[0] == pytest.approx((begins - 0.5 + ends + 0.5) / 2, abs=1e-5)
    assert found[1] == pytest.approx((np.log(2) - 0.5 + np.log(2) + 0.5) / 2, abs=1e-5)
    assert found[2] < -10  # beyond the text


def test_many_are_read_in_their_order() -> None:
    """Batches go by length; what comes back is in the order that was asked."""
    pairs = [Pair("who", "it " * n + "ann", ((0, 3 * n), (3 * n, 3 * n + 3))) for n in range(40, 0, -1)]
    together = ByWord().log_odds(pairs)
    alone = [ByWord().log_odds([each])[0] for each in pairs]
    np.testing.assert_allclose(np.stack(together), np.stack(alone), atol=1e-6)
    assert len({float(each[0]) for each in together}) == 40


def test_factors_are_stored_in_a_byte_each() -> None:
    """What is added comes back within half a step of the scale of its row, and what is replaced as it was."""
    rng = np.random.default_rng(0)
    down = {"a.weight": rng.standard_normal((4, 30)).astype(np.float32)}
    up = {"a.weight": rng.standard_normal((20, 4)).astype(np.float32)}
    other: dict[str, NDArray[Any]] = {
        "b.bias": np.ones(3, np.float32),
        "head": np.ones((2, 3)),
        "head_bias": np.ones(2),
    }
    stored = packed(down, up)
    assert stored["down:a.weight"].dtype == stored["up:a.weight"].dtype == np.int8
    found = unpacked(stored | other)
    np.testing.assert_allclose(found.added["a.weight"], up["a.weight"] @ down["a.weight"], atol=0.15)
    assert list(found.replaced) == ["b.bias"]


@pytest.mark.model
def test_the_answer_is_told_from_what_repeats_the_question(real_encoder: SentenceTransformerEncoder) -> None:
    """The sentence with the year answers "when"; the same text does not answer who designed it, or of another town."""
    text = "The bridge of Aldmoor is the pride of the town. It was opened to carts in 1894 by the mayor."
    pieces = ((0, 47), (48, len(text)))
    questions = (
        "When was the bridge of Aldmoor opened?",
        "Who designed the bridge of Aldmoor?",
        "What did the bridge of Aldmoor cost?",
    )
    assert real_encoder.cross_encoder is not None
    when, who, cost = real_encoder.cross_encoder.log_odds([Pair(each, text, pieces) for each in questions])
    assert when[1] > when[0] + 1
    assert when[1] > max(who.max(), cost.max()) + 1


@pytest.mark.model
def test_other_models_have_no_cross_encoder(tiny_model: object) -> None:
    """What is added fits the weights of the packaged model alone."""
    assert SentenceTransformerEncoder(str(tiny_model)).cross_encoder is None
