"""Reads the stored texts of a library: quotes, their paragraphs and hashes, what the library holds; needs no model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from index.answering.answer import quote_at
from index.errors import GenerationError
from index.generations import texts as stored
from index.generations.manifest import live_or_refuse
from index.generations.promotion import history
from index.models.registry import languages_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.answering.answer import Quote


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a quote: a half-open range of code points in a document of a generation."""

    generation: str
    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Context:
    """A quote in its paragraph: `text[quote_start:quote_end]`; `before` and `after`, its neighbours, may be empty.

    `page` counts from 1, None without pages.
    """

    title: str
    document: str
    heading: str
    paragraph: int
    before: str
    text: str
    after: str
    quote_start: int
    quote_end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The text at a place, read from the disk again, and its hash."""

    document: str
    title: str
    start: int
    end: int
    text: str
    expected_sha256: str
    found_sha256: str
    document_sha256: str
    matches: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that is not in the live generation; `at` is when it left, None when that is not known."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """One document of the library; `characters` are code points."""

    id: str
    title: str
    passages: int
    characters: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """The contents of the live generation, when it was built, and the model that encoded it.

    `unread`: the ISO 639 codes of the languages of documents that the model does not read.
    """

    generation: str
    built_at: datetime
    model: str
    dimension: int
    passages: int
    documents: tuple[DocumentStatus, ...]
    unread: tuple[str, ...] = ()


def status(data: Path) -> LibraryStatus:
    """Return the contents of the live generation; raises LibraryError when there is none."""
    texts = stored.live_texts(data)
    counts = {document.id: 0 for document in texts.documents}
    for passage in texts.passages:
        counts[passage.document] += 1
    manifest = texts.manifest
    return LibraryStatus(
        generation=manifest.generation,
        built_at=datetime.fromisoformat(manifest.built_at),
        model=manifest.model,
        dimension=manifest.dimension,
        passages=len(texts.passages),
        documents=tuple(DocumentStatus(d.id, d.title, counts[d.id], len(d.text), d.sha256) for d in texts.documents),
        unread=unread_languages(texts),
    )


def unread_languages(texts: stored.Texts) -> tuple[str, ...]:
    """Return the ISO 639 codes of the languages of documents that the model of their generation does not read."""
    read = languages_of(texts.manifest.model)
    languages = {document.language for document in texts.documents} - {""}
    return tuple(sorted(languages - read)) if read else ()


def document_ids(data: Path, generation: str) -> tuple[str, ...]:
    """List the ids of a generation's documents; raises LibraryError when it is gone."""
    return tuple(document.id for document in stored.open_texts(data, generation).documents)


def removed(data: Path, document: str) -> Removed | None:
    """Return when a document left the live generation; None while it is there. Raises LibraryError.

    The time is known while the last generation that had the document is kept.
    """
    if document in document_ids(data, live_or_refuse(data)):
        return None
    at: str | None = None
    for event in reversed(history(data)):
        try:
            if document in document_ids(data, event.generation):
                return Removed(datetime.fromisoformat(at) if at is not None else None)
        except GenerationError:
            break
        at = event.at
    return Removed(None)


def quotes(data: Path, places: Sequence[Place]) -> list[Quote]:
    """Quote these places again; raises LibraryError when their generation is gone."""
    return [
        quote_at(stored.open_texts(data, place.generation), place.document, place.start, place.end) for place in places
    ]


def context(data: Path, place: Place) -> Context:
    """Return a place with its paragraph and the neighbours; raises LibraryError when its generation is gone."""
    texts = stored.open_texts(data, place.generation)
    number = texts.passage_index_at(place.document, place.start)
    passage = texts.passages[number]
    document = texts.document(place.document)

    def neighbour(other: int) -> str:
        if not 0 <= other < len(texts.passages) or texts.passages[other].document != place.document:
            return ""
        return document.text[texts.passages[other].start : texts.passages[other].end]

    return Context(
        title=document.title,
        document=document.id,
        heading=passage.heading,
        paragraph=passage.number,
        before=neighbour(number - 1),
        text=document.text[passage.start : passage.end],
        after=neighbour(number + 1),
        quote_start=place.start - passage.start,
        quote_end=place.end - passage.start,
        page=document.page_at(place.start),
    )


def verify(data: Path, place: Place, sha256: str) -> Verification:
    """Read a place from the disk again and hash it; `sha256` may be a prefix of the expected hash."""
    document = stored.read_texts(data, place.generation).document(place.document)
    text = document.text[place.start : place.end]
    found = hashlib.sha256(text.encode()).hexdigest()
    return Verification(
        document=document.id,
        title=document.title,
        start=place.start,
        end=place.end,
        text=text,
        expected_sha256=sha256,
        found_sha256=found,
        document_sha256=hashlib.sha256(document.text.encode()).hexdigest(),
        matches=bool(text) and found.startswith(sha256),
    )
