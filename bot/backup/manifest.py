"""The manifest of a backup, and the file names that it may hold."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from index.generations.manifest import LIVE

FORMAT = 1
FILE = "manifest.json"

_LIBRARY = r"(servers/[0-9]{1,20}/)?"
_GENERATION = r"generations/[0-9a-z]+(/[0-9A-Za-z_][0-9A-Za-z_.-]*){1,4}"
_IN_LIBRARY = rf"(live|golden\.json|history\.json|exams/[0-9a-z]+\.json|{_GENERATION})"

Name = Annotated[str, StringConstraints(pattern=rf"^(store\.sqlite3|{_LIBRARY}{_IN_LIBRARY})$", max_length=400)]
"""The path of a file that a backup may hold, relative to the data folder."""


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Form(BaseModel):
    """The part that the manifest has in every version of the format."""

    format: int


class Member(_Said):
    """One file of the backup."""

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class Manifest(_Said):
    """`program` is the version that made it, `made_at` an ISO time; `store` the store's migration, None without one."""

    format: int
    program: str
    made_at: str
    store: str | None
    members: dict[Name, Member]

    @property
    def size_bytes(self) -> int:
        """Return the size of all files unpacked."""
        return sum(member.bytes for member in self.members.values())

    @property
    def libraries(self) -> int:
        """Count the libraries that have a live generation."""
        return sum(PurePosixPath(name).name == LIVE for name in self.members)
