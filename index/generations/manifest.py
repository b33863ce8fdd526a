"""What a generation says of itself and which one is live, read without opening any index."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import GenerationError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 4
FOLDER = "generations"
LIVE = "live"
REBUILD = "Rebuild it: tutor index build."


_KINDS: dict[type, tuple[str, ...]] = {
    str: ("generation", "built_at", "model", "model_fingerprint", "corpus_sha256"),
    int: ("dimension", "documents", "passages", "sentences"),
    dict: ("libraries", "aliases", "files"),
}


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


def manifests(data: Path) -> list[Manifest]:
    """List the generations that are whole enough to name themselves, oldest first."""
    found = []
    for file in (data / FOLDER).glob("[0-9a-f]*/manifest.json"):
        try:
            found.append(read_manifest(file.parent))
        except GenerationError:
            continue
    return sorted(found, key=lambda manifest: manifest.built_at)


def is_whole(folder: Path) -> bool:
    """Compare every file with the hash in the manifest."""
    try:
        files = read_manifest(folder).files
        return all(file_sha256(folder / name) == digest for name, digest in files.items())
    except (OSError, GenerationError):
        return False


def file_sha256(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
        manifest = Manifest(**row)
        if any(not isinstance(row[name], kind) for kind, names in _KINDS.items() for name in names):
            raise TypeError
        return manifest
    except TypeError as error:
        raise GenerationError(f"The index {folder.name} is damaged: its manifest is not whole. {REBUILD}") from error


def said_sha256(row: dict[str, Any]) -> str:
    """Hash what a manifest says; the hash stands in the file with it, so that no file of a generation can change."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
