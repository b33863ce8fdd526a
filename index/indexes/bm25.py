"""BM25 over a fixed list of texts (Robertson and Zaragoza 2009); the only module that imports bm25s."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from index.errors import GenerationError
from index.indexes.checks import check, check_postings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import bm25s
    from numpy.typing import NDArray

_FORM = ("lucene", "float32", "int32")


class Bm25Index:
    """BM25 over a fixed list of texts."""

    def __init__(self, ranker: bm25s.BM25 | None, count: int) -> None:
        """Take a ranker of `count` texts; None when no text has a word."""
        self._ranker = ranker
        self._count = count
        self._kept: NDArray[np.bool_] | None = None

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]]) -> Bm25Index:
        """Index texts, each a sequence of stems."""
        corpus = [list(text) for text in texts]
        if not any(corpus):
            return cls(None, len(corpus))
        import bm25s  # imports SciPy, which is slow: not needed to read texts

        ranker = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        ranker.index(corpus, show_progress=False)
        return cls(ranker, len(corpus))

    def scores(self, question: Iterable[str]) -> NDArray[np.float32]:
        """Return the score of every text for the stems of a question: float32 [n], 0 where no stem is shared."""
        if self._ranker is None:
            return np.zeros(self._count, np.float32)
        known = self._ranker.vocab_dict
        ids = [known[word] for word in dict.fromkeys(question) if word in known and word]
        if not ids:
            return np.zeros(self._count, np.float32)
        return np.asarray(self._ranker.get_scores_from_ids(ids, weight_mask=self._kept), dtype=np.float32)

    def within(self, kept: NDArray[np.bool_]) -> Bm25Index:
        """Return a view in which texts that are not `kept` (bool [n]) score 0; word statistics stay as they are."""
        view = copy.copy(self)
        view._kept = kept
        return view

    def save(self, folder: Path, name: str) -> None:
        """Write the index as a folder of arrays and JSON; nothing for texts without words."""
        if self._ranker is not None:
            self._ranker.save(str(folder / name), show_progress=False)


def load(folder: Path, name: str, count: int) -> Bm25Index:
    """Open a saved index of `count` texts; raises GenerationError when files are damaged or do not fit."""
    if not (folder / name).is_dir():
        return Bm25Index(None, count)
    import bm25s

    try:
        ranker = bm25s.BM25.load(str(folder / name), load_corpus=False)  # without pickles, by its default
        check(folder.name, "word index", (ranker.method, ranker.dtype, ranker.int_dtype) == _FORM)
        check_postings(folder.name, ranker.scores, ranker.vocab_dict, count)
        return Bm25Index(ranker, count)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GenerationError(f"The word index {name!r} cannot be read. Rebuild: tutor index build.") from error
