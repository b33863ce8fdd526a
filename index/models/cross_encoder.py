"""Reads a question and a text together: how likely each piece of the text holds the answer.

It is the default model with low-rank additions to its weights (LoRA: Hu et al. 2022) and one linear layer on top, which
says of each token how likely the answer begins there, and how likely it ends there, as in extractive question answering
(Devlin et al. 2019). The opening token stands for "the text does not answer".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.models.registry import DEFAULT_SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_FILE = "cross_encoder.npz"
_LONGEST = 192  # tokens of a question and a text together; of longer ones the end is not read
_TOGETHER = 16  # pairs in a batch, of similar length
_OUT_OF_REACH = -12.0  # log-odds of a piece beyond the longest input


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, a text, and pieces of it: where each begins and ends, in code points."""

    question: str
    text: str
    pieces: tuple[tuple[int, int], ...]


class CrossEncoder(Protocol):
    """What reads questions and texts together."""

    def log_odds(self, pairs: Sequence[Pair]) -> list[NDArray[np.float32]]:
        """Say how likely each piece of a text holds the answer, against that none in the text is: float32 [pieces]."""


class TokenCrossEncoder(ABC):
    """Turns texts into tokens and logits of tokens into those of pieces; a subclass runs the model on one batch."""

    def __init__(self, tokenizer: Any) -> None:
        """Take a `tokenizers.Tokenizer`, which the cross-encoder alone uses."""
        self._tokenizer = tokenizer
        tokenizer.enable_truncation(_LONGEST)
        tokenizer.enable_padding()

    @abstractmethod
    def _infer(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """Give two logits for each token of a batch, [pairs, longest, 2]: the answer begins there, and ends there."""

    def log_odds(self, pairs: Sequence[Pair]) -> list[NDArray[np.float32]]:
        """Say how likely each piece of a text holds the answer, against that none in the text is: float32 [pieces]."""
        found: dict[int, NDArray[np.float32]] = {}
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].question) + len(pairs[i].text))
        for first in range(0, len(order), _TOGETHER):
            batch = order[first : first + _TOGETHER]
            encodings = self._tokenizer.encode_batch([(pairs[i].question, pairs[i].text) for i in batch])
            columns = {
                "input_ids": [each.ids for each in encodings],
                "attention_mask": [each.attention_mask for each in encodings],
                "token_type_ids": [each.type_ids for each in encodings],
            }
            logits = self._infer({name: np.array(column, np.int64) for name, column in columns.items()})
            for i, encoding, of_tokens in zip(batch, encodings, logits, strict=True):
                found[i] = _of_pieces(pairs[i].pieces, encoding, of_tokens.astype(np.float64))
        return [found[i] for i in range(len(pairs))]


def _of_pieces(pieces: Sequence[tuple[int, int]], encoding: Any, logits: NDArray[np.float64]) -> NDArray[np.float32]:
    """Add up what the tokens of each piece say, against the opening token; the mean of beginning and end."""
    in_text = np.array([each == 1 for each in encoding.sequence_ids])
    starts, ends = np.array(encoding.offsets, np.int64).T
    found = np.full(len(pieces), _OUT_OF_REACH, np.float32)
    for number, (start, end) in enumerate(pieces):
        inside = in_text & (starts < end) & (ends > start)
        if inside.any():
            found[number] = (np.logaddexp.reduce(logits[inside], axis=0) - logits[0]).mean()
    return found


@dataclass(frozen=True, slots=True)
class Adapter:
    """What is added to the model: by the name of a weight, float32 of the same shape, or what takes its place.

    `head` [2, dim] and `head_bias` [2] are the linear layer on top.
    """

    added: Mapping[str, NDArray[np.float32]]
    replaced: Mapping[str, NDArray[np.float32]]
    head: NDArray[np.float32]
    head_bias: NDArray[np.float32]


def has_cross_encoder(fingerprint: str) -> bool:
    """Return whether the additions are for the model of this fingerprint."""
    return fingerprint == DEFAULT_SHA256


def default_adapter() -> Adapter:
    """Read the additions that ship with the project (`python -m tests.bench.fit_cross_encoder`)."""
    with files("index.models").joinpath(_FILE).open("rb") as stream, np.load(stream) as content:
        arrays = {name: content[name] for name in content.files}
    return unpacked(arrays)


def packed(down: Mapping[str, NDArray[np.float32]], up: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Store what is added to each weight as its factors, `down` [rank, in] and `up` [out, rank]: int8 with scales."""
    found: dict[str, NDArray[Any]] = {}
    for name in down:
        for kind, rows in (("down", down[name]), ("up", up[name].T)):
            scales = np.maximum(np.abs(rows).max(axis=1), 1e-12) / 127
            found[f"{kind}:{name}"] = np.round(rows / scales[:, None]).astype(np.int8)
            found[f"{kind}_scales:{name}"] = scales.astype(np.float32)
    return found


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> Adapter:
    """Multiply the factors out; what is no factor takes the place of the weight of its name."""

    def factor(kind: str, name: str) -> NDArray[np.float32]:
        return np.asarray(arrays[f"{kind}:{name}"] * arrays[f"{kind}_scales:{name}"][:, None], np.float32)

    factored = [name.removeprefix("down:") for name in arrays if name.startswith("down:")]
    whole = {name: rows for name, rows in arrays.items() if ":" not in name and name not in ("head", "head_bias")}
    return Adapter(
        added={name: factor("up", name).T @ factor("down", name) for name in factored},
        replaced=whole,
        head=arrays["head"],
        head_bias=arrays["head_bias"],
    )
