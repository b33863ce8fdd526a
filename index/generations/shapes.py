"""Checks that the files of a generation are consistent with each other and with its manifest.

Hashes prove that files are unchanged, not that they are valid: a restored backup may come from an untrusted source.
Ids or offsets out of range would give wrong quotes or make every question fail.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from index.indexes.checks import check, rises

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.documents.document import Document
    from index.generations.manifest import Manifest
    from index.indexes.headings import Headings
    from index.text.passages import Passage
    from index.text.tokens import Tokens


def check_texts(manifest: Manifest, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """Check counts, and that passages and sentences lie in their document's text, in order and apart."""
    check(
        manifest.generation,
        "documents",
        len(documents) == manifest.documents,
        len({document.id for document in documents}) == len(documents),
        all(isinstance(value, str) for each in documents for value in (each.id, each.title, each.text, each.sha256)),
        all(rises([*each.pages, len(each.text)]) for each in documents),
        all(0 <= h.start <= h.end <= len(each.text) for each in documents for h in each.headings),
        all(rises([0, *chain.from_iterable(each.code), len(each.text)]) for each in documents),
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
        rises([*chain.from_iterable((f + p.start, f + p.end) for p, f in zip(passages, firsts, strict=True))]),
        all(rises([p.start, *chain.from_iterable((s.start, s.end) for s in p.sentences), p.end]) for p in passages),
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


def check_headings(manifest: Manifest, headings: Headings) -> None:
    """Check that every passage names a heading that has a vector, or none."""
    vectors, of_passage = headings.vectors, headings.of_passage
    check(
        manifest.generation,
        "headings",
        vectors.dtype == np.float32,
        vectors.ndim == 2 and vectors.shape[1] == manifest.dimension,
        of_passage.dtype == np.int64,
        of_passage.shape == (manifest.passages,),
        len(of_passage) > 0 and of_passage.min() >= -1 and of_passage.max() < len(vectors),
    )
