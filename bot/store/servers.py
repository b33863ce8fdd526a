"""What a server decides about its quizzes: complaints, items taken out, and who is seen on the leaderboard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.quiz.items import Dispute
from bot.quiz.mastery import Rank
from bot.store.database import Connection
from bot.store.schema import answers, contenders, disputes, retired

_DISPUTE = [disputes.c[name] for name in ("item", "person", "complaint", "made_at")]


async def dispute(
    connection: Connection, *, person: int, guild: int | None, item: str, complaint: str, now: datetime
) -> None:
    """Write a complaint down; it replaces what the same person said of the same item before."""
    values = {"guild": guild, "complaint": complaint, "made_at": now}
    row = upsert(disputes).values(person=person, item=item, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["person", "item"], set_=values))


async def every_dispute(connection: Connection) -> list[Dispute]:
    """List the complaints of all servers and those made in private, the newest first."""
    return [Dispute(*row) for row in await connection.execute(select(*_DISPUTE).order_by(disputes.c.made_at.desc()))]


async def list_disputes(connection: Connection, guild: int) -> list[Dispute]:
    """List a server's complaints about items that it still asks, the newest first."""
    wanted = (
        select(*_DISPUTE)
        .where(disputes.c.guild == guild)
        .where(disputes.c.item.not_in(select(retired.c.item).where(retired.c.guild == guild)))
        .order_by(disputes.c.made_at.desc())
    )
    return [Dispute(*row) for row in await connection.execute(wanted)]


async def retire(connection: Connection, *, guild: int, item: str, person: int, now: datetime) -> None:
    """Take an item out for a server; one that is out stays out."""
    row = upsert(retired).values(guild=guild, item=item, person=person, retired_at=now)
    await connection.execute(row.on_conflict_do_nothing())


async def restore(connection: Connection, guild: int, item: str) -> bool:
    """Ask an item again; says whether it was out."""
    gone = await connection.execute(delete(retired).where(retired.c.guild == guild, retired.c.item == item))
    return gone.rowcount > 0


async def retired_items(connection: Connection, guild: int | None) -> frozenset[str]:
    found = await connection.execute(select(retired.c.item).where(retired.c.guild == guild))
    return frozenset(found.scalars())


async def join(connection: Connection, guild: int, person: int, now: datetime) -> None:
    row = upsert(contenders).values(guild=guild, person=person, joined_at=now)
    await connection.execute(row.on_conflict_do_nothing())


async def leave(connection: Connection, guild: int, person: int) -> None:
    await connection.execute(delete(contenders).where(contenders.c.guild == guild, contenders.c.person == person))


async def leaderboard(connection: Connection, guild: int, since: datetime, most: int) -> list[Rank]:
    """Rank those who want to be seen by what they scored on first answers in this server since then."""
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
        .group_by(contenders.c.person)
        .order_by(points.desc(), contenders.c.joined_at)
        .limit(most)
    )
    return [Rank(*row) for row in found]
