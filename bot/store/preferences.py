"""The settings of a server's library, read and changed inside a caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.store.database import Connection
from bot.store.dialects import upsert
from bot.store.schema import preferences


@dataclass(frozen=True, slots=True)
class Preferences:
    """`role`: who may change the library besides managers; `counts_gaps`: whether unanswered questions are stored."""

    role: int | None = None
    counts_gaps: bool = False


async def load(connection: Connection, server: int) -> Preferences:
    """Return the settings of a server; by default those of Preferences."""
    wanted = select(preferences.c.role, preferences.c.counts_gaps).where(preferences.c.server == server)
    row = (await connection.execute(wanted)).one_or_none()
    return Preferences() if row is None else Preferences(row.role, row.counts_gaps)


async def save(connection: Connection, server: int, chosen: Preferences) -> None:
    """Store the settings of a server."""
    values = {"role": chosen.role, "counts_gaps": chosen.counts_gaps}
    row = upsert(preferences).values(server=server, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["server"], set_=values))
