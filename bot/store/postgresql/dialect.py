"""SQLAlchemy's psycopg dialect with the store's types, so that its tables and statements are the same as on SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, String, util
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.dialects.postgresql.psycopg import (
    PGCompiler_psycopg,
    PGDialect_psycopg,
    PGDialectAsync_psycopg,
    _PGString,
)
from sqlalchemy.engine import URL

NAME = "postgresql.tutor"
_UNSTORABLE = "\ufffd"


def storable(text: str) -> str:
    """Replace what PostgreSQL has no text for, NUL and lone surrogates, by the replacement character."""
    if "\0" not in text and text.isascii():
        return text
    text = text.replace("\0", _UNSTORABLE)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(_UNSTORABLE if "\ud800" <= each <= "\udfff" else each for each in text)
    return text


class _Text(_PGString):
    """Text of people, of which PostgreSQL cannot hold every character."""

    def bind_processor(self, dialect: Any) -> Any:
        return lambda value: value if value is None else storable(value)


class _Types(PGTypeCompiler):
    """Integers have 64 bits, as on SQLite: Discord's ids and microseconds need them."""

    def visit_INTEGER(self, type_: Any, **kw: Any) -> str:
        return "BIGINT"


class _Definitions(PGDDLCompiler):
    """The same for the numbers that the database counts up."""

    def get_column_specification(self, column: Column[Any], **kw: Any) -> str:
        text: str = super().get_column_specification(column, **kw)  # type: ignore[no-untyped-call]
        return text.replace(" SERIAL", " BIGSERIAL")


class _Statements(PGCompiler_psycopg):
    """Takes `upsert` of bot/store/dialects.py, which is SQLite's and means the same in both databases."""

    def _on_conflict_target(self, clause: Any, **kw: Any) -> str:
        if not hasattr(clause, "constraint_target"):  # SQLite's, which has no names of constraints
            clause.constraint_target = None
        text: str = super()._on_conflict_target(clause, **kw)  # type: ignore[no-untyped-call]
        return text


class Dialect(PGDialect_psycopg):
    """For worker threads."""

    supports_statement_cache = True
    statement_compiler = _Statements
    ddl_compiler = _Definitions
    type_compiler_cls = _Types
    colspecs = util.update_copy(PGDialect_psycopg.colspecs, {String: _Text})

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> Any:
        """Return the dialect that `create_async_engine` takes."""
        return AsyncDialect


class AsyncDialect(PGDialectAsync_psycopg):
    """For the event loop."""

    supports_statement_cache = True
    statement_compiler = _Statements
    ddl_compiler = _Definitions
    type_compiler_cls = _Types
    colspecs = util.update_copy(PGDialectAsync_psycopg.colspecs, {String: _Text})


registry.register(NAME, __name__, "Dialect")
