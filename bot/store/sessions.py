"""Sessions, their steps and answers, and memories: read and changed inside a caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, exists, func, insert, or_, select, update

from bot.quiz.mastery import Answered
from bot.quiz.records import FirstAnswer
from bot.quiz.schedule import Memory
from bot.quiz.session import FreeResult, PointResult, Session, Step, Submitted
from bot.store.database import Connection
from bot.store.lessons import log_of
from bot.store.schema import answers, lessons, rounds, sessions, steps

_SESSION = [sessions.c[name] for name in ("id", "person", "guild", "round")]
_STEP = [column for column in steps.c if column.name != "session"]
_UNTOUCHED = and_(
    or_(sessions.c.round.is_(None), sessions.c.round.in_(select(rounds.c.id).where(rounds.c.closed_at.is_not(None)))),
    ~exists().where(answers.c.session == sessions.c.id),
    ~exists().where(lessons.c.session == sessions.c.id),
    ~exists().where(
        steps.c.session == sessions.c.id,
        or_(steps.c.picked.is_not(None), steps.c.hints > 0, steps.c.grade.is_not(None)),
    ),
)
_MEMORY = [answers.c[name] for name in ("state", "learning_step", "stability", "difficulty", "due")]


def _loading(wanted: ColumnElement[bool]) -> Select[Any]:
    """Read a session, its steps and answers in one statement: each costs several thread switches or a round trip."""
    submitted = (answers.c.option, answers.c.score, answers.c.hints.label("used"), answers.c.answered_at, *_MEMORY)
    same = and_(answers.c.session == steps.c.session, answers.c.position == steps.c.position)
    return (
        select(*_SESSION, lessons.c.lesson, lessons.c.version.label("plan"), *_STEP, *submitted)
        .join(steps, steps.c.session == sessions.c.id, isouter=True)
        .join(answers, same, isouter=True)
        .join(lessons, lessons.c.session == sessions.c.id, isouter=True)
        .where(wanted)
        .order_by(steps.c.position)
    )


# The statements of a press, made once: SQLAlchemy takes longer to make one than the database to run it.
_BY_ID = _loading(sessions.c.id == bindparam("wanted"))
_IN_ROUND = _loading(
    and_(sessions.c.round == bindparam("wanted_round"), sessions.c.person == bindparam("wanted_person"))
)
_LAST_ANSWER = (
    select(*_MEMORY, answers.c.answered_at)
    .where(answers.c.person == bindparam("wanted_person"), answers.c.item == bindparam("wanted_item"))
    .order_by(answers.c.answered_at.desc())
    .limit(1)
)
_CHANGE = (
    update(steps)
    .where(steps.c.session == bindparam("of"), steps.c.position == bindparam("at"))
    .values({name: bindparam(name) for name in ("picked", "hints", "grade")})
)
_NEW_STEP = insert(steps)
_NEW_ANSWER = insert(answers)


async def create(
    connection: Connection,
    *,
    person: int,
    guild: int | None,
    laid_out: Sequence[Step],
    now: datetime,
    round_id: int | None = None,
) -> Session:
    """Store a new session with its steps."""
    made = await connection.execute(
        insert(sessions).values(person=person, guild=guild, round=round_id, created_at=now).returning(sessions.c.id)
    )
    session = Session(made.scalar_one(), person, guild, round_id, tuple(laid_out))
    for step in laid_out:
        await add_step(connection, session.id, step)
    return session


async def add_step(connection: Connection, session: int, step: Step) -> None:
    """Store another step of a session."""
    row = {
        "session": session,
        "position": step.position,
        "item": step.item,
        "version": step.version,
        "options": json.dumps(step.options),
        "again": step.again,
        "hints": step.hints,
    }
    await connection.execute(_NEW_STEP, row)


async def load(connection: Connection, session: int) -> Session | None:
    """Return a session; None when there is none."""
    return await _session(connection, (await connection.execute(_BY_ID, {"wanted": session})).all())


async def in_round(connection: Connection, round_id: int, person: int) -> Session | None:
    """Return a person's session in a round; None when there is none."""
    found = await connection.execute(_IN_ROUND, {"wanted_round": round_id, "wanted_person": person})
    return await _session(connection, found.all())


async def change(connection: Connection, session: int, step: Step) -> None:
    """Store the choice, hints and grade of a step that is not submitted."""
    values = {"picked": step.picked, "hints": step.hints, "grade": _grade_text(step.graded)}
    await connection.execute(_CHANGE, {"of": session, "at": step.position, **values})


