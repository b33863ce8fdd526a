"""What was answered, read for statistics: one person's history, and first answers by item."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.quiz.mastery import Answered
from bot.quiz.records import FirstAnswer
from bot.store.database import Connection
from bot.store.schema import answers


async def history(connection: Connection, person: int) -> list[Answered]:
    """List all answers of a person, the oldest first."""
    wanted = (
        select(answers.c.item, answers.c.axis, answers.c.score, answers.c.answered_at)
        .where(answers.c.person == person)
        .order_by(answers.c.answered_at)
    )
    return [Answered(*row) for row in await connection.execute(wanted)]


async def first_answers(connection: Connection) -> list[FirstAnswer]:
    """List each person's first answer to each version of each item: what they did before they could learn the key."""
    # SQLite takes the bare columns of a group from the row that holds the minimum.
    version = (answers.c.person, answers.c.item, answers.c.version)
    first = func.min(answers.c.answered_at)
    wanted = select(*version, answers.c.option, answers.c.score, first).group_by(*version)
    found = await connection.execute(wanted)
    return [FirstAnswer(str(row.person), row.item, row.version, row.option, row.score) for row in found]
