"""What people find wrong with items, what a server does not ask any more, and who is on its leaderboard."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
compatible_from = "0001"


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("guild", sa.Integer),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("complaint", sa.String, nullable=False),
        sa.Column("made_at", sa.Integer, nullable=False),
        sa.UniqueConstraint("person", "item"),
    )
    op.create_table(
        "retired",
        sa.Column("guild", sa.Integer, primary_key=True),
        sa.Column("item", sa.String, primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("retired_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "contenders",
        sa.Column("guild", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, primary_key=True),
        sa.Column("joined_at", sa.Integer, nullable=False),
    )
