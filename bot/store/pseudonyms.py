"""Pseudonyms of people, read and changed inside a caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import insert, select

from bot.store.database import Connection
from bot.store.schema import pseudonyms

_BYTES = 12


async def given(connection: Connection, person: int) -> str:
    """Read a person's pseudonym, or make one."""
    found = await of_person(connection, person)
    if found:
        return found[0]
    name = f"p{secrets.token_hex(_BYTES)}"  # never all digits: older files hold ids in the same place
    await connection.execute(insert(pseudonyms).values(name=name, person=person))
    return name


async def of_person(connection: Connection, person: int) -> list[str]:
    wanted = select(pseudonyms.c.name).where(pseudonyms.c.person == person)
    return [*(await connection.execute(wanted)).scalars()]


async def people(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the people behind these pseudonyms; those of deleted people are left out."""
    wanted = select(pseudonyms.c.name, pseudonyms.c.person).where(pseudonyms.c.name.in_([*names]))
    return {row.name: row.person for row in await connection.execute(wanted)}
