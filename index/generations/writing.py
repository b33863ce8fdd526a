"""Writes a new generation to the disk, whole, before anybody can see it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.generations.durable import sync
from index.generations.generation import CONTEXTS, Keys, libraries, sentence_starts
from index.generations.manifest import FOLDER, FORMAT, Manifest, file_sha256, is_whole, said_sha256
from index.indexes import bm25, vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.documents.document import Document
    from index.indexes.late_interaction import Packed
    from index.models.encoder import Encoder
    from index.text.noise import Aliases
    from index.text.passages import Passage
from index.text.tokens import Tokens
from index.text.words import stems


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit rows, float32 [n, dim], of passages and of sentences after the one before them.

    `contexts` are those of every token in its sentence, packed; parallel to the tokens.
    """

    passages: NDArray[np.float32]
    sentences: NDArray[np.float32]
    contexts: Packed


@dataclass(frozen=True, slots=True)
class Content:
    """What a generation is made of; `search_texts` are the sentences as they are indexed, in order."""

    documents: Sequence[Document]
    passages: Sequence[Passage]
    search_texts: Sequence[str]
    tokens: Tokens
    rows: Vectors
    keys: Keys


def write(data: Path, content: Content, *, encoder: Encoder, aliases: Aliases, built_at: str) -> str:
    """Write a generation beside the live one and give its id; readers see it only once it is promoted."""
    generation = _identity(content, encoder, aliases)
    target = data / FOLDER / generation
    if is_whole(target):
        return generation
    folder = data / FOLDER / f".{generation}.{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        _fill(folder, content)
        _seal(folder, generation, content, encoder=encoder, aliases=aliases, built_at=built_at)
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    except OSError:
        # A full disk needs the room back.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sync(target.parent)
    return generation


def _seal(
    folder: Path, generation: str, content: Content, *, encoder: Encoder, aliases: Aliases, built_at: str
) -> None:
    """Write the manifest with the hash of every file, and have all of it on the disk."""
    manifest = Manifest(
        generation=generation,
        format=FORMAT,
        built_at=built_at,
        model=encoder.name,
        model_fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        libraries=libraries(),
        corpus_sha256=corpus_sha256(content.documents),
        documents=len(content.documents),
        passages=len(content.passages),
        sentences=len(content.search_texts),
        aliases=dict(aliases.variants),
        files={p.relative_to(folder).as_posix(): file_sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()},
    )
    said = asdict(manifest)
    _write_json(folder / "manifest.json", {**said, "sha256": said_sha256(said)})
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def _identity(content: Content, encoder: Encoder, aliases: Aliases) -> str:
    """Make the id from all that the generation depends on.

    Passages and keys are part of it because another version of this program may split the same documents otherwise.
    """
    identity = [
        FORMAT,
        corpus_sha256(content.documents),
        encoder.fingerprint,
        libraries(),
        sorted(aliases.variants.items()),
        _passage_rows(content.documents, content.passages),
        asdict(content.keys),
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:12]


def _fill(folder: Path, content: Content) -> None:
    """Write every file but the manifest."""
    tokens = content.tokens
    _write_json(folder / "documents.json", [_document_row(document) for document in content.documents])
    _write_json(folder / "passages.json", _passage_rows(content.documents, content.passages))
    _write_json(folder / "words.json", tokens.words)
    _write_json(folder / "keys.json", asdict(content.keys))
    np.savez(folder / "tokens.npz", ids=tokens.ids, kinds=tokens.kinds, starts=tokens.starts)
    contexts = content.rows.contexts
    np.save(folder / CONTEXTS[contexts.dtype.name], contexts, allow_pickle=False)
    vectors.train(content.rows.passages).save(folder, "passage_vectors")
    vectors.train(content.rows.sentences).save(folder, "sentence_vectors")
    sentence_stems = [stems(text) for text in content.search_texts]
    passage_stems = [
        [stem for sentence in sentence_stems[first:last] for stem in sentence]
        for first, last in pairwise(sentence_starts(content.passages))
    ]
    bm25.Bm25Index.build(passage_stems).save(folder, "passage_words")
    bm25.Bm25Index.build(sentence_stems).save(folder, "sentence_words")


def corpus_sha256(documents: Sequence[Document]) -> str:
    """Hash which documents there are and what they say."""
    digest = hashlib.sha256()
    for document in documents:
        pages = [document.pages] if document.pages else []
        digest.update(json.dumps([document.id, document.title, document.sha256, *pages]).encode())
    return digest.hexdigest()


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "sha256": document.sha256,
        "headings": [[h.start, h.end, h.level] for h in document.headings],
        "pages": document.pages,
        "text": document.text,
    }


def _passage_rows(documents: Sequence[Document], passages: Sequence[Passage]) -> list[list[Any]]:
    """Write passages as rows: document number, paragraph, start, end, heading, sentences' offsets in one list."""
    number = {document.id: n for n, document in enumerate(documents)}
    return [
        [
            number[p.document],
            p.number,
            p.start,
            p.end,
            p.heading,
            [at for s in p.sentences for at in (s.start, s.end)],
        ]
        for p in passages
    ]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
