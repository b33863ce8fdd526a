"""Sessions, their steps and answers, and what people remember: read and changed inside a caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.quiz.session import FreeResult, PointResult, Session, Step, Submitted
from bot.store.database import Connection
from bot.store.schema import answers, memories, sessions, steps

if TYPE_CHECKING:
    from bot.quiz.schedule import Memory

_MEMORY = ("state", "step", "stability", "difficulty", "due", "last_review")


async def create(
    connection: Connection,
    *,
    person: int,
    guild: int | None,
    laid_out: Sequence[Step],
    now: datetime,
    round_id: int | None = None,
) -> Session:
    """Write a new session with its steps."""
    made = await connection.execute(
        insert(sessions).values(person=person, guild=guild, round=round_id, created_at=now).returning(sessions.c.id)
    )
    session = Session(made.scalar_one(), person, guild, round_id, tuple(laid_out))
    for step in laid_out:
        await add_step(connection, session.id, step)
    return session


async def add_step(connection: Connection, session: int, step: Step) -> None:
    await connection.execute(
        insert(steps).values(
            session=session,
            position=step.position,
            item=step.item,
            version=step.version,
            options=json.dumps(step.options),
            again=step.again,
        )
    )


async def load(connection: Connection, session: int) -> Session | None:
    """Read a session whole; None when there is none."""
    row = (await connection.execute(select(sessions).where(sessions.c.id == session))).one_or_none()
    if row is None:
        return None
    same = and_(answers.c.session == steps.c.session, answers.c.position == steps.c.position)
    submitted = (answers.c.option, answers.c.score, answers.c.hints.label("used"), answers.c.answered_at)
    found = await connection.execute(
        select(steps, *submitted).join(answers, same, isouter=True).where(steps.c.session == session)
    )
    walked = sorted(map(_step, found), key=lambda step: step.position)
    return Session(row.id, row.person, row.guild, row.round, tuple(walked))


async def in_round(connection: Connection, round_id: int, person: int) -> Session | None:
    """Read somebody's session in a round; None when they have none."""
    wanted = select(sessions.c.id).where(sessions.c.round == round_id, sessions.c.person == person)
    found = (await connection.execute(wanted)).scalar_one_or_none()
    return None if found is None else await load(connection, found)


async def set_picked(connection: Connection, session: int, position: int, option: int) -> None:
    await _change(connection, session, position, picked=option)


async def set_hints(connection: Connection, session: int, position: int, hints: int) -> None:
    await _change(connection, session, position, hints=hints)


async def set_graded(connection: Connection, session: int, position: int, graded: FreeResult) -> None:
    points = [[point.sentence, point.hit] for point in graded.points]
    await _change(connection, session, position, grade=json.dumps([graded.score, points], ensure_ascii=False))


async def submit(connection: Connection, session: Session, step: Step, axis: str, answer: Submitted) -> None:
    """Write an answer; the key of the table refuses a second one for the same step."""
    await connection.execute(
        insert(answers).values(
            session=session.id,
            position=step.position,
            person=session.person,
            guild=session.guild,
            item=step.item,
            version=step.version,
            axis=axis,
            again=step.again,
            option=answer.option,
            score=answer.score,
            hints=answer.hints,
            answered_at=answer.answered_at,
        )
    )


async def memory(connection: Connection, person: int, item: str) -> Memory | None:
    wanted = select(memories).where(memories.c.person == person, memories.c.item == item)
    row = (await connection.execute(wanted)).one_or_none()
    return None if row is None else _memory(row)


async def all_memories(connection: Connection, person: int) -> dict[str, Memory]:
    """Read what a person remembers, by item."""
    found = await connection.execute(select(memories).where(memories.c.person == person))
    return {row.item: _memory(row) for row in found}


async def keep(connection: Connection, person: int, item: str, remembered: Memory) -> None:
    """Write what a person remembers of an item now."""
    values = {name: getattr(remembered, name) for name in _MEMORY}
    row = upsert(memories).values(person=person, item=item, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=["person", "item"], set_=values))


async def count_due(connection: Connection, person: int, now: datetime) -> int:
    wanted = select(func.count()).where(memories.c.person == person, memories.c.due <= now)
    return int((await connection.execute(wanted)).scalar_one())


async def _change(connection: Connection, session: int, position: int, **values: Any) -> None:
    here = and_(steps.c.session == session, steps.c.position == position)
    await connection.execute(update(steps).where(here).values(**values))


def _step(row: Row[Any]) -> Step:
    submitted = None if row.answered_at is None else Submitted(row.option, row.score, row.used, row.answered_at)
    return Step(
        position=row.position,
        item=row.item,
        version=row.version,
        options=tuple(json.loads(row.options)),
        again=row.again,
        picked=row.picked,
        hints=row.hints,
        graded=_graded(row.grade),
        submitted=submitted,
    )


def _graded(text: str | None) -> FreeResult | None:
    if text is None:
        return None
    score, points = json.loads(text)
    return FreeResult(score, tuple(PointResult(*point) for point in points))


def _memory(row: Row[Any]) -> Memory:
    from bot.quiz.schedule import Memory

    return Memory(**{name: getattr(row, name) for name in _MEMORY})