async def submit(connection: Connection, session: Session, step: Step, axis: str) -> None:
    """Store the answer of a step; the table's key refuses a second one."""
    assert step.submitted is not None
    answer, memory = step.submitted, step.submitted.memory
    row = {
        "session": session.id,
        "position": step.position,
        "person": session.person,
        "guild": session.guild,
        "item": step.item,
        "version": step.version,
        "axis": axis,
        "again": step.again,
        "option": answer.option,
        "score": answer.score,
        "hints": answer.hints,
        "answered_at": answer.answered_at,
        "state": memory.state,
        "learning_step": memory.step,
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "due": memory.due,
    }
    await connection.execute(_NEW_ANSWER, row)


async def memories(connection: Connection, person: int) -> dict[str, Memory]:
    """Return a person's memory of each item, which is stored with their last answer to it."""
    at = func.max(answers.c.answered_at).label("answered_at")
    last = select(answers.c.item, at).where(answers.c.person == person).group_by(answers.c.item).subquery()
    same = and_(answers.c.item == last.c.item, answers.c.answered_at == last.c.answered_at)
    wanted = select(answers.c.item, *_MEMORY, answers.c.answered_at).join(last, same).where(answers.c.person == person)
    return {row.item: _memory(row) for row in await connection.execute(wanted)}


async def last_memory(connection: Connection, person: int, item: str) -> Memory | None:
    """Return a person's memory of one item; None without an answer."""
    row = (await connection.execute(_LAST_ANSWER, {"wanted_person": person, "wanted_item": item})).one_or_none()
    return None if row is None else _memory(row)


async def history(connection: Connection, person: int) -> list[Answered]:
    """Return all answers of a person, the oldest first."""
    wanted = (
        select(answers.c.item, answers.c.axis, answers.c.score, answers.c.answered_at)
        .where(answers.c.person == person)
        .order_by(answers.c.answered_at)
    )
    return [Answered(*row) for row in await connection.execute(wanted)]


async def first_answers(connection: Connection) -> list[FirstAnswer]:
    """Return each person's first answer to each version of each item."""
    version = (answers.c.person, answers.c.item, answers.c.version)
    first = select(*version, func.min(answers.c.answered_at).label("answered_at")).group_by(*version).subquery()
    same = and_(*(answers.c[column.name] == column for column in first.c))
    found = await connection.execute(select(*version, answers.c.option, answers.c.score).join(first, same))
    return [FirstAnswer(str(row.person), row.item, row.version, row.option, row.score) for row in found]


async def untouched(connection: Connection, before: datetime, most: int) -> list[int]:
    """Return sessions created before a time without a choice, hint or answer; not those of open rounds."""
    wanted = select(sessions.c.id).where(sessions.c.created_at < before, _UNTOUCHED).limit(most)
    return [*(await connection.execute(wanted)).scalars()]


async def delete_untouched(connection: Connection, found: Sequence[int]) -> list[int]:
    """Delete those of these sessions that are still untouched, and return their ids."""
    gone = delete(sessions).where(sessions.c.id.in_(found), _UNTOUCHED).returning(sessions.c.id)
    return [*(await connection.execute(gone)).scalars()]


async def _session(connection: Connection, rows: Sequence[Row[Any]]) -> Session | None:
    """Return the session whose steps these are, with the log of its lesson; None without rows."""
    if not rows:
        return None
    first = rows[0]
    log = None if first.lesson is None else await log_of(connection, first.id, first.lesson, first.plan)
    laid_out = tuple(_step(row) for row in rows if row.position is not None)  # a lesson may not have asked yet
    return Session(first.id, first.person, first.guild, first.round, laid_out, log)


def _step(row: Any) -> Step:
    submitted = None
    if row.answered_at is not None:
        submitted = Submitted(row.option, row.score, row.used, row.answered_at, _memory(row))
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


def _grade_text(graded: FreeResult | None) -> str | None:
    if graded is None:
        return None
    points = [[point.sentence, point.hit] for point in graded.points]
    return json.dumps([graded.score, points], ensure_ascii=False)


def _graded(text: str | None) -> FreeResult | None:
    if text is None:
        return None
    score, points = json.loads(text)
    return FreeResult(score, tuple(PointResult(*point) for point in points))


def _memory(row: Any) -> Memory:
    return Memory(row.state, row.learning_step, row.stability, row.difficulty, row.due, row.answered_at)
