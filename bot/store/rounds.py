"""Public rounds and their standings, read and changed inside a caller's transaction."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, insert, select, update

from bot.quiz.rounds import Dealt, Round, Standing
from bot.store.database import Connection
from bot.store.schema import answers, rounds, sessions


async def create(
    connection: Connection,
    *,
    guild: int,
    channel: int,
    host: int,
    seed: str,
    items: tuple[Dealt, ...],
    opened_at: datetime,
    closes_at: datetime,
) -> Round:
    """Store a new round; `announce` adds its message later."""
    given = {"guild": guild, "channel": channel, "host": host, "seed": seed}
    times = {"opened_at": opened_at, "closes_at": closes_at}
    rows = json.dumps([[dealt.item, dealt.right] for dealt in items], ensure_ascii=False)
    made = await connection.execute(insert(rounds).values(**given, **times, items=rows).returning(rounds.c.id))
    return Round(made.scalar_one(), guild, channel, None, host, seed, items, opened_at, closes_at, None)


async def announce(connection: Connection, round_id: int, message: int) -> None:
    """Store the message of a round."""
    await connection.execute(update(rounds).where(rounds.c.id == round_id).values(message=message))


async def load(connection: Connection, round_id: int, *, keep: bool = False) -> Round | None:
    """Return a round; None when there is none. With `keep` nobody closes it before this transaction ends."""
    wanted = select(rounds).where(rounds.c.id == round_id)
    row = (await connection.execute(wanted.with_for_update(read=True) if keep else wanted)).one_or_none()
    return None if row is None else _round(row)


async def open_ones(connection: Connection) -> list[Round]:
    """Return the rounds that are not closed, also those whose time is up."""
    return [_round(row) for row in await connection.execute(select(rounds).where(rounds.c.closed_at.is_(None)))]


async def overdue(connection: Connection, now: datetime) -> list[int]:
    """Return the rounds whose time is up and that are not closed."""
    wanted = select(rounds.c.id).where(rounds.c.closed_at.is_(None), rounds.c.closes_at <= now)
    return [*(await connection.execute(wanted.order_by(rounds.c.closes_at))).scalars()]


async def close(connection: Connection, round_id: int, now: datetime) -> bool:
    """Close a round; return False when it was closed already."""
    still_open = and_(rounds.c.id == round_id, rounds.c.closed_at.is_(None))
    return (await connection.execute(update(rounds).where(still_open).values(closed_at=now))).rowcount > 0


async def standings(connection: Connection, round_id: int) -> list[Standing]:
    """Return the standing of each person in a round, in no order; 0 points without an answer."""
    found = await connection.execute(
        select(
            sessions.c.person,
            func.coalesce(func.sum(answers.c.score), 0.0).label("points"),
            func.count(answers.c.position).label("answered"),
            func.max(answers.c.answered_at).label("last"),
            rounds.c.opened_at,
        )
        .join(rounds, rounds.c.id == sessions.c.round)
        .join(answers, answers.c.session == sessions.c.id, isouter=True)
        .where(sessions.c.round == round_id)
        .group_by(sessions.c.person, rounds.c.opened_at)
    )
    return [
        Standing(row.person, row.points, row.answered, (row.last - row.opened_at).total_seconds() if row.last else 0.0)
        for row in found
    ]


def _round(row: Row[Any]) -> Round:
    values = row._asdict()
    return Round(**{**values, "items": tuple(Dealt(*dealt) for dealt in json.loads(row.items))})
