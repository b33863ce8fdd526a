"""Exports and deletes all rows of one person, as schema.py declares them table by table."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Integer,
    MetaData,
    Table,
    Update,
    delete,
    inspect,
    or_,
    select,
    update,
)

from bot.store.database import Connection, ThreadConnection
from bot.store.schema import PERSON, SEALED, Held, metadata, rounds, sessions

Row = dict[str, Any]
"""The values of a row by column."""

LEFT_OUT = "left_out_until_the_round_closes"
_AT_ONCE = 500
_SHARED = "tutor_"
"""How the names of the tables begin by which processes coordinate, where a deletion under way has to stay."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The columns of a table that a person is shown, computed once: an export may have 100,000 rows."""

    table: Table
    wanted: ColumnElement[bool]
    names: tuple[str, ...]
    personal: tuple[str, ...]
    sealed: frozenset[str]

    @classmethod
    def of(cls, table: Table, person: int) -> _Told | None:
        """Return None for a table without people's ids."""
        wanted = _concerning(table, person)
        if wanted is None:
            return None
        personal = tuple(column.name for column in table.c if _held(column) is not None)
        sealed = frozenset(column.name for column in table.c if column.info.get(SEALED))
        return cls(table, wanted, tuple(table.c.keys()), personal, sealed)

    def row(self, values: Sequence[Any], person: int, secret_sessions: Container[int]) -> Row:
        row = dict(zip(self.names, values, strict=True))
        is_sealed = row["closed_at"] is None if self.table is rounds else row.get("session") in secret_sessions
        for name in self.personal:
            if row[name] != person:
                row[name] = None
        if not (is_sealed and self.sealed):
            return row
        told = {name: value for name, value in row.items() if name not in self.sealed}
        return {**told, LEFT_OUT: [name for name in self.names if name in self.sealed]}


def stored_of(connection: ThreadConnection, person: int) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield each table with its rows that have a person's id; other people's ids are removed.

    Columns that are sealed until a round closes are left out and named under LEFT_OUT. Read the rows of a table before
    the next table.
    """
    still_open = select(rounds.c.id).where(rounds.c.closed_at.is_(None))
    secret = select(sessions.c.id).where(sessions.c.person == person, sessions.c.round.in_(still_open))
    secret_sessions = frozenset(connection.execute(secret).scalars())
    for table in metadata.sorted_tables:
        told = _Told.of(table, person)
        if told is not None:
            wanted = select(table).where(told.wanted)
            found = connection.execute(wanted, execution_options={"yield_per": _AT_ONCE})
            yield table.name, (told.row(values, person, secret_sessions) for values in found)


async def forget(connection: Connection, person: int) -> int:
    """Delete a person's rows and their id in other rows; return how many rows changed.

    Tables that a later version has added name people in a column `person`, and those rows go too.
    """
    later = [delete(each).where(each.c.person == person) for each in await connection.run_sync(_later_tables)]
    statements = [*later, *forgetting(metadata.sorted_tables, person)]
    return sum([(await connection.execute(each)).rowcount for each in statements])


def _later_tables(connection: ThreadConnection) -> list[Table]:
    """List the tables with a column `person` that this version does not know."""
    seen = inspect(connection)
    names = [name for name in seen.get_table_names() if name not in metadata.tables and not name.startswith(_SHARED)]
    with_person = [name for name in names if any(each["name"] == "person" for each in seen.get_columns(name))]
    return [Table(name, MetaData(), Column("person", Integer)) for name in with_person]


def forgetting(tables: Iterable[Table], person: int) -> Iterator[Delete | Update]:
    """Yield the statements that delete a person from tables, which are sorted by dependency.

    In tables of an older version a column that must not be NULL gets 0.
    """
    for table in reversed([*tables]):
        theirs = _theirs(table, person)
        if theirs is not None:
            yield delete(table).where(theirs)
        for column in table.c:
            if _held(column) is Held.NAMED:
                yield update(table).where(column == person).values({column.name: None if column.nullable else 0})


def _held(column: Column[Any]) -> Held | None:
    """Return how the newest schema declares a column with people's ids; None for another column."""
    declared = metadata.tables.get(column.table.name)
    if declared is None or column.name not in declared.c:
        return None
    held: Held | None = declared.c[column.name].info.get(PERSON)
    return held


def _theirs(table: Table, person: int) -> ColumnElement[bool] | None:
    """Return the condition for the rows that are a person's own, or belong to such a row; None without any."""
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
