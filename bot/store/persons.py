"""All that is stored of one person, as schema.py declares it table by table: read out to them, or forgotten."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Delete, RowMapping, Table, Update, delete, or_, select, update

from bot.store.database import Connection
from bot.store.schema import PERSON, SEALED, Held, metadata, rounds, sessions

Row = dict[str, Any]
"""What stands in a row, by the names of its columns."""

LEFT_OUT = "left_out_until_the_round_closes"


async def stored_of(connection: Connection, person: int) -> dict[str, list[Row]]:
    """List every row about a person or with their id in it, by table; never anybody else's id.

    What is sealed until a round closes is left out, and named under LEFT_OUT.
    """
    still_open = select(rounds.c.id).where(rounds.c.closed_at.is_(None))
    secret = select(sessions.c.id).where(sessions.c.person == person, sessions.c.round.in_(still_open))
    secret_sessions = frozenset((await connection.execute(secret)).scalars())
    found: dict[str, list[Row]] = {}
    for table in metadata.sorted_tables:
        wanted = _concerning(table, person)
        if wanted is not None:
            rows = (await connection.execute(select(table).where(wanted))).mappings()
            found[table.name] = [_told(table, row, person, _is_sealed(table, row, secret_sessions)) for row in rows]
    return found


async def forget(connection: Connection, person: int) -> int:
    """Delete what is a person's own and take their id out of what stays; gives how many rows that touched."""
    return sum([(await connection.execute(each)).rowcount for each in forgetting(metadata.sorted_tables, person)])


def forgetting(tables: Iterable[Table], person: int) -> Iterator[Delete | Update]:
    """Make the statements that forget a person in tables given with those first that others belong to.

    The tables may be those of an older version, where a column that now takes no id still needs a number: it gets 0.
    """
    for table in reversed([*tables]):
        theirs = _theirs(table, person)
        if theirs is not None:
            yield delete(table).where(theirs)
        for column in table.c:
            if _held(column) is Held.NAMED:
                yield update(table).where(column == person).values({column.name: None if column.nullable else 0})


def _held(column: Column[Any]) -> Held | None:
    """Say what a column with people's ids holds them for, as the newest version declares it."""
    declared = metadata.tables.get(column.table.name)
    if declared is None or column.name not in declared.c:
        return None
    held: Held | None = declared.c[column.name].info.get(PERSON)
    return held


def _theirs(table: Table, person: int) -> ColumnElement[bool] | None:
    """Find the rows that are about a person alone: by a column of their own, or because they belong to such a row."""
    own = [column == person for column in table.c if _held(column) is Held.THEIRS]
    if own:
        return or_(*own)
    for key in table.foreign_keys:
        theirs = _theirs(key.column.table, person) if key.ondelete == "CASCADE" else None
        if theirs is not None:
            return key.parent.in_(select(key.column).where(theirs))
    return None


def _concerning(table: Table, person: int) -> ColumnElement[bool] | None:
    named = [column == person for column in table.c if _held(column) is Held.NAMED]
    found = [each for each in (_theirs(table, person), *named) if each is not None]
    return or_(*found) if found else None


def _is_sealed(table: Table, row: RowMapping, secret_sessions: Container[int]) -> bool:
    if table is rounds:
        return row["closed_at"] is None
    return row.get("session") in secret_sessions


def _told(table: Table, row: RowMapping, person: int, sealed: bool) -> Row:
    columns = [column for column in table.c if not (sealed and column.info.get(SEALED))]
    others = {column.name for column in table.c if _held(column) is not None and row[column.name] != person}
    told = {column.name: None if column.name in others else row[column.name] for column in columns}
    left_out = [column.name for column in table.c if column not in columns]
    return {**told, LEFT_OUT: left_out} if left_out else told
