"""Lessons of people and what was shown in them: read and changed inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update

from bot.quiz.lesson_log import LessonKind, LessonLog, LessonStep
from bot.quiz.lesson_plan import LessonPlan
from bot.quiz.session import Session
from bot.store.database import Connection
from bot.store.schema import lesson_steps, lessons, sessions

_STEP = [column for column in lesson_steps.c if column.name != "session"]


async def begin(connection: Connection, session: Session, plan: LessonPlan) -> Session:
    """Make a new session a lesson, without a step."""
    version = plan.version
    await connection.execute(insert(lessons).values(session=session.id, lesson=plan.id, version=version))
    return replace(session, lesson=LessonLog(plan.id, version, ()))


async def go_on(connection: Connection, session: Session, version: str, step: LessonStep) -> Session:
    """Store another step of a lesson; the table's key refuses a second one at its position."""
    log = session.lesson
    assert log is not None
    await connection.execute(
        insert(lesson_steps).values(
            session=session.id,
            position=step.position,
            kind=step.kind.value,
            point=step.point,
            asked=step.asked,
            changed=step.changed,
            made_at=step.made_at,
        )
    )
    ended_at = step.made_at if step.kind is LessonKind.END else None
    if ended_at is not None or version != log.version:
        row = update(lessons).where(lessons.c.session == session.id)
        await connection.execute(row.values(version=version, ended_at=ended_at))
    return replace(session, lesson=LessonLog(log.lesson, version, (*log.steps, step)))


async def log_of(connection: Connection, session: int, lesson: str, version: str) -> LessonLog:
    """Return what was shown in a lesson."""
    wanted = select(*_STEP).where(lesson_steps.c.session == session).order_by(lesson_steps.c.position)
    return LessonLog(lesson, version, tuple(_step(*row) for row in await connection.execute(wanted)))


async def unfinished(connection: Connection, person: int, guild: int | None, among: Collection[str]) -> int | None:
    """Return the session of a person's newest lesson in a server that has not ended; None when there is none."""
    wanted = (
        select(sessions.c.id)
        .join(lessons, lessons.c.session == sessions.c.id)
        .where(sessions.c.person == person, sessions.c.guild == guild)
        .where(lessons.c.lesson.in_(among), lessons.c.ended_at.is_(None))
        .order_by(sessions.c.id.desc())
        .limit(1)
    )
    return (await connection.execute(wanted)).scalar_one_or_none()


def _step(position: int, kind: str, point: str, asked: int | None, changed: bool, made_at: datetime) -> LessonStep:
    return LessonStep(position, LessonKind(kind), point, asked, changed, made_at)
