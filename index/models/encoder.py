"""Encoders of text, and the encoder and re-ranker that run on sentence-transformers."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.errors import ModelError
from index.models.cross_encoder import has_cross_encoder
from index.models.pooling import BATCH, TokenRows, WordTable, batches, input_embeddings, rows_of_words, unit
from index.models.registry import DEFAULT_MODEL, Model, languages_of, locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from index.models.cross_encoder import CrossEncoder


@dataclass(frozen=True, slots=True)
class InContext:
    """One text as a model encodes it: its vector, and one vector for each of its words in this context."""

    row: NDArray[np.float32]
    """float32 [dim], of unit length."""
    words: NDArray[np.float32]
    """float32 [words, dim], unit rows in the order of the text; zeros for a word beyond the model's longest input."""


class Encoder(Protocol):
    """A text encoder. All rows are float32, of unit length, in the order of the texts."""

    @property
    def name(self) -> str:
        """The name of the model, as it was set."""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the weights, or `hub:NAME` for a model on the hub."""

    @property
    def dimension(self) -> int:
        """The length of a row."""

    @property
    def languages(self) -> frozenset[str]:
        """The ISO 639 codes of the languages that the model reads; empty for one that reads any."""

    @property
    def cross_encoder(self) -> CrossEncoder | None:
        """The same model as it reads a question and a text together; None for a model that was not trained to."""

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode passages: [n, dim]. `progress` is called with the size of each batch that is done."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions: [n, dim]."""

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode passages, or questions where `asked`, and their words in one pass of the model."""

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Encode words out of context: [n, dim], by their input embeddings where the model has them."""


