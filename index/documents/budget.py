"""Limits what one change of a library may read, so that a hostile upload is refused early."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from index.documents.archives import Room
from index.documents.formats.kinds import MEMBER_LIMIT, UNPACKED_LIMIT_BYTES
from index.errors import BudgetError

if TYPE_CHECKING:
    from collections.abc import Iterable

FAILURES_IN_A_ROW = 3
_BYTES_PER_CHARACTER = 4  # at most, in every encoding of Unicode


class Counted(Protocol):
    """What the budget reads of a document; a protocol, because index.documents.document imports this module."""

    @property
    def id(self) -> str:
        """The id of the document."""

    @property
    def text(self) -> str:
        """Its text."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of its text as UTF-8."""


class Budget:
    """Counts characters, unpacked bytes and failures in a row; raises BudgetError as soon as a limit is exceeded.

    Without a limit of characters there is no limit at all but UNPACKED_LIMIT_BYTES for each archive.
    """

    def __init__(self, characters: int | None = None) -> None:
        self._most = characters
        self._left: float = math.inf if characters is None else characters
        self._room = Room()
        self._replaceable: dict[str, int] = {}
        self._known: set[str] = set()
        self._failed: list[str] = []

    def hold(self, documents: Iterable[Counted]) -> None:
        """Count the documents of the library, which stay in it unless one of the same id replaces them."""
        for document in documents:
            self._left -= len(document.text)
            self._replaceable[document.id] = len(document.text)
            self._known.add(document.sha256)

    def replace(self, id: str) -> None:
        """Free the characters of the document of this id, if there is one."""
        self._left += self._replaceable.pop(id, 0)

    def characters_left(self, most: int) -> int:
        """Return how many characters the next document may have, at most `most`."""
        return int(min(most, max(self._left, 0)))

    def spend(self, document: Counted) -> None:
        """Subtract the characters of a document; a text that the library already has costs nothing."""
        self.replace(document.id)
        if document.sha256 not in self._known:
            self.check(len(document.text), document.id)
            self._left -= len(document.text)

    def check(self, characters: int, name: str) -> None:
        """Raise BudgetError when fewer than `characters` are left."""
        if characters > self._left:
            raise BudgetError(
                f"A server's library may hold {self._most:,} characters, and {name} is more than the "
                f"{max(int(self._left), 0):,} that are left. Take out a document first, or add a smaller one."
            )

    def check_bytes(self, size: int, name: str) -> None:
        """Raise BudgetError when `size` bytes are too many characters in every encoding, before they are decoded."""
        self.check(size // _BYTES_PER_CHARACTER, name)

    def room(self) -> Room:
        """Return the room for the next archive: one for all archives if there is a limit."""
        return Room() if self._most is None else self._room

    def unpacked(self, size_bytes: int = 0) -> None:
        """Subtract bytes that were unpacked elsewhere; raises BudgetError when the room is used up."""
        self._room.left_bytes -= size_bytes
        if self._most is not None and self._room.left_bytes < 0:
            limit = f"{UNPACKED_LIMIT_BYTES // 2**20} MB"
            raise BudgetError(f"These files unpack to more than {limit} together. Add fewer of them at once.")
        if self._most is not None and self._room.left_members < 0:
            raise BudgetError(f"These archives hold more than {MEMBER_LIMIT:,} files. Add fewer of them at once.")

    def failed(self, name: str) -> None:
        """Count a reader that hung, crashed or ran out of memory; raises BudgetError at FAILURES_IN_A_ROW."""
        self._failed.append(name)
        if self._most is not None and len(self._failed) >= FAILURES_IN_A_ROW:
            raise BudgetError(
                f"Reading was given up, for {len(self._failed)} files in a row could not be read: "
                f"{', '.join(self._failed)}. Leave them out, and add the rest again."
            )

    def succeeded(self) -> None:
        """Reset the count of failures."""
        self._failed.clear()
