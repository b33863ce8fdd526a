"""Keeps what a build has encoded so far on the disk, so that a build that was killed is not begun anew."""

from __future__ import annotations

import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from index.generations.generation import Encoded
from index.indexes.late_interaction import taken_over

if TYPE_CHECKING:
    from pathlib import Path

    from index.models.encoder import Encoder

FOLDER = "encoded"


class Checkpoint:
    """Rows of one model in numbered files, each written beside its place first; a damaged one counts as none."""

    def __init__(self, data: Path, encoder: Encoder) -> None:
        """Take the library's folder and the model whose rows are kept."""
        self._folder = data / FOLDER
        self._model = encoder.fingerprint
        self._dimension = encoder.dimension
        self._written = len(list(self._folder.glob("*.npz")))

    def read_into(self, known: Encoded) -> None:
        """Add what earlier builds wrote down and did not finish."""
        for path in sorted(self._folder.glob("*.npz")):
            try:
                with np.load(path, allow_pickle=False) as arrays:
                    if str(arrays["model"]) == self._model:
                        self._take(known, arrays)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                continue  # it was cut short: its texts are encoded again

    def _take(self, known: Encoded, arrays: np.lib.npyio.NpzFile) -> None:
        known.passages.update(zip(arrays["passages"].tolist(), arrays["passage_rows"], strict=True))
        sentences, ends = arrays["sentences"].tolist(), np.cumsum(arrays["words"])
        words = taken_over(arrays["contexts"], signs=known.signs)
        if words is None:  # a build whose library had grown large was killed; this one's is not
            return
        contexts = np.split(words, ends[:-1]) if sentences else []
        known.sentences.update(zip(sentences, arrays["sentence_rows"], strict=True))
        known.contexts.update(zip(sentences, contexts, strict=True))

    def write(self, fresh: Encoded) -> None:
        """Write rows down that were just encoded."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".{os.getpid()}"
        none = np.zeros((0, self._dimension), np.float32)
        contexts = [fresh.contexts[key] for key in fresh.sentences]
        try:
            with beside.open("wb") as stream:
                np.savez(
                    stream,
                    model=np.array(self._model),
                    passages=np.array([*fresh.passages], np.str_),
                    passage_rows=np.stack([*fresh.passages.values()]) if fresh.passages else none,
                    sentences=np.array([*fresh.sentences], np.str_),
                    sentence_rows=np.stack([*fresh.sentences.values()]) if fresh.sentences else none,
                    words=np.array([len(rows) for rows in contexts], np.int64),
                    contexts=np.concatenate(contexts) if contexts else none.astype(np.int8),
                )
            beside.rename(self._folder / f"{self._written:06}.npz")
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        self._written += 1

    def clear(self) -> None:
        """Forget it all: a whole generation holds it now."""
        shutil.rmtree(self._folder, ignore_errors=True)
