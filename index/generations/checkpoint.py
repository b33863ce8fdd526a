"""Checkpoints of a build: vectors encoded so far, so that a killed build continues where it was."""

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
    """Vectors of one model in numbered files, each written by one rename; damaged files are ignored."""

    def __init__(self, data: Path, encoder: Encoder) -> None:
        """Open the checkpoints in a data folder; vectors of other models are ignored."""
        self._folder = data / FOLDER
        self._model = encoder.fingerprint
        self._dimension = encoder.dimension
        self._written = len(list(self._folder.glob("*.npz")))

    def read_into(self, known: Encoded) -> None:
        """Add the vectors that unfinished builds have written."""
        for path in sorted(self._folder.glob("*.npz")):
            try:
                with np.load(path, allow_pickle=False) as arrays:
                    if str(arrays["model"]) == self._model:
                        self._take(known, arrays)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                continue  # cut short: its texts are encoded again

    def _take(self, known: Encoded, arrays: np.lib.npyio.NpzFile) -> None:
        known.passages.update(zip(arrays["passages"].tolist(), arrays["passage_rows"], strict=True))
        sentences, ends = arrays["sentences"].tolist(), np.cumsum(arrays["words"])
        words = taken_over(arrays["contexts"], signs=known.signs)
        if words is None:  # signs of a larger library, and this one keeps bytes
            return
        contexts = np.split(words, ends[:-1]) if sentences else []
        known.sentences.update(zip(sentences, arrays["sentence_rows"], strict=True))
        known.contexts.update(zip(sentences, contexts, strict=True))

    def write(self, fresh: Encoded) -> None:
        """Write newly encoded vectors as one more file."""
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
        """Delete all checkpoints, once a generation holds the vectors."""
        shutil.rmtree(self._folder, ignore_errors=True)
