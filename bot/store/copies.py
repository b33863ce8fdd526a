"""The copies of the store that upgrades have left behind: whoever is forgotten is forgotten in them too."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, MetaData, create_engine

from bot.store.connections import COMPACTING, behave
from bot.store.migrate import FILE, known_revisions
from bot.store.persons import forgetting


def forget_in_copies(data: Path, person: int) -> None:
    """Forget a person in every copy in this folder, whatever its version; raises DBAPIError for one that is broken."""
    for path in (data / f"{FILE}.{revision}" for revision in known_revisions()):
        if path.exists():
            _forget(path, person)


def _forget(path: Path, person: int) -> None:
    engine = create_engine(URL.create("sqlite", database=str(path)))
    behave(engine)
    try:
        tables = MetaData()
        with engine.begin() as connection:
            tables.reflect(connection)
            for statement in forgetting(tables.sorted_tables, person):
                connection.execute(statement)
        with engine.connect() as connection:
            for compacting in COMPACTING:
                connection.exec_driver_sql(compacting)
    finally:
        engine.dispose()  # the last one to leave writes the log into the file and takes it away
