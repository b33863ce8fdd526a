"""Who wants a weekly digest of a server's items, read and changed inside a caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from bot.store.database import Connection
from bot.store.dialects import upsert
from bot.store.schema import digests


async def wants(connection: Connection, server: int, person: int) -> bool:
    """Return whether a person wants the digest of a server."""
    wanted = select(digests.c.person).where(digests.c.server == server, digests.c.person == person)
    return (await connection.execute(wanted)).one_or_none() is not None


async def add(connection: Connection, server: int, person: int) -> None:
    """Send a person the digest of a server from now on."""
    await connection.execute(upsert(digests).values(server=server, person=person).on_conflict_do_nothing())


async def remove(connection: Connection, server: int, person: int) -> None:
    """Send a person the digest of a server no longer."""
    await connection.execute(delete(digests).where(_one(server, person)))


async def due(connection: Connection, before: datetime) -> list[tuple[int, int]]:
    """Return (server, person) of each digest that was not sent since a time, by server."""
    unsent = or_(digests.c.sent_at.is_(None), digests.c.sent_at <= before)
    wanted = select(digests.c.server, digests.c.person).where(unsent).order_by(digests.c.server, digests.c.person)
    return [(row.server, row.person) for row in await connection.execute(wanted)]


async def sent(connection: Connection, server: int, person: int, now: datetime) -> None:
    """Store when a digest was sent."""
    await connection.execute(update(digests).where(_one(server, person)).values(sent_at=now))


def _one(server: int, person: int) -> ColumnElement[bool]:
    return and_(digests.c.server == server, digests.c.person == person)
