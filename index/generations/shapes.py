"""Checks that the parts of a generation fit each other and its manifest, before anything is searched or quoted.

Hashes only prove that a generation is as its maker wrote it. One that comes out of a restored backup may have been
made by anybody: with ids or offsets out of range it would quote wrongly or break with every question.
"""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.documents.document import Document
    from index.generations.manifest import Manifest
    from index.text.passages import Passage
    from index.text.tokens import Tokens


def check(generation: str, part: str, *facts: bool) -> None:
    """Raise GenerationError, naming the part, unless all facts hold."""
    if not all(facts):
        raise GenerationError(
            f"The index {generation} is damaged: its {part} do not fit the rest. Rebuild it: tutor index build."
        )


def check_texts(manifest: Manifest, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """Check counts, and that passages and sentences lie in their document's text, in order and apart."""
    check(
        manifest.generation,
        "documents",
        len(documents) == manifest.documents,
        len({document.id for document in documents}) == len(documents),
        all(isinstance(value, str) for each in documents for value in (each.id, each.title, each.text, each.sha256)),
        all(_rise([*each.pages, len(each.text)]) for each in documents),
        all(0 <= h.start <= h.end <= len(each.text) for each in documents for h in each.headings),
    )
    spans = [(s.start, s.end) for passage in passages for s in passage.sentences]
    order = {document.id: number for number, document in enumerate(documents)}
    bounds = [0, *np.cumsum([len(document.text) for document in documents], dtype=np.int64).tolist()]
    # All offsets counted from the start of the first document: they rise, or something overlaps or is out of order.
    firsts = [bounds[order[passage.document]] for passage in passages]
    check(
        manifest.generation,
        "passages",
        (len(passages), len(spans)) == (manifest.passages, manifest.sentences),
        all(isinstance(p.heading, str) and isinstance(p.number, int) and p.sentences for p in passages),
        all(p.start < p.end <= bounds[order[p.document] + 1] - f for p, f in zip(passages, firsts, strict=True)),
        all(p.start >= 0 for p in passages),
        _rise([*chain.from_iterable((f + p.start, f + p.end) for p, f in zip(passages, firsts, strict=True))]),
        all(_rise([p.start, *chain.from_iterable((s.start, s.end) for s in p.sentences), p.end]) for p in passages),
        all(start < end for start, end in spans),
    )  # fmt: skip


def check_tokens(manifest: Manifest, tokens: Tokens) -> None:
    """Check that ids name words, and that each sentence begins with word 0 and has no other."""
    ids, starts = tokens.ids, tokens.starts
    check(
        manifest.generation,
        "words",
        all(isinstance(word, str) for word in tokens.words),
        tokens.words[:1] == ("",),
        [ids.dtype.name, tokens.kinds.dtype.name, starts.dtype.name] == ["int32", "uint8", "int64"],
        ids.ndim == starts.ndim == 1,
        ids.shape == tokens.kinds.shape,
        len(starts) == manifest.sentences + 1,
    )
    check(
        manifest.generation,
        "words",
        not len(ids) or (int(ids.min()) >= 0 and int(ids.max()) < len(tokens.words)),
        int(starts[-1]) == len(ids),
        bool(np.array_equal(starts[:-1], np.flatnonzero(ids == 0))),
    )


def check_contexts(manifest: Manifest, rows: NDArray[Any], words: int) -> None:
    """Check that there is one row a word: int8 [words, dim] or uint8 [words, dim / 8]."""
    columns = {"int8": manifest.dimension, "uint8": -(-manifest.dimension // 8)}.get(rows.dtype.name)
    check(manifest.generation, "contexts", rows.shape == (words, columns))


def check_postings(generation: str, scores: dict[str, Any], vocabulary: dict[str, int], count: int) -> None:
    """Check a BM25 index of `count` texts: word ids within the lists, lists within the postings, postings of texts."""
    data, indices, starts = scores["data"], scores["indices"], scores["indptr"]
    check(
        generation,
        "word index",
        scores["num_docs"] == count,
        [data.dtype.name, indices.dtype.kind, starts.dtype.kind] == ["float32", "i", "i"],
        data.ndim == starts.ndim == 1,
        data.shape == indices.shape,
        len(starts) > 0,
        all(type(id) is int for id in vocabulary.values()),
    )
    check(
        generation,
        "word index",
        _rise([0, *starts.tolist(), len(data)]),
        not len(indices) or (int(indices.min()) >= 0 and int(indices.max()) < count),
        all(0 <= id < len(starts) - 1 for word, id in vocabulary.items() if word),  # the empty word is never asked for
    )


def _rise(offsets: Sequence[int]) -> bool:
    return all(type(first) is int and 0 <= first <= second for first, second in pairwise(offsets))
