"""Drafted items and the decisions about them, read and changed inside a caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update

from bot.quiz.review import State
from bot.store.database import Connection
from bot.store.schema import drafts


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored draft: `row` is the item as a row of the bank; `person` decided about it."""

    item: str
    number: int
    axis: str
    title: str
    row: Mapping[str, Any]
    state: State
    person: int | None = None


_STORED = [drafts.c[name] for name in ("item", "number", "axis", "title", "row", "state", "person")]


async def add(
    connection: Connection, server: int, made: Sequence[tuple[str, str, str, Mapping[str, Any]]], now: datetime
) -> None:
    """Store new drafts (item, axis, title, row), to be reviewed in this order after the others."""
    last = select(func.coalesce(func.max(drafts.c.number), 0)).where(drafts.c.server == server)
    first = (await connection.execute(last)).scalar_one() + 1
    rows = [
        {"item": item, "axis": axis, "title": title, "row": _text(row), "number": number}
        for number, (item, axis, title, row) in enumerate(made, first)
    ]
    fixed = {"server": server, "state": State.PENDING.value, "made_at": now}
    if rows:
        await connection.execute(insert(drafts), [{**row, **fixed} for row in rows])


async def known(connection: Connection, server: int) -> frozenset[str]:
    """Return the ids of all drafts of a server."""
    return frozenset((await connection.execute(select(drafts.c.item).where(drafts.c.server == server))).scalars())


async def find(connection: Connection, server: int, item: str) -> Stored | None:
    """Return a draft; None when there is none."""
    row = (await connection.execute(select(*_STORED).where(_one(server, item)))).one_or_none()
    return None if row is None else _stored(row)


async def in_state(connection: Connection, server: int, state: State) -> list[Stored]:
    """Return the drafts of a server in a state, in the order they were made."""
    wanted = select(*_STORED).where(drafts.c.server == server, drafts.c.state == state.value).order_by(drafts.c.number)
    return [_stored(row) for row in await connection.execute(wanted)]


async def counts(connection: Connection, server: int) -> dict[State, int]:
    """Count a server's drafts by state."""
    wanted = select(drafts.c.state, func.count()).where(drafts.c.server == server).group_by(drafts.c.state)
    found = {State(state): count for state, count in await connection.execute(wanted)}
    return {state: found.get(state, 0) for state in State}


async def decide(connection: Connection, server: int, item: str, *, state: State, person: int, now: datetime) -> None:
    """Store the decision about a draft."""
    values = {"state": state.value, "person": person, "decided_at": now}
    await connection.execute(update(drafts).where(_one(server, item)).values(**values))


async def rewrite(connection: Connection, server: int, item: str, row: Mapping[str, Any]) -> None:
    """Replace the row of a draft."""
    await connection.execute(update(drafts).where(_one(server, item)).values(row=_text(row)))


async def drop(connection: Connection, server: int, items: Sequence[str]) -> None:
    """Delete those of these drafts that are pending."""
    for item in items:
        pending = drafts.c.state == State.PENDING.value
        await connection.execute(delete(drafts).where(_one(server, item), pending))


def _one(server: int, item: str) -> Any:
    return and_(drafts.c.server == server, drafts.c.item == item)


def _text(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _stored(row: Row[Any]) -> Stored:
    return Stored(**{**row._asdict(), "row": json.loads(row.row), "state": State(row.state)})
