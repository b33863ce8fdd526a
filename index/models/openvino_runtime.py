"""Runs a model that was exported to OpenVINO: the same vectors as torch gives, faster, without importing torch."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError
from index.models.cross_encoder import TokenCrossEncoder
from index.models.encoder import BatchedEncoder
from index.models.pooling import WordTable
from index.models.registry import languages_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from index.models.pooling import TokenRows

GRAPH, WEIGHTS, TOKENIZER, ABOUT = "graph.xml", "graph.bin", "tokenizer.json", "about.json"
CROSS_ENCODER = "cross_encoder.xml"  # only of a model that reads a question and a text together
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
    """Hash a file: the SHA-256 in hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class OpenVINOEncoder(BatchedEncoder):
    """A model on the CPU, as `index.models.openvino_export` left it in a folder."""

    def __init__(self, folder: Path, *, name: str, fingerprint: str) -> None:
        """Open it under the name and the fingerprint of its model; raises ModelError when it is not whole."""
        self.name, self.fingerprint, self.languages = name, fingerprint, languages_of(name)
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        try:
            self._about = about = _read_about(folder)
            core = openvino().Core()
            self._graph = core.read_model(folder / GRAPH)
            self._request = core.compile_model(self._graph, "CPU", _PROPERTIES).create_infer_request()
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
            self._table = None if about.words is None else WordTable(_constant(self._graph, about.words))
            self.cross_encoder = _cross_encoder(core, folder) if CROSS_ENCODER in about.hashes else None
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise ModelError(f"What was made of the model {name!r} for OpenVINO cannot be read.") from error
        self.dimension = about.dimension
        self._lock = Lock()  # a request holds the input and output of one batch at a time

    def _embed(self, texts: list[str], *, asked: bool) -> Any:
        return self._infer(self._tokenize(texts, self._prompt(asked=asked)))[0]

    def _embed_tokens(self, texts: list[str], *, asked: bool) -> tuple[Any, Iterable[TokenRows]]:
        prompt = self._prompt(asked=asked)
        encodings = self._tokenize(texts, prompt)
        rows, token_rows = self._infer(encodings)
        return rows, (
            _without_special(encoding, own, len(prompt)) for encoding, own in zip(encodings, token_rows, strict=True)
        )

    def _prompt(self, *, asked: bool) -> str:
        return self._about.query_prompt if asked else self._about.document_prompt

    def _tokenize(self, texts: list[str], prompt: str) -> list[Any]:
        return list(self._tokenizer.encode_batch([prompt + text for text in texts]))

    def _infer(self, encodings: list[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Run the model: rows of texts [texts, dim], and of their tokens [texts, longest, dim]."""
        columns = {
            "input_ids": [each.ids for each in encodings],
            "attention_mask": [each.attention_mask for each in encodings],
            "token_type_ids": [each.type_ids for each in encodings],
        }
        with self._lock:
            rows, token_rows = self._request.infer(
                {name: np.array(columns[name], np.int64) for name in self._about.inputs}
            ).values()
        return rows, token_rows

    def _token_ids(self, words: list[str]) -> Sequence[Sequence[int]]:
        return [each.ids for each in self._untruncated.encode_batch(words, add_special_tokens=False)]

    @cached_property
    def _untruncated(self) -> Tokenizer:
        """The tokenizer without its truncation and padding."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


class OpenVINOCrossEncoder(TokenCrossEncoder):
    """A cross-encoder on the CPU, as `index.models.openvino_export` left it in a folder."""

    def __init__(self, compiled: Any, tokenizer: Tokenizer) -> None:
        """Take the compiled graph and a tokenizer that nothing else uses."""
        super().__init__(tokenizer)
        self._request = compiled.create_infer_request()
        self._lock = Lock()

    def _infer(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        with self._lock:
            [logits] = self._request.infer(dict(inputs)).values()
            return np.array(logits)


def _cross_encoder(core: Any, folder: Path) -> OpenVINOCrossEncoder:
    from tokenizers import Tokenizer

    compiled = core.compile_model(core.read_model(folder / CROSS_ENCODER), "CPU", _PROPERTIES)
    return OpenVINOCrossEncoder(compiled, Tokenizer.from_file(str(folder / TOKENIZER)))


def _without_special(encoding: Any, rows: NDArray[np.float32], prompt: int) -> TokenRows:
    """Leave out special tokens, padding among them, and those of a prompt of so many characters."""
    ends = np.array(encoding.offsets, np.int64)[:, 1] - prompt
    mask = (np.array(encoding.special_tokens_mask) == 0) & (ends > 0)
    return rows[mask], ends[mask]


def _read_about(folder: Path) -> About:
    """Read what a graph says of itself, and whether its files are still those that were made."""
    row = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    about = About(**{**row, "inputs": tuple(row["inputs"])})
    is_whole = {GRAPH, WEIGHTS, TOKENIZER} <= about.hashes.keys()
    if not is_whole or {name: sha256_of(folder / name) for name in about.hashes} != about.hashes:
        raise ValueError("altered or half-written")
    return about


def _constant(graph: Any, name: str) -> NDArray[np.float32]:
    """Look at a constant of the graph where it lies in the file."""
    found = next(each for each in graph.get_ops() if each.get_friendly_name() == name)
    return np.asarray(found.data)
