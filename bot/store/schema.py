"""The tables after the newest migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, stored as whole microseconds since 1970 so that SQL can sort and compare it."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Store a time as microseconds since 1970; raises ValueError for a time without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Any) -> datetime | None:
        """Return a stored time, aware UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Held(StrEnum):
    """What happens to a row when the person in one of its columns is deleted."""

    THEIRS = "theirs"
    """The row is deleted, with the rows that belong to it."""
    NAMED = "named"
    """The row stays without their id."""


PERSON = "person"
"""Key in the `info` of every column with people's ids: a Held; a test finds those without."""
SEALED = "sealed"
"""Key in the `info` of a column that nobody may read before its round is closed: True."""

SERVER = "server"
"""Key in the `info` of every column with servers' ids: whether the row is deleted some time after the bot was removed
from the server; False for what belongs to a person or has to be kept."""

_THEIRS: Final = {PERSON: Held.THEIRS}
_NAMED: Final = {PERSON: Held.NAMED}
_SEALED: Final = {SEALED: True}
_GOES: Final = {SERVER: True}
_STAYS: Final = {SERVER: False}

metadata = MetaData()

rounds = Table(
    "rounds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("guild", Integer, nullable=False, info=_GOES),
    Column("channel", Integer, nullable=False),
    Column("message", Integer),
    Column("host", Integer, info=_NAMED),  # None: forgotten, here and below
    Column("seed", String, nullable=False, info=_SEALED),
    Column("items", String, nullable=False, info=_SEALED),  # JSON: the items in order, each with its right answer
    Column("opened_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Column("closed_at", Moment),
)
"""Public rounds; each person in one has a session."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, nullable=False, info=_THEIRS),
    Column("guild", Integer, info=_STAYS),
    Column("round", Integer, ForeignKey("rounds.id", ondelete="CASCADE")),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("round", "person"),
    Index("sessions_by_person", "person"),
    # The buttons of a session that was deleted must never act on a later one.
    sqlite_autoincrement=True,
)
"""One person's series of items."""

steps = Table(
    "steps",
    metadata,
    Column("session", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item", String, nullable=False),
    Column("version", String, nullable=False),
    Column("options", String, nullable=False),  # JSON: the item's options in the order they are shown
    Column("again", Boolean, nullable=False),
    Column("picked", Integer),
    Column("hints", Integer, nullable=False, server_default="0"),
    Column("grade", String),  # JSON: what a free answer hit and missed
    CheckConstraint("hints >= 0", name="hints_not_negative"),
)
"""The items of a session, in order, and what was chosen."""

answers = Table(
    "answers",
    metadata,
    Column("session", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("person", Integer, nullable=False, info=_THEIRS),
    Column("guild", Integer, info=_STAYS),
    Column("item", String, nullable=False),
    Column("version", String, nullable=False),
    Column("axis", String, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("option", Integer, nullable=False),  # the item's own number of the option; -1 for a free answer
    Column("score", Float, nullable=False, info=_SEALED),
    Column("hints", Integer, nullable=False),
    Column("answered_at", Moment, nullable=False),
    Column("state", Integer, nullable=False, info=_SEALED),  # what FSRS knows after this answer, here and below
    Column("learning_step", Integer, info=_SEALED),
    Column("stability", Float, info=_SEALED),
    Column("difficulty", Float, info=_SEALED),
    Column("due", Moment, nullable=False, info=_SEALED),
    Index("answers_by_person", "person", "item", "answered_at"),
    Index("answers_by_item", "item", "version"),
    Index("answers_by_guild", "guild", "answered_at"),
)
"""Submitted answers, never changed; the key prevents a second one of a step.

A person's memory of an item is in their last answer to it.
"""

lessons = Table(
    "lessons",
    metadata,
    Column("session", Integer, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("lesson", String, nullable=False),
    Column("version", String, nullable=False),  # of the plan at the last step
    Column("ended_at", Moment),
)
"""The sessions that are lessons: what they ask, and the answers, are in the tables of sessions."""

lesson_steps = Table(
    "lesson_steps",
    metadata,
    Column("session", Integer, ForeignKey("lessons.session", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("point", String, nullable=False),
    Column("asked", Integer),  # the position of the step's item in the session
    Column("changed", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
)
"""What was shown in a lesson, in order; the key prevents a second step after one."""

disputes = Table(
    "disputes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, nullable=False, info=_THEIRS),
    Column("guild", Integer, info=_STAYS),
    Column("item", String, nullable=False),
    Column("complaint", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("person", "item"),
)
"""Complaints about items, one for each person and item."""

retired = Table(
    "retired",
    metadata,
    Column("guild", Integer, primary_key=True, info=_GOES),
    Column("item", String, primary_key=True),
    Column("person", Integer, info=_NAMED),
    Column("retired_at", Moment, nullable=False),
)
"""Items that a server no longer asks."""

contenders = Table(
    "contenders",
    metadata,
    Column("guild", Integer, primary_key=True, info=_GOES),
    Column("person", Integer, primary_key=True, info=_THEIRS),
    Column("joined_at", Moment, nullable=False),
)
"""The people on a server's leaderboard."""

preferences = Table(
    "preferences",
    metadata,
    Column("server", Integer, primary_key=True, info=_GOES),
    Column("role", Integer),
    Column("counts_gaps", Boolean, nullable=False, server_default="0"),
)
"""A server's settings: the role that maintains its library, and whether unanswered questions are stored."""

drafts = Table(
    "drafts",
    metadata,
    Column("server", Integer, primary_key=True, info=_GOES),
    Column("item", String, primary_key=True),
    Column("number", Integer, nullable=False),  # counts up in a server: the order in which they are looked at
    Column("axis", String, nullable=False),
    Column("title", String, nullable=False),
    Column("row", String, nullable=False),  # JSON: an item in the form of the bank's files
    Column("state", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("person", Integer, info=_NAMED),  # who decided
    Column("decided_at", Moment),
    CheckConstraint("state IN ('pending', 'approved', 'rejected')", name="known_state"),
    UniqueConstraint("server", "number"),
)
"""Items drafted from a server's documents; only approved ones are asked. Decided ones are never deleted."""

server_lessons = Table(
    "server_lessons",
    metadata,
    Column("server", Integer, primary_key=True, info=_GOES),
    Column("lesson", String, primary_key=True),
    Column("documents", String),  # JSON: the ids of the documents it is about; None: all
    Column("draft", String),  # JSON, here and below: a lesson plan in the form of the files
    Column("approved", String),
    Column("made_at", Moment, nullable=False),
    Column("person", Integer, info=_NAMED),  # who approved
    Column("approved_at", Moment),
)
"""Lessons that a server's maintainers plan; only approved ones are taught."""

digests = Table(
    "digests",
    metadata,
    Column("server", Integer, primary_key=True, info=_GOES),
    Column("person", Integer, primary_key=True, info=_THEIRS),
    Column("sent_at", Moment),
)
"""Who wants to be sent the items of a server that work badly, once a week."""

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("server", Integer, nullable=False, info=_GOES),
    Column("question", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Index("gaps_by_server", "server", "asked_at"),
    Index("gaps_by_age", "asked_at"),
)
"""Unanswered questions, in servers that want them; without the person, and for a limited time."""

pseudonyms = Table(
    "pseudonyms",
    metadata,
    Column("name", String, primary_key=True),
    Column("person", Integer, nullable=False, info=_THEIRS),
    Index("pseudonyms_by_person", "person"),
)
"""Random names for people in the libraries' files (history.json, exams/). The row is the only link to the person."""

memberships = Table(
    "memberships",
    metadata,
    Column("server", Integer, primary_key=True, info=_GOES),
    Column("left_at", Moment),
)
"""The servers that the bot is or was a member of; `left_at` is None while it is one."""
