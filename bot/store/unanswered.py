"""Questions that a server's library did not answer, read and changed inside a caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, select

from bot.store.database import Connection
from bot.store.schema import gaps


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """One question and its outcome, without the person."""

    question: str
    outcome: str
    asked_at: datetime


async def add(connection: Connection, server: int, gap: UnansweredQuestion) -> None:
    """Store an unanswered question."""
    values = {"question": gap.question, "outcome": gap.outcome, "asked_at": gap.asked_at}
    await connection.execute(insert(gaps).values(server=server, **values))


async def of_server(connection: Connection, server: int) -> list[UnansweredQuestion]:
    """Return a server's unanswered questions, the newest first."""
    wanted = (
        select(gaps.c.question, gaps.c.outcome, gaps.c.asked_at)
        .where(gaps.c.server == server)
        .order_by(gaps.c.asked_at.desc(), gaps.c.id.desc())
    )
    return [UnansweredQuestion(*row) for row in await connection.execute(wanted)]


async def forget_before(connection: Connection, moment: datetime, server: int | None = None) -> None:
    """Delete the questions before a time, of one server or of all."""
    old = gaps.c.asked_at < moment
    await connection.execute(delete(gaps).where(old if server is None else and_(old, gaps.c.server == server)))


async def keep_newest(connection: Connection, server: int, most: int) -> None:
    """Delete all but a server's newest questions."""
    newest = select(gaps.c.id).where(gaps.c.server == server).order_by(gaps.c.asked_at.desc(), gaps.c.id.desc())
    await connection.execute(delete(gaps).where(gaps.c.server == server, gaps.c.id.not_in(newest.limit(most))))


async def clear(connection: Connection, server: int) -> int:
    """Delete a server's questions; return how many there were."""
    return (await connection.execute(delete(gaps).where(gaps.c.server == server))).rowcount