class BatchedEncoder(ABC):
    """The loops of an encoder over batches of texts of similar length; a subclass runs the model on one batch."""

    name: str
    fingerprint: str
    dimension: int
    languages: frozenset[str]
    cross_encoder: CrossEncoder | None
    _table: WordTable | None
    _questions_together = BATCH

    @abstractmethod
    def _embed(self, texts: list[str], *, asked: bool) -> Any:
        """Encode one batch: [n, dim], of any length of row."""

    @abstractmethod
    def _embed_tokens(self, texts: list[str], *, asked: bool) -> tuple[Any, Iterable[TokenRows]]:
        """Encode one batch as `_embed` does; also give the tokens of each text, without special ones."""

    @abstractmethod
    def _token_ids(self, words: list[str]) -> Sequence[Sequence[int]]:
        """Split each word into tokens of the vocabulary, without special ones."""

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode passages: [n, dim]."""
        return self._encoded(texts, asked=False, progress=progress)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions: [n, dim]."""
        return self._encoded(texts, asked=True)

    def _encoded(
        self, texts: Sequence[str], *, asked: bool, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for batch in batches(texts, progress):
            rows[batch] = unit(self._embed([texts[i] for i in batch], asked=asked))
        return rows

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode texts, and each word as the mean of the last layer over its tokens."""
        found: dict[int, InContext] = {}
        for batch in batches(texts, progress, self._questions_together if asked else BATCH):
            rows, tokens = self._embed_tokens([texts[i] for i in batch], asked=asked)
            for i, row, (token_rows, ends) in zip(batch, unit(rows), tokens, strict=True):
                found[i] = InContext(row, rows_of_words(texts[i], token_rows, ends))
        return [found[i] for i in range(len(texts))]

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Encode words out of context: [n, dim]."""
        if self._table is None or not words:
            return self.encode_documents(words)
        return self._table.rows(self._token_ids(list(words)))


class SentenceTransformerEncoder(BatchedEncoder):
    """A sentence-transformers model on the CPU: the packaged default, a folder, or a name on the hub."""

    _questions_together = 16  # of 32 with their words, padded to the longest one, each takes an eighth more time

    def __init__(self, name: str | Model = DEFAULT_MODEL) -> None:
        """Load the model, or one that was located; raises ModelError when it is missing, altered or gives no rows."""
        model = name if isinstance(name, Model) else locate(name)
        self.name, self.fingerprint = model.name, model.fingerprint
        self.languages = languages_of(model.name)
        _prepare(model)
        from sentence_transformers import SentenceTransformer  # slow to import, so only here

        try:
            self._model = SentenceTransformer(str(model.folder or model.name), device="cpu")
            self.dimension = int(self._embed(["dimension"], asked=True).shape[1])
        except Exception as error:  # the library raises whatever its parts raise; the cause is kept
            raise ModelError(
                f"The model {model.name!r} cannot be loaded ({type(error).__name__}). Set TUTOR_MODEL to "
                f"{DEFAULT_MODEL}, to a folder that holds a sentence-transformers model, or to the name of a "
                "model on the hub that this machine can reach."
            ) from error
        table = input_embeddings(self._model)
        self._table = None if table is None else WordTable(table)
        self.cross_encoder = self._cross_encoder()

    def _cross_encoder(self) -> CrossEncoder | None:
        if not has_cross_encoder(self.fingerprint):
            return None
        from index.models.torch_cross_encoder import TorchCrossEncoder  # imports torch, as above

        return TorchCrossEncoder(self._model[0].auto_model, self._model.tokenizer.backend_tokenizer)

    @property
    def sentence_transformer(self) -> SentenceTransformer:
        """The model itself, to export it or to measure against it."""
        return self._model

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions: [n, dim], in the library's own batches: it rounds otherwise in others."""
        return unit(self._embed(list(texts), asked=True)) if texts else np.zeros((0, self.dimension), np.float32)

    def _embed(self, texts: list[str], *, asked: bool) -> Any:
        encode = self._model.encode_query if asked else self._model.encode_document
        return encode(texts, batch_size=BATCH, show_progress_bar=False)

    def _embed_tokens(self, texts: list[str], *, asked: bool) -> tuple[Any, Iterable[TokenRows]]:
        # `encode` keeps no tokens, and what it does around the model takes a tenth of a question's time.
        import torch

        query, document = prompts_of(self._model)
        task, prompt = ("query", query) if asked else ("document", document)
        with torch.inference_mode():
            output = self._model(self._model.preprocess(texts, prompt=prompt, task=task), task=task)
        rows = output["sentence_embedding"].float().numpy()[:, : self.dimension]
        return rows, (self._token_rows(text, output, place) for place, text in enumerate(texts))

    def _token_rows(self, text: str, output: Mapping[str, Any], place: int) -> TokenRows:
        """Cut a text's tokens out of a batch; none where the tokenizer cannot tell where each ends."""
        tokenizer = self._model.tokenizer
        rows = output.get("token_embeddings")
        if rows is None or rows.shape[-1] != self.dimension or not tokenizer.is_fast:
            return np.zeros((0, self.dimension), np.float32), np.zeros(0, np.int64)
        own = tokenizer([text], add_special_tokens=False, return_offsets_mapping=True)
        ids, ends = np.array(own["input_ids"][0]), np.array(own["offset_mapping"][0], np.int64).reshape(-1, 2)[:, 1]
        all_ids, all_rows = np.asarray(output["input_ids"][place]), rows[place].float().numpy()
        first = _place(ids, all_ids)
        count = min(len(ids), len(all_rows) - first)
        same = all_ids[first : first + count] == ids[:count]
        return all_rows[first : first + count][same], ends[:count][same]

    def _token_ids(self, words: list[str]) -> Sequence[Sequence[int]]:
        return list(self._model.tokenizer(words, add_special_tokens=False)["input_ids"])


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers on the CPU, which reads two texts at once: a folder, or a hub's."""

    def __init__(self, name: str) -> None:
        """Load the model; raises ModelError when it is missing or does not give one score for each pair."""
        try:
            model = locate(name)
        except ModelError as error:
            raise ModelError(_not_loaded(name, "there is no such folder, or no weights in it")) from error
        _prepare(model)
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        try:
            self._model = CrossEncoder(str(model.folder or model.name), device="cpu", activation_fn=Identity())
            architectures = self._model.config.architectures or []
            gives_scores = self._model.num_labels == 1 and any("Classification" in each for each in architectures)
        except Exception as error:  # the library raises whatever its parts raise; the cause is kept
            raise ModelError(_not_loaded(name, type(error).__name__)) from error
        if not gives_scores:
            raise ModelError(
                f"The model {name!r} does not say how well a text answers a question. Set TUTOR_RERANKER to a "
                "cross-encoder that gives one score, or to nothing."
            )

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Say how well each text answers the question, in log-odds: float32 [n]."""
        pairs = [(question, text) for text in texts]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32).reshape(len(pairs))


def _not_loaded(name: str, reason: str) -> str:
    return (
        f"The re-ranking model {name!r} cannot be loaded ({reason}). Set TUTOR_RERANKER to a folder that holds a "
        "cross-encoder, to the name of one on the hub that this machine can reach, or to nothing."
    )


def prompts_of(model: SentenceTransformer) -> tuple[str, str]:
    """Give what a model wants put before questions and before passages, as its own `encode_query` and such choose."""
    prompts = model.prompts
    default = prompts.get(model.default_prompt_name or "")
    query, *documents = (prompts.get(name) for name in ("query", "document", "passage", "corpus"))
    document = next((each for each in documents if each is not None), default)
    return (default if query is None else query) or "", document or ""


def _place(own: NDArray[np.int64], read: NDArray[np.int64]) -> int:
    """Find where a text's tokens begin in those the model read: after its opening token and any prompt."""
    opening = own[:8]
    places = range(len(read) - len(opening) + 1)
    return next((at for at in places if np.array_equal(read[at : at + len(opening)], opening)), len(read))


def _prepare(model: Model) -> None:
    """Keep the libraries off the network for a model on disk, and their progress bars and advice out of the log."""
    if model.folder is not None:
        # Read when the library that talks to the hub is first imported.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
