"""Turns text into vectors and pairs into scores; the room that knows sentence-transformers: models can be exchanged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.errors import ModelError
from index.models.pooling import BATCH, WordTable, batches, rows_of_words, unit
from index.models.registry import DEFAULT_MODEL, Model, locate
from index.text.tokens import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True, slots=True)
class InContext:
    """What a model makes of one text: its unit row [dim], and one of each of its words as it is meant there.

    `words` are [words, dim] in the order of the text; a word that the model did not read has zeros.
    """

    row: NDArray[np.float32]
    words: NDArray[np.float32]


class Encoder(Protocol):
    """What the library asks of a model. Rows are float32, of unit length, in the order of the texts."""

    @property
    def name(self) -> str:
        """Name the model as the person who runs the bot set it."""

    @property
    def fingerprint(self) -> str:
        """Tell this model's weights from all others."""

    @property
    def dimension(self) -> int:
        """Count the columns of every row."""

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode passages: float32 [n, dim]. `progress` hears how many more are done."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions: float32 [n, dim]."""

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode passages, or questions where `asked`, keeping what the same pass says of each word."""

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Look single words up in the model's own vocabulary, out of context: float32 [n, dim]."""


class SentenceTransformerEncoder:
    """A sentence-transformers model on the CPU: the packaged default, a folder, or a name on the hub."""

    def __init__(self, name: str | Model = DEFAULT_MODEL) -> None:
        """Load the model, or one that was located; raises ModelError when it is missing, altered or gives no rows."""
        model = name if isinstance(name, Model) else locate(name)
        self._name, self._fingerprint = model.name, model.fingerprint
        _prepare(model)
        from sentence_transformers import SentenceTransformer  # slow to import, so only here

        try:
            self._model = SentenceTransformer(str(model.folder or model.name), device="cpu")
            self._dimension = int(self._asked(["dimension"]).shape[1])
        except Exception as error:  # the library raises whatever its parts raise; the cause is kept
            raise ModelError(
                f"The model {model.name!r} cannot be loaded ({type(error).__name__}). Set TUTOR_MODEL to "
                f"{DEFAULT_MODEL}, to a folder that holds a sentence-transformers model, or to the name of a "
                "model on the hub that this machine can reach."
            ) from error
        self._table = _input_embeddings(self._model)

    @property
    def sentence_transformer(self) -> SentenceTransformer:
        """Give the model without us: to make something else of it, or to measure against."""
        return self._model

    @property
    def name(self) -> str:
        """Name the model as it was asked for."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Give the sha256 of the weights, or the hub's revision for a model that came from there."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Count the columns of every row."""
        return self._dimension

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode passages, texts of like length together, so that little is spent on padding."""
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for batch in batches(texts):
            rows[batch] = unit(self._model.encode_document([texts[i] for i in batch], batch_size=BATCH))
            if progress is not None:
                progress(len(batch))
        return rows

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions together."""
        return self._asked(texts) if texts else np.zeros((0, self._dimension), np.float32)

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Average the last layer over each word's pieces; zeros where the tokenizer cannot tell which they are."""
        found: dict[int, InContext] = {}
        for batch in batches(texts):
            read = self._read([texts[i] for i in batch], asked=asked)
            rows = unit(read["sentence_embedding"].float().numpy()[:, : self._dimension])
            for place, i in enumerate(batch):
                found[i] = InContext(rows[place], self._words_read(texts[i], read, place))
            if progress is not None:
                progress(len(batch))
        return [found[i] for i in range(len(texts))]

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Average the model's input embeddings over each word's pieces, centred on the whole vocabulary.

        Where a model has no table of input embeddings, words are encoded as if they were texts.
        """
        if not words:
            return np.zeros((0, self._dimension), np.float32)
        if self._table is None:
            return self.encode_documents(words)
        return self._table.rows(self._model.tokenizer(list(words), add_special_tokens=False)["input_ids"])

    def _read(self, texts: list[str], *, asked: bool) -> Mapping[str, Any]:
        """Do what `encode` does with one batch, not what it does around it: that takes a tenth of a question's time."""
        import torch

        query, document = prompts_of(self._model)
        task, prompt = ("query", query) if asked else ("document", document)
        with torch.inference_mode():
            found: Mapping[str, Any] = self._model(self._model.preprocess(texts, prompt=prompt, task=task), task=task)
        return found

    def _words_read(self, text: str, read: Mapping[str, Any], place: int) -> NDArray[np.float32]:
        tokenizer = self._model.tokenizer
        pieces = read.get("token_embeddings")
        if pieces is None or pieces.shape[-1] != self._dimension or not tokenizer.is_fast:
            return np.zeros((len(TOKEN.findall(text)), self._dimension), np.float32)
        own = tokenizer([text], add_special_tokens=False, return_offsets_mapping=True)
        ids, ends = np.array(own["input_ids"][0]), np.array(own["offset_mapping"][0], np.int64).reshape(-1, 2)[:, 1]
        all_ids, all_rows = np.asarray(read["input_ids"][place]), pieces[place].float().numpy()
        first = _place(ids, all_ids)
        count = min(len(ids), len(all_rows) - first)
        same = all_ids[first : first + count] == ids[:count]
        return rows_of_words(text, all_rows[first : first + count][same], ends[:count][same])

    def _asked(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return unit(self._model.encode_query(list(texts), batch_size=BATCH, show_progress_bar=False))


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
    """Find where a text's pieces begin in what the model read: after its opening mark and any prompt."""
    opening = own[:8]
    for place in range(len(read) - len(opening) + 1):
        if np.array_equal(read[place : place + len(opening)], opening):
            return place
    return len(read)


def _input_embeddings(model: Any) -> WordTable | None:
    """Look at the table of input embeddings [vocabulary, dim] where it lies; None where the model has none."""
    try:
        weight = model[0].auto_model.get_input_embeddings().weight
    except (AttributeError, NotImplementedError, IndexError):
        return None
    return WordTable(weight.detach().float().numpy())


def _prepare(model: Model) -> None:
    """Let nobody be asked for a model on the disk, and keep the libraries' progress bars and advice out of the log."""
    if model.folder is not None:
        # Read when the library that talks to the hub is first imported.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
