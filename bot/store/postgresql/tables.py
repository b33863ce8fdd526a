"""The tables by which processes coordinate: only on PostgreSQL, of rows that live for minutes, without migrations.

They are made by `CREATE TABLE IF NOT EXISTS` at every start; a later version may add tables, and drop old ones once no
version that uses them is left.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table

metadata = MetaData()

deletions = Table(
    "tutor_deletions",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("begun_at", BigInteger, nullable=False),
)
"""Deletions that are not complete. The row goes with the last step of the deletion; times are microseconds."""

tombstones = Table(
    "tutor_tombstones",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),  # `deletion_key` of the person
    Column("at", BigInteger, nullable=False),
)
"""People who were deleted within the last hour, by a number that is not their id."""

unshown = Table(
    "tutor_unshown",
    metadata,
    Column("round", BigInteger, primary_key=True, autoincrement=False),
    Column("closed_at", BigInteger, nullable=False),
)
"""Rounds that are closed and whose messages do not show it yet."""

identify_slots = Table(
    "tutor_identify_slots",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
)
"""When a shard of each bucket of Discord's `max_concurrency` began its last session."""

left_sessions = Table(
    "tutor_left_sessions",
    metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("shards", Integer, nullable=False),
    Column("guest", Integer),
    Column("left_at", DateTime(timezone=True), nullable=False),
    Column("said", String, nullable=False),
)
"""Sessions of Discord's gateway that a process has left; `guest` is the ordinal of the one that runs it meanwhile."""
