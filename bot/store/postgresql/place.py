"""A PostgreSQL database as a store to copy from or to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError
from bot.store.copying import Row, columns_of, quoted
from bot.store.postgresql.connecting import engine, shown
from bot.store.postgresql.dialect import storable
from bot.store.postgresql.migrating import migrate, state
from bot.store.postgresql.tables import deletions
from bot.store.postgresql.troubles import explained
from prompts import words

_IN_USE = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'tutor%' AND pid <> pg_backend_pid()
"""


class PostgresPlace:
    """A database with the address of TUTOR_DATABASE."""

    def __init__(self, address: str) -> None:
        self.name = shown(address)
        self._address = address

    def prepare(self) -> None:
        """Make the tables, or migrate them."""
        migrate(self._address)
        tables = state(self._address).tables
        if tables is None or tables.is_later:  # what this program does not know would be left behind
            raise StoreError(words("errors.database.newer", address=self.name))

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Return a connection in a transaction on one snapshot."""
        made = engine(self._address, poolclass=NullPool)
        try:
            with made.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise explained(error) or error from error
        finally:
            made.dispose()

    def refuse_in_use(self, connection: Connection) -> None:
        """Raise StoreError while a tutor is connected."""
        if connection.execute(text(_IN_USE)).scalar():
            raise StoreError(words("errors.copy.in_use", place=self.name))

    def cleaned(self, row: Row) -> Row:
        """Replace characters that PostgreSQL cannot hold."""
        return tuple(storable(value) if isinstance(value, str) else value for value in row)

    def insert(self, connection: Connection, table: Table, rows: Iterable[Row]) -> None:
        """Send the rows by COPY, of which nothing is kept in memory."""
        driver = connection.connection.driver_connection
        assert driver is not None
        statement = f"COPY {quoted(table.name)} ({columns_of(table)}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def last_number(self, connection: Connection, table: str) -> int:
        """Return the last number of the table's sequence."""
        sequence = connection.execute(text(f"SELECT pg_get_serial_sequence('{table}', 'id')")).scalar_one()
        last, is_called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()
        return int(last) if is_called else 0

    def go_on_after(self, connection: Connection, table: str, number: int) -> None:
        """Set the table's sequence."""
        if number:
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {number})"))

    def marked(self, connection: Connection) -> list[int]:
        """Return the marks in the database."""
        return [*connection.execute(select(deletions.c.person)).scalars()]

    def mark(self, connection: Connection, person: int) -> None:
        """Write a mark into the database."""
        connection.execute(insert(deletions).values(person=person, begun_at=0))
