"""Documents and passages of a generation, read without a model or an index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from index.documents.document import Document, Heading
from index.errors import GenerationError
from index.generations.manifest import FOLDER, REBUILD, Manifest, live_or_refuse, read_json, read_manifest
from index.generations.shapes import check_texts
from index.text.passages import Passage, Sentence

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Texts:
    """Documents of a generation and their passages, both in library order."""

    manifest: Manifest
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]

    def document(self, document_id: str) -> Document:
        """Return a document by id; raises GenerationError when there is none."""
        for document in self.documents:
            if document.id == document_id:
                return document
        known = ", ".join(document.id for document in self.documents[:5])
        raise GenerationError(f"The library has no document {document_id!r}. It has: {known}.")

    def passage_index_at(self, document_id: str, start: int) -> int:
        """Return the number of the passage that holds an offset; raises GenerationError when there is none."""
        for number, passage in enumerate(self.passages):
            if passage.document == document_id and passage.start <= start < passage.end:
                return number
        raise GenerationError("That place is no longer part of the library.")


def read_texts(data: Path, generation: str) -> Texts:
    """Read documents and passages of a generation; raises GenerationError when they are missing or damaged."""
    folder = data / FOLDER / generation
    manifest = read_manifest(folder)
    try:
        documents = tuple(
            Document(
                id=row["id"],
                title=row["title"],
                text=row["text"],
                sha256=row["sha256"],
                headings=tuple(Heading(*heading) for heading in row["headings"]),
                pages=tuple(row.get("pages", ())),
                author=row.get("author", ""),
                date=row.get("date", ""),
                language=row.get("language", ""),
                code=tuple((start, end) for start, end in row.get("code", ())),
            )
            for row in read_json(folder / "documents.json")
        )
        passages = tuple(
            Passage(documents[d].id, number, start, end, heading, tuple(map(Sentence, offsets[::2], offsets[1::2])))
            for d, number, start, end, heading, offsets in read_json(folder / "passages.json")
        )
        check_texts(manifest, documents, passages)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise GenerationError(f"The index {generation} cannot be read. {REBUILD}") from error
    return Texts(manifest, documents, passages)


@lru_cache(maxsize=16)
def open_texts(data: Path, generation: str) -> Texts:
    """Read the texts of a generation, cached: a generation never changes."""
    return read_texts(data, generation)


def live_texts(data: Path) -> Texts:
    """Return the texts of the live generation; raises GenerationError when there is none."""
    return open_texts(data, live_or_refuse(data))


def blotted_texts(texts: Texts) -> dict[str, str]:
    """Return the documents by id, with every character outside passages replaced by NUL: offsets stay the same.

    A search in them finds only what can be quoted, not headings and noise.
    """
    sources = {document.id: document.text for document in texts.documents}
    parts: dict[str, list[str]] = {id: [] for id in sources}
    done = dict.fromkeys(sources, 0)
    for passage in texts.passages:
        source, at = sources[passage.document], done[passage.document]
        parts[passage.document] += ["\0" * (passage.start - at), source[passage.start : passage.end]]
        done[passage.document] = passage.end
    return {id: "".join([*parts[id], "\0" * (len(text) - done[id])]) for id, text in sources.items()}
