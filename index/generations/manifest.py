"""The manifest of a generation and the pointer to the live one, read without opening any index."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from index.errors import GenerationError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 4
FOLDER = "generations"
LIVE = "live"
REBUILD = "Rebuild it: tutor index build."
STORED = ConfigDict(strict=True, extra="ignore")
"""How records are read from files: no conversion of types. Fields of a later version in the same format are ignored:
what a reader must not ignore needs another format."""


@dataclass(frozen=True, slots=True, config=STORED)
class Manifest:
    """What a generation holds and what it was made with; `files` maps each other file to its SHA-256."""

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


def live(data: Path) -> str | None:
    """Return the id of the live generation, None before the first build; raises GenerationError for a bad pointer."""
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
    """Return the id of the live generation; raises GenerationError before the first build."""
    name = live(data)
    if name is None:
        raise GenerationError("There is no index yet. Build one: tutor index build.")
    return name


def manifests(data: Path) -> list[Manifest]:
    """Return the readable manifests in the data folder, oldest build first."""
    found = []
    for file in (data / FOLDER).glob("[0-9a-f]*/manifest.json"):
        try:
            found.append(read_manifest(file.parent))
        except GenerationError:
            continue
    return sorted(found, key=lambda manifest: manifest.built_at)


def is_whole(folder: Path) -> bool:
    """Return whether every file has the hash that the manifest states; reads all files."""
    try:
        files = read_manifest(folder).files
        return all(file_sha256(folder / name) == digest for name, digest in files.items())
    except (OSError, GenerationError):
        return False


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest; raises GenerationError when it is missing, damaged or of another format."""
    try:
        row = read_json(folder / "manifest.json")
    except FileNotFoundError as error:
        raise GenerationError(f"The index {folder.name} is missing. {REBUILD}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest cannot be read. {REBUILD}") from error
    if not isinstance(row, dict) or row.get("format") != FORMAT:
        raise GenerationError(f"The index {folder.name} has a format that this version does not read. {REBUILD}")
    if row.pop("sha256", None) != json_sha256(row) or row.get("generation") != folder.name:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest was altered. {REBUILD}")
    try:
        return Manifest(**row)
    except ValidationError as error:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest is not whole. {REBUILD}") from error


def json_sha256(row: dict[str, Any]) -> str:
    """Hash a JSON object; the hash is stored in the same file, so that an edit is noticed."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def read_json(path: Path) -> Any:
    """Read a JSON file in UTF-8."""
    return json.loads(path.read_text(encoding="utf-8"))
