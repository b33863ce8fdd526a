"""The lessons that a server plans and approves, read and changed inside a caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, select, update

from bot.store.database import Connection
from bot.store.dialects import upsert
from bot.store.schema import server_lessons

_STORED = [server_lessons.c[name] for name in ("lesson", "documents", "draft", "approved")]


@dataclass(frozen=True, slots=True)
class StoredLesson:
    """A lesson of a server about some documents (None: all of them), as plain values in the form of the files.

    `draft` is what maintainers are changing, `approved` what is taught; None: there is none.
    """

    lesson: str
    documents: tuple[str, ...] | None
    draft: Mapping[str, Any] | None
    approved: Mapping[str, Any] | None

    @property
    def latest(self) -> Mapping[str, Any] | None:
        """The draft, or what was approved last."""
        return self.draft if self.draft is not None else self.approved


async def find(connection: Connection, server: int, lesson: str) -> StoredLesson | None:
    """Return a lesson; None when there is none."""
    row = (await connection.execute(select(*_STORED).where(_one(server, lesson)))).one_or_none()
    return None if row is None else _stored(row)


async def approved(connection: Connection, server: int) -> list[StoredLesson]:
    """Return the approved lessons of a server, in the order in which they were approved."""
    wanted = select(*_STORED).where(server_lessons.c.server == server, server_lessons.c.approved.is_not(None))
    order = wanted.order_by(server_lessons.c.approved_at, server_lessons.c.lesson)
    return [_stored(row) for row in await connection.execute(order)]


async def save_draft(
    connection: Connection,
    server: int,
    lesson: str,
    plan: Mapping[str, Any],
    *,
    documents: tuple[str, ...] | None,
    now: datetime,
) -> None:
    """Store the draft of a lesson; what was approved stays."""
    values = {"documents": _text(documents), "draft": _text(plan), "made_at": now}
    row = upsert(server_lessons).values(server=server, lesson=lesson, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["server", "lesson"], set_=values))


async def approve(
    connection: Connection, server: int, lesson: str, plan: Mapping[str, Any], *, person: int, now: datetime
) -> None:
    """Store what is taught from now on; nothing is left to decide about."""
    values = {"approved": _text(plan), "draft": None, "person": person, "approved_at": now}
    await connection.execute(update(server_lessons).where(_one(server, lesson)).values(**values))


async def remove(connection: Connection, server: int, lesson: str) -> bool:
    """Delete a lesson with what was approved; return whether there was one."""
    return (await connection.execute(delete(server_lessons).where(_one(server, lesson)))).rowcount > 0


def _one(server: int, lesson: str) -> Any:
    return and_(server_lessons.c.server == server, server_lessons.c.lesson == lesson)


def _text(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _stored(row: Row[Any]) -> StoredLesson:
    documents = None if row.documents is None else tuple(json.loads(row.documents))
    draft, taught = (None if text is None else json.loads(text) for text in (row.draft, row.approved))
    return StoredLesson(row.lesson, documents, draft, taught)
