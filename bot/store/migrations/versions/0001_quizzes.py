"""Sessions and their answers, rounds, and what each person remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
compatible_from = "0001"


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("guild", sa.Integer, nullable=False),
        sa.Column("channel", sa.Integer, nullable=False),
        sa.Column("message", sa.Integer),
        sa.Column("host", sa.Integer, nullable=False),
        sa.Column("seed", sa.String, nullable=False),
        sa.Column("items", sa.String, nullable=False),
        sa.Column("opened_at", sa.Integer, nullable=False),
        sa.Column("closes_at", sa.Integer, nullable=False),
        sa.Column("closed_at", sa.Integer),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("guild", sa.Integer),
        sa.Column("round", sa.Integer, sa.ForeignKey("rounds.id", ondelete="CASCADE")),
        sa.Column("created_at", sa.Integer, nullable=False),
        sa.UniqueConstraint("round", "person"),
    )
    op.create_index("sessions_by_person", "sessions", ["person"])
    op.create_table(
        "steps",
        sa.Column("session", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("options", sa.String, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.Column("picked", sa.Integer),
        sa.Column("hints", sa.Integer, nullable=False, server_default="0"),
        sa.Column("grade", sa.String),
        sa.CheckConstraint("hints >= 0", name="hints_not_negative"),
    )
    op.create_table(
        "answers",
        sa.Column("session", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("guild", sa.Integer),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("axis", sa.String, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.Column("option", sa.Integer, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("hints", sa.Integer, nullable=False),
        sa.Column("answered_at", sa.Integer, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("learning_step", sa.Integer),
        sa.Column("stability", sa.Float),
        sa.Column("difficulty", sa.Float),
        sa.Column("due", sa.Integer, nullable=False),
    )
    op.create_index("answers_by_person", "answers", ["person", "item", "answered_at"])
    op.create_index("answers_by_item", "answers", ["item", "version"])
    op.create_index("answers_by_guild", "answers", ["guild", "answered_at"])
