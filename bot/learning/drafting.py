"""Drafts items from a server's documents in another process and stores the new ones."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from bot.errors import WorkError
from bot.learning.deck import Deck
from bot.libraries.paths import own_folder
from bot.libraries.storage import Storage
from bot.quiz.entries import read_entry
from bot.quiz.items import Item
from bot.quiz.schema import ItemFile, Unusable
from bot.store import drafts as stored
from bot.store.database import Store

log = logging.getLogger(__name__)

_MOST_ASKED_FOR = 5000


class JobRunner(Protocol):
    """Runs the command line in another process; see bot/libraries/jobs.py."""

    async def run(self, folder: Path, arguments: Sequence[str]) -> dict[str, Any]:
        """Run a command of `tutor` for the library in a folder; returns the object it prints."""


@dataclass(frozen=True, slots=True)
class Made:
    """The number of new drafts by kind, and how many were asked for."""

    by_kind: Mapping[str, int]
    asked_for: int

    @property
    def number(self) -> int:
        """All new drafts."""
        return sum(self.by_kind.values())


class Drafting:
    """Drafts items for a server. Callers have checked that the person maintains its library."""

    def __init__(
        self, store: Store, deck: Deck, jobs: JobRunner, storage: Storage, *, data: Path, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._deck = deck
        self._jobs = jobs
        self._storage = storage
        self._data = data
        self._now = now

    async def generate(self, server: int, number: int, document: str | None = None) -> Made:
        """Draft up to `number` new items, from all documents or one by its id; raises WorkError or LibraryError."""
        await self._deck.cards(server)  # waits for the first build
        async with self._store.reading() as connection:
            known = len(await stored.known(connection, server))
        # Drafting again gives the same best drafts, so new ones come behind those already known.
        arguments = ["quiz", "generate", "--json", "--count", str(min(number + known, _MOST_ASKED_FOR))]
        if await asyncio.to_thread(self._storage.ready, server) != self._data:
            arguments += ["--server", str(server)]
        if document is not None:
            arguments.append(f"--document={document}")
        found = await self._jobs.run(own_folder(self._data, server), arguments)
        if not isinstance(found.get("drafts"), list):
            error_id = secrets.token_hex(4)
            log.error("error %s: quiz generate printed no drafts but %s", error_id, sorted(found))
            raise WorkError.broken(error_id)
        return await self.take_in(server, found["drafts"], number)

    async def take_in(self, server: int, found: Sequence[Mapping[str, Any]], most: int) -> Made:
        """Store the first `most` of these drafts that are new; each is {axis, title, row}."""
        asked = (await self._deck.cards(server)).bank.by_id
        readable = [(row, item) for row in found if (item := _readable(row)) is not None]
        async with self._store.writing(server=server) as connection:
            known = await stored.known(connection, server)
            new = {item.id: (row, item) for row, item in readable if item.id not in known and item.id not in asked}
            kept = [*new.values()][:most]
            made = [(item.id, row["axis"], row["title"], row["row"]) for row, item in kept]
            await stored.add(connection, server, made, self._now())
        return Made(Counter(item.kind.value for _, item in kept), most)


def _readable(row: Mapping[str, Any]) -> Item | None:
    """Read a draft as the other process prints it; None when it does not have the bank's form."""
    try:
        part = ItemFile.model_validate({"axis": row["axis"], "title": row["title"], "items": [row["row"]]})
        return read_entry(row["row"], axis=part.axis)
    except (KeyError, TypeError, ValidationError, Unusable) as error:
        log.warning("a draft of no use: %s", type(error).__name__)  # the error itself repeats text of the document
    return None
