"""Writes what is held of a person as files of JSON, in a worker thread: row by row, so that memory stays bounded."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NAME = "tutor-knows-about-me"

# The largest integers that every reader of JSON keeps exactly. Discord's ids are larger, so they are written as text.
_MOST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export: JSON, or JSON in a zip."""

    name: str
    content: bytes


def written(
    about: Mapping[str, object],
    stored: Iterable[tuple[str, Iterable[Mapping[str, Any]]]],
    more: Mapping[str, object],
    most_bytes: int | None = None,
) -> Iterator[ExportFile]:
    """Write JSON files of `about`, the rows of the tables in `stored`, and, in the last one, `more`.

    A file of more than `most_bytes` is zipped, and once its zip has that size another one takes the rows that follow:
    each is a JSON object that can be read alone. Without `most_bytes` there is one file, not zipped.
    """
    number = 1
    part = _Part(number, about, most_bytes)
    for table, rows in stored:
        part.begin(table)
        for row in rows:
            if part.is_full:
                yield part.end({})
                number += 1
                part = _Part(number, about, most_bytes)
                part.begin(table)
            part.add(row)
    yield part.end(more)


class _Part:
    """One file, kept as JSON while it is small enough to be sent so, and as a zip."""

    def __init__(self, number: int, about: Mapping[str, object], most_bytes: int | None) -> None:
        self._name = f"{NAME}.json" if number == 1 else f"{NAME}-{number}.json"
        self._most_bytes = most_bytes
        self._plain = io.BytesIO()
        self._packed = io.BytesIO()
        self._archive = zipfile.ZipFile(self._packed, "w", zipfile.ZIP_DEFLATED)
        self._member = None if most_bytes is None else self._archive.open(self._name, "w", force_zip64=True)
        self._size = 0
        self._tables = self._rows = 0
        self._has_rows = False
        self._write("{\n" + "".join(f" {_member(*pair)},\n" for pair in about.items()) + ' "stored": {')

    @property
    def is_full(self) -> bool:
        """Say whether the zip has its size; a file has at least one row."""
        return self._most_bytes is not None and self._has_rows and self._packed.tell() >= self._most_bytes

    def begin(self, table: str) -> None:
        """Have the rows that follow stand under a table's name."""
        end = "" if not self._tables else "\n  ]," if self._rows else "],"
        self._write(f"{end}\n  {json.dumps(table)}: [")
        self._tables += 1
        self._rows = 0

    def add(self, row: Mapping[str, Any]) -> None:
        self._write((",\n   " if self._rows else "\n   ") + _json(row))
        self._rows += 1
        self._has_rows = True

    def end(self, more: Mapping[str, object]) -> ExportFile:
        end = "" if not self._tables else "\n  ]" if self._rows else "]"
        self._write(f"{end}\n }}" + "".join(f",\n {_member(*pair)}" for pair in more.items()) + "\n}\n")
        if self._member is None or self._size <= (self._most_bytes or 0):
            return ExportFile(self._name, self._plain.getvalue())
        self._member.close()
        self._archive.close()
        return ExportFile(f"{self._name}.zip", self._packed.getvalue())

    def _write(self, text: str) -> None:
        content = text.encode()
        self._size += len(content)
        if self._member is None:
            self._plain.write(content)
            return
        self._member.write(content)
        if self._size <= (self._most_bytes or 0):
            self._plain.write(content)
        else:
            self._plain = io.BytesIO()  # too large to be sent as it is


def _member(name: str, value: object) -> str:
    return f"{json.dumps(name)}: {_json(value)}"


def _json(value: object) -> str:
    return json.dumps(_readable(value), ensure_ascii=False)


def _readable(value: object) -> object:
    match value:
        case dict():
            return {name: _readable(each) for name, each in value.items()}
        case list():
            return [_readable(each) for each in value]
        case datetime():
            return value.isoformat()
        case int() if abs(value) > _MOST_EXACT:
            return str(value)
    return value
