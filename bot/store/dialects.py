"""Where statements differ between SQLite and PostgreSQL: insert-or-update, for any module of the store.

Everything else is written once. `bot/store/postgresql/dialect.py` makes PostgreSQL take SQLite's types (integers of 64
bits) and this insert; `bot/store/sqlite.py` and `bot/store/postgresql/backend.py` differ in connections and locks.
"""

from __future__ import annotations

from sqlalchemy.dialects.sqlite import insert as upsert

__all__ = ["upsert"]
