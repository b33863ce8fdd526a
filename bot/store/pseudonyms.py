"""Pseudonyms of people, read and changed inside a caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import insert, select

from bot.store.database import Connection
from bot.store.schema import pseudonyms

_BYTES = 12


async def given(connection: Connection, person: int) -> str:
    """Return a person's pseudonym; creates one if needed."""
    found = await of_person(connection, person)
    if found:
        return found[0]
    name = f"p{secrets.token_hex(_BYTES)}"  # never digits only: older files have ids in the same place
    await connection.execute(insert(pseudonyms).values(name=name, person=person))
    return name


async def of_person(connection: Connection, person: int) -> list[str]:
    """Return all pseudonyms of a person."""
    wanted = select(pseudonyms.c.name).where(pseudonyms.c.person == person)
    return [*(await connection.execute(wanted)).scalars()]


async def people(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return people by pseudonym, without deleted people."""
    wanted = select(pseudonyms.c.name, pseudonyms.c.person).where(pseudonyms.c.name.in_([*names]))
    return {row.name: row.person for row in await connection.execute(wanted)}
