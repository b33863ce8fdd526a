"""Runs a model as a graph that was made of it once, with OpenVINO: the same rows, sooner, and without torch."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.models.encoder import InContext
from index.models.pooling import WordTable, batches, rows_of_words, unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

GRAPH, WEIGHTS, TOKENIZER, ABOUT = "graph.xml", "graph.bin", "tokenizer.json", "about.json"
_PROPERTIES = {
    "INFERENCE_PRECISION_HINT": "f32",  # whatever else the processor can do: an index must not depend on the machine
    "PERFORMANCE_HINT": "LATENCY",
    "ENABLE_CPU_PINNING": False,  # to a processor that another process may be using
}


@dataclass(frozen=True, slots=True)
class About:
    """What there is to know of a graph beside itself; `words` names the constant that is the table of embeddings."""

    dimension: int
    inputs: tuple[str, ...]
    query_prompt: str
    document_prompt: str
    words: str | None
    hashes: dict[str, str]
    """The sha256 of each of its files."""


def is_installed() -> bool:
    """Say whether OpenVINO is there."""
    return find_spec("openvino") is not None


def openvino() -> Any:
    """Import OpenVINO without its telemetry, and without what its hwloc says on stderr where there is no /sys."""
    os.environ.setdefault("HWLOC_HIDE_ERRORS", "2")
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # as if it were not installed
    import openvino

    return openvino


def write_about(folder: Path, about: About) -> None:
    """Write down what was made; last, so that a folder with it is whole."""
    (folder / ABOUT).write_text(json.dumps(asdict(about)), encoding="utf-8")


def sha256_of(file: Path) -> str:
    """Hash a file of a graph."""
    digest = sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class OpenVINOEncoder:
    """A model on the CPU, as `index.models.openvino_export` left it in a folder."""

    def __init__(self, folder: Path, *, name: str, fingerprint: str) -> None:
        """Open it under the name and the fingerprint of its model; raises ModelError when it is not whole."""
        self._name, self._fingerprint = name, fingerprint
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        try:
            self._about = about = _read_about(folder)
            core = openvino().Core()
            self._graph = core.read_model(folder / GRAPH)
            self._request = core.compile_model(self._graph, "CPU", _PROPERTIES).create_infer_request()
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._table = None if about.words is None else WordTable(_constant(self._graph, about.words))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise ModelError(f"What was made of the model {name!r} for OpenVINO cannot be read.") from error
        self._lock = Lock()  # a request holds one text's numbers at a time

    @property
    def name(self) -> str:
        """Name the model as it was asked for."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Give the sha256 of the weights that the graph was made of."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Count the columns of every row."""
        return self._about.dimension

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode passages, texts of like length together."""
        return self._rows(texts, self._about.document_prompt, progress)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions, texts of like length together."""
        return self._rows(texts, self._about.query_prompt)

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Average the last layer over each word's pieces."""
        prompt = self._about.query_prompt if asked else self._about.document_prompt
        found: dict[int, InContext] = {}
        for batch in batches(texts):
            read, rows, pieces = self._run([prompt + texts[i] for i in batch])
            for i, encoding, row, own in zip(batch, read, unit(rows), pieces, strict=True):
                mask = np.array(encoding.special_tokens_mask) == 0  # padding is special, too
                ends = np.array(encoding.offsets, np.int64)[:, 1] - len(prompt)
                mask &= ends > 0
                found[i] = InContext(row, rows_of_words(texts[i], own[mask], ends[mask]))
            if progress is not None:
                progress(len(batch))
        return [found[i] for i in range(len(texts))]

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Average the model's input embeddings over each word's pieces, or encode words as texts where it has none."""
        if not words:
            return np.zeros((0, self.dimension), np.float32)
        if self._table is None:
            return self.encode_documents(words)
        return self._table.rows([each.ids for each in self._whole.encode_batch(list(words), add_special_tokens=False)])

    @cached_property
    def _whole(self) -> Tokenizer:
        """The tokenizer as it neither cuts nor pads."""
        from tokenizers import Tokenizer

        whole = Tokenizer.from_str(self._tokenizer.to_str())
        whole.no_truncation()
        whole.no_padding()
        return whole

    def _rows(
        self, texts: Sequence[str], prompt: str, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for batch in batches(texts):
            rows[batch] = unit(self._run([prompt + texts[i] for i in batch])[1])
            if progress is not None:
                progress(len(batch))
        return rows

    def _run(self, texts: list[str]) -> tuple[list[Any], NDArray[np.float32], NDArray[np.float32]]:
        """Give the pieces of each text, its row [texts, dim], and its pieces' rows [texts, longest, dim]."""
        read = self._read(texts)
        return read, *self._infer(read)

    def _read(self, texts: list[str]) -> list[Any]:
        return list(self._tokenizer.encode_batch(texts))

    def _infer(self, read: list[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        columns = {
            "input_ids": [each.ids for each in read],
            "attention_mask": [each.attention_mask for each in read],
            "token_type_ids": [each.type_ids for each in read],
        }
        with self._lock:
            rows, pieces = self._request.infer(
                {name: np.array(columns[name], np.int64) for name in self._about.inputs}
            ).values()
        return rows, pieces


def _read_about(folder: Path) -> About:
    """Read what a graph says of itself, and whether its files are still those that were made."""
    row = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    about = About(**{**row, "inputs": tuple(row["inputs"])})
    if {name: sha256_of(folder / name) for name in (GRAPH, WEIGHTS, TOKENIZER)} != about.hashes:
        raise ValueError("altered or half-written")
    return about


def _constant(graph: Any, name: str) -> NDArray[np.float32]:
    """Look at a constant of the graph where it lies in the file."""
    found = next(each for each in graph.get_ops() if each.get_friendly_name() == name)
    return np.asarray(found.data)
