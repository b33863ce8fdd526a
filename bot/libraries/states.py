"""What can change about a library, as one value: the pointer, its history, exam records and golden questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from index.errors import StorageError
from index.evaluation.golden import FILE as GOLDEN
from index.generations import records
from index.generations.durable import replace_text
from index.generations.manifest import LIVE
from index.generations.promotion import HISTORY
from prompts import words

FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    """The texts of the files of a library that change, by name, and the generations that are kept.

    `more` are the fields that a later version has added within the same format; they are written back as they are.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    generations: frozenset[str] = frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def live(self) -> str | None:
        """The id of the live generation; None without one."""
        return self.files.get(LIVE, "").strip() or None

    @property
    def referenced(self) -> set[str]:
        """The ids of the live generation and of those that have an exam record."""
        found = {Path(name).stem for name in self.files if name.startswith(f"{records.FOLDER}/")}
        return found | ({self.live} if self.live else set())

    def to_bytes(self) -> bytes:
        """Return the state as JSON in UTF-8."""
        known = {"format": FORMAT, "files": dict(self.files), "generations": sorted(self.generations)}
        row = {**self.more, **known}
        return json.dumps(row, ensure_ascii=False, sort_keys=True).encode()


class _Stored(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    format: int
    files: dict[str, str]
    generations: list[str]


def read_state(content: bytes, name: str) -> State:
    """Read a state; raises StorageError, which names the object, when it is damaged or of a newer version."""
    try:
        row = json.loads(content)
        if isinstance(row, dict) and isinstance(row.get("format"), int) and row["format"] > FORMAT:
            raise StorageError(words("errors.bucket.newer"))
        found = _Stored.model_validate(row)
    except (ValueError, RecursionError) as error:
        raise StorageError(words("errors.bucket.altered", name=name)) from error
    if not all(each.isalnum() for each in found.generations) or not all(map(_is_state_file, found.files)):
        raise StorageError(words("errors.bucket.altered", name=name))
    return State(found.files, frozenset(found.generations), found.model_extra or {})


def state_of(folder: Path) -> State:
    """Read the files of a library's folder that change, without the generations."""
    names = [LIVE, HISTORY, GOLDEN, *(f"{records.FOLDER}/{name}.json" for name in records.examined(folder))]
    found = {name: _text(folder / name) for name in names}
    return State({name: text for name, text in found.items() if text is not None})


def write_state(folder: Path, before: State, after: State) -> None:
    """Write what differs between two states into a library's folder; the pointer last, or first when it goes."""
    changed = [name for name, text in after.files.items() if before.files.get(name) != text]
    gone = before.files.keys() - after.files.keys()
    for name in sorted(gone, key=lambda name: name != LIVE):
        (folder / name).unlink(missing_ok=True)
    for name in sorted(changed, key=lambda name: name == LIVE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        replace_text(folder / name, after.files[name])


def _is_state_file(name: str) -> bool:
    """Say whether a name is one of those that `state_of` reads: no other path is ever written."""
    stem = name.removeprefix(f"{records.FOLDER}/").removesuffix(".json")
    return name in (LIVE, HISTORY, GOLDEN) or (name == f"{records.FOLDER}/{stem}.json" and stem.isalnum())


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
