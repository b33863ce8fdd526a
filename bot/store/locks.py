"""What a transaction locks, and the number that stands for a deleted person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Lock:
    """The rows of one person (`person`), of one server (`server`), or a kind of work."""

    kind: str
    id: int | str

    @property
    def key(self) -> int:
        """A signed number of 64 bits for it, the same in every process."""
        digest = blake2b(f"{self.kind}:{self.id}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def deletion_key(person: int) -> int:
    """Return the number under which a deleted person stands in tombstones and notices, in place of their id."""
    return Lock("deleted", person).key


def with_key(people: Iterable[int], key: int) -> list[int]:
    """Return those of these people who have a deletion key."""
    return [person for person in people if deletion_key(person) == key]
