"""Sessions can be lessons, with a log of what was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
compatible_from = "0005"


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("session", sa.Integer, sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("lesson", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("ended_at", sa.Integer),
    )
    op.create_table(
        "lesson_steps",
        sa.Column("session", sa.Integer, sa.ForeignKey("lessons.session", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("point", sa.String, nullable=False),
        sa.Column("asked", sa.Integer),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.Column("made_at", sa.Integer, nullable=False),
    )
