"""Writes a person's data as JSON files, row by row, so that memory stays bounded; runs in a worker thread."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NAME = "tutor-knows-about-me"

# Every JSON reader keeps integers up to this exactly. Discord's ids are larger, so they are written as strings.
_MOST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export: JSON, or a zip with one JSON file."""

    name: str
    content: bytes


def written(
    about: Mapping[str, object],
    stored: Iterable[tuple[str, Iterable[Mapping[str, Any]]]],
    more: Mapping[str, object],
    most_bytes: int | None = None,
) -> Iterator[ExportFile]:
    """Write JSON files with `about`, the rows of the tables in `stored` (name, rows), and in the last file `more`.

    A file over `most_bytes` is zipped, and once its zip has that size the following rows go into another file; each
    file is a complete JSON object. Without `most_bytes` there is one file, not zipped.
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
    """One file, written as a zip, and as plain JSON too while it is small enough."""

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
        """Say whether the zip has reached its size; a file has at least one row."""
        return self._most_bytes is not None and self._has_rows and self._packed.tell() >= self._most_bytes

    def begin(self, table: str) -> None:
        """Start the rows of a table."""
        end = "" if not self._tables else "\n  ]," if self._rows else "],"
        self._write(f"{end}\n  {json.dumps(table)}: [")
        self._tables += 1
        self._rows = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row of the current table."""
        self._write((",\n   " if self._rows else "\n   ") + _json(row))
        self._rows += 1
        self._has_rows = True

    def end(self, more: Mapping[str, object]) -> ExportFile:
        """Write the last members and return the file."""
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
