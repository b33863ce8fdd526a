"""A server's complaints, retired items and leaderboard, read and changed inside a caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, func, select

from bot.quiz.items import Dispute
from bot.quiz.mastery import Rank
from bot.store.database import Connection
from bot.store.dialects import upsert
from bot.store.schema import answers, contenders, disputes, retired

_DISPUTE = [disputes.c[name] for name in ("item", "person", "complaint", "made_at")]


async def dispute(
    connection: Connection, *, person: int, guild: int | None, item: str, complaint: str, now: datetime
) -> None:
    """Store a complaint; it replaces the person's earlier one about the item."""
    values = {"guild": guild, "complaint": complaint, "made_at": now}
    row = upsert(disputes).values(person=person, item=item, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["person", "item"], set_=values))


async def every_dispute(connection: Connection) -> list[Dispute]:
    """Return all complaints, also those made in private, the newest first."""
    return [Dispute(*row) for row in await connection.execute(select(*_DISPUTE).order_by(disputes.c.made_at.desc()))]


async def list_disputes(connection: Connection, guild: int) -> list[Dispute]:
    """Return a server's complaints about items that it still asks, the newest first."""
    wanted = (
        select(*_DISPUTE)
        .where(disputes.c.guild == guild)
        .where(disputes.c.item.not_in(select(retired.c.item).where(retired.c.guild == guild)))
        .order_by(disputes.c.made_at.desc())
    )
    return [Dispute(*row) for row in await connection.execute(wanted)]


async def retire(connection: Connection, *, guild: int, item: str, person: int, now: datetime) -> None:
    """Stop asking an item in a server."""
    row = upsert(retired).values(guild=guild, item=item, person=person, retired_at=now)
    await connection.execute(row.on_conflict_do_nothing())


async def restore(connection: Connection, guild: int, item: str) -> bool:
    """Ask an item again; return whether it was retired."""
    gone = await connection.execute(delete(retired).where(retired.c.guild == guild, retired.c.item == item))
    return gone.rowcount > 0


async def retired_items(connection: Connection, guild: int | None) -> frozenset[str]:
    """Return the ids of the items that a server no longer asks."""
    found = await connection.execute(select(retired.c.item).where(retired.c.guild == guild))
    return frozenset(found.scalars())


async def join(connection: Connection, guild: int, person: int, now: datetime) -> None:
    """Add a person to a server's leaderboard."""
    row = upsert(contenders).values(guild=guild, person=person, joined_at=now)
    await connection.execute(row.on_conflict_do_nothing())


async def leave(connection: Connection, guild: int, person: int) -> None:
    """Remove a person from a server's leaderboard."""
    await connection.execute(delete(contenders).where(contenders.c.guild == guild, contenders.c.person == person))


async def leaderboard(connection: Connection, guild: int, since: datetime, most: int) -> list[Rank]:
    """Rank the people of a leaderboard by their scores on first answers in the server since a time."""
    counted = and_(
        answers.c.person == contenders.c.person,
        answers.c.guild == contenders.c.guild,
        answers.c.answered_at >= since,
        answers.c.again.is_(False),
    )
    points = func.coalesce(func.sum(answers.c.score), 0.0)
    found = await connection.execute(
        select(contenders.c.person, points, func.count(answers.c.position))
        .join(answers, counted, isouter=True)
        .where(contenders.c.guild == guild)
        .group_by(contenders.c.person, contenders.c.joined_at)  # one time for each person
        .order_by(points.desc(), contenders.c.joined_at)
        .limit(most)
    )
    return [Rank(*row) for row in found]
