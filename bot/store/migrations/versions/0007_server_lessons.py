"""Lessons that the maintainers of a server plan and approve, and who of them wants a weekly digest."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
compatible_from = "0007"  # and their id in these tables


def upgrade() -> None:
    op.create_table(
        "server_lessons",
        sa.Column("server", sa.Integer, primary_key=True),
        sa.Column("lesson", sa.String, primary_key=True),
        sa.Column("documents", sa.String),
        sa.Column("draft", sa.String),
        sa.Column("approved", sa.String),
        sa.Column("made_at", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer),
        sa.Column("approved_at", sa.Integer),
    )
    op.create_table(
        "digests",
        sa.Column("server", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, primary_key=True),
        sa.Column("sent_at", sa.Integer),
    )
