"""What a generation says: its documents and passages, read from the disk without a model or an index."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from index.documents import Document, Heading
from index.errors import GenerationError
from index.passages import Passage, Sentence

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 3
FOLDER = "generations"
LIVE = "live"
REBUILD = "Rebuild it: tutor index build."


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation knows of itself; `files` maps each other file to its sha256."""

    generation: str
    format: int
    built_at: str
    model: str
    model_fingerprint: str
    dimension: int
    libraries: dict[str, str]
    corpus_sha256: str
    documents: int
    passages: int
    sentences: int
    aliases: dict[str, str]
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """The documents of a generation and their passages, in order; passages of one document stand together."""

    manifest: Manifest
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]

    def document(self, document_id: str) -> Document:
        """Find a document; raises GenerationError when the library has none of that id."""
        for document in self.documents:
            if document.id == document_id:
                return document
        known = ", ".join(document.id for document in self.documents[:5])
        raise GenerationError(f"The library has no document {document_id!r}. It has: {known}.")

    def passage_at(self, document_id: str, start: int) -> int:
        """Number the passage in which an offset lies; raises GenerationError when there is none."""
        for number, passage in enumerate(self.passages):
            if passage.document == document_id and passage.start <= start < passage.end:
                return number
        raise GenerationError("That place is no longer part of the library.")


def live(data: Path) -> str | None:
    """Give the live generation's id; None when nothing was ever built."""
    try:
        name = (data / LIVE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise GenerationError(f"The data folder cannot be read ({error}). Check its rights.") from error
    if not name.isalnum():
        raise GenerationError(f"The file that names the live index is damaged. {REBUILD}")
    return name


def live_or_refuse(data: Path) -> str:
    """Give the live generation's id; raises GenerationError when nothing was ever built."""
    name = live(data)
    if name is None:
        raise GenerationError("There is no index yet. Build one: tutor index build.")
    return name


def read_texts(data: Path, generation: str) -> Texts:
    """Read a generation's documents and passages; raises GenerationError when it is gone or damaged."""
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
            )
            for row in read_json(folder / "documents.json")
        )
        passages = tuple(
            Passage(
                documents[d].id,
                number,
                start,
                end,
                heading,
                tuple(map(Sentence, offsets[::2], offsets[1::2])),
            )
            for d, number, start, end, heading, offsets in read_json(folder / "passages.json")
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise GenerationError(f"The index {generation} cannot be read. {REBUILD}") from error
    return Texts(manifest, documents, passages)


@lru_cache(maxsize=4)
def open_texts(data: Path, generation: str) -> Texts:
    """Read a generation's texts once: a generation never changes."""
    return read_texts(data, generation)


def live_texts(data: Path) -> Texts:
    """Give the texts of the live generation; raises GenerationError when there is none."""
    return open_texts(data, live_or_refuse(data))


def read_manifest(folder: Path) -> Manifest:
    """Read what a generation knows of itself; raises GenerationError when it is missing, damaged or too new."""
    try:
        row = read_json(folder / "manifest.json")
    except FileNotFoundError as error:
        raise GenerationError(f"The index {folder.name} is missing. {REBUILD}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest cannot be read. {REBUILD}") from error
    if not isinstance(row, dict) or row.get("format") != FORMAT:
        raise GenerationError(f"The index {folder.name} has a format that this version does not read. {REBUILD}")
    if row.pop("sha256", None) != said_sha256(row) or row.get("generation") != folder.name:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest was altered. {REBUILD}")
    try:
        return Manifest(**row)
    except TypeError as error:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest is not whole. {REBUILD}") from error


def said_sha256(row: dict[str, Any]) -> str:
    """Hash what a manifest says; the hash stands in the file with it, so that no file of a generation can change."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
