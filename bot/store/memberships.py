"""The servers that the bot is or was a member of, and the deletion of their rows, inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.store.database import Connection
from bot.store.dialects import upsert
from bot.store.schema import (
    SERVER,
    drafts,
    gaps,
    memberships,
    metadata,
    preferences,
    rounds,
    server_lessons,
    sessions,
)


async def every(connection: Connection) -> dict[int, datetime | None]:
    """Return by server when the bot was removed; None for its current servers."""
    return {row.server: row.left_at for row in await connection.execute(select(memberships))}


async def save(connection: Connection, servers: Iterable[int], left_at: datetime | None) -> None:
    """Store when the bot was removed from servers."""
    for server in servers:
        row = upsert(memberships).values(server=server, left_at=left_at)
        await connection.execute(row.on_conflict_do_update(index_elements=["server"], set_={"left_at": left_at}))


async def with_own_rows(connection: Connection) -> set[int]:
    """Return the servers with rows that only a current or former server can have."""
    return {
        server
        for table in (preferences, drafts, server_lessons, gaps)
        for server in (await connection.execute(select(table.c.server).distinct())).scalars()
    }


async def purge(connection: Connection, server: int) -> None:
    """Delete every row of a server; people keep their sessions of its rounds."""
    theirs = select(rounds.c.id).where(rounds.c.guild == server)
    await connection.execute(update(sessions).where(sessions.c.round.in_(theirs)).values(round=None))
    for table in metadata.sorted_tables:
        for column in table.c:
            if column.info.get(SERVER):
                await connection.execute(delete(table).where(column == server))
