"""Writes the files of a new generation: into a hidden folder, then renamed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from index.generations.durable import sync
from index.generations.generation import CONTEXTS, HEADINGS, STEMMED, Keys, libraries, sentence_starts
from index.generations.manifest import FOLDER, FORMAT, Manifest, file_sha256, is_whole, json_sha256
from index.indexes import bm25, vectors
from index.text.lexicon import ENGLISH, languages
from index.text.words import stems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.documents.document import Document
    from index.indexes.late_interaction import Packed
    from index.models.encoder import Encoder
    from index.text.noise import Aliases
    from index.text.passages import Passage
    from index.text.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Content:
    """What is written: `search_texts` are the sentences as indexed by word, in order.

    Vectors are unit rows, float32 [passages, dim] and [sentences, dim]; `contexts` are packed token vectors, parallel
    to the tokens. Headings: see index/indexes/headings.py.
    """

    documents: Sequence[Document]
    passages: Sequence[Passage]
    search_texts: Sequence[str]
    tokens: Tokens
    keys: Keys
    passage_vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    contexts: Packed
    heading_vectors: NDArray[np.float32]
    heading_of_passage: NDArray[np.int64]


def write(data: Path, content: Content, *, encoder: Encoder, aliases: Aliases, built_at: str) -> str:
    """Write a generation and return its id; one that exists already is kept. Promotion is up to the caller."""
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
        shutil.rmtree(folder, ignore_errors=True)  # frees a full disk
        raise
    sync(target.parent)
    return generation


def _seal(
    folder: Path, generation: str, content: Content, *, encoder: Encoder, aliases: Aliases, built_at: str
) -> None:
    """Write the manifest with the hash of every file, and sync all files to the disk."""
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
    _write_json(folder / "manifest.json", {**said, "sha256": json_sha256(said)})
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def _identity(content: Content, encoder: Encoder, aliases: Aliases) -> str:
    """Hash all that a generation depends on; passages too, since versions may split a document differently."""
    stemmed = stemmed_by(content.documents)
    identity = [
        FORMAT,
        corpus_sha256(content.documents),
        encoder.fingerprint,
        libraries(),
        sorted(aliases.variants.items()),
        _passage_rows(content.documents, content.passages),
        asdict(content.keys),
        *([stemmed] if stemmed else []),
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
    np.save(folder / CONTEXTS[content.contexts.dtype.name], content.contexts, allow_pickle=False)
    if len(content.heading_vectors):
        np.savez(folder / HEADINGS, vectors=content.heading_vectors, of_passage=content.heading_of_passage)
    vectors.train(content.passage_vectors).save(folder, "passage_vectors")
    vectors.train(content.sentence_vectors).save(folder, "sentence_vectors")
    stemmed = stemmed_by(content.documents)
    if stemmed:
        _write_json(folder / STEMMED, stemmed)
    of_sentences = (stemmed.get(p.document, ENGLISH) for p in content.passages for _ in p.sentences)
    sentence_stems = [stems(text, own) for text, own in zip(content.search_texts, of_sentences, strict=True)]
    passage_stems = [
        [stem for sentence in sentence_stems[first:last] for stem in sentence]
        for first, last in pairwise(sentence_starts(content.passages))
    ]
    bm25.Bm25Index.build(passage_stems).save(folder, "passage_words")
    bm25.Bm25Index.build(sentence_stems).save(folder, "sentence_words")


def stemmed_by(documents: Sequence[Document]) -> dict[str, str]:
    """Return by whose words and stems each document is indexed, by its id: none for those indexed as English.

    A document whose language is not clear, as of a table, is taken for one in the language of most others.
    """
    known = Counter(document.language for document in documents if document.language)
    most = known.most_common(1)[0][0] if known else ENGLISH
    own = {document.id: document.language or most for document in documents}
    return {id: language for id, language in own.items() if language != ENGLISH and language in languages()}


def corpus_sha256(documents: Sequence[Document]) -> str:
    """Hash ids, titles, texts and pages of documents, in order."""
    digest = hashlib.sha256()
    for document in documents:
        pages = [document.pages] if document.pages else []
        digest.update(json.dumps([document.id, document.title, document.sha256, *pages]).encode())
    return digest.hexdigest()


def _document_row(document: Document) -> dict[str, Any]:
    named = {"author": document.author, "date": document.date, "language": document.language}
    return {
        "id": document.id,
        "title": document.title,
        **{key: value for key, value in named.items() if value},
        "sha256": document.sha256,
        "headings": [[h.start, h.end, h.level] for h in document.headings],
        "pages": document.pages,
        **({"code": document.code} if document.code else {}),
        "text": document.text,
    }


def _passage_rows(documents: Sequence[Document], passages: Sequence[Passage]) -> list[list[Any]]:
    """Return passages as rows: document number, paragraph, start, end, heading, offsets of the sentences."""
    number = {document.id: n for n, document in enumerate(documents)}
    return [
        [number[p.document], p.number, p.start, p.end, p.heading, [at for s in p.sentences for at in (s.start, s.end)]]
        for p in passages
    ]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
