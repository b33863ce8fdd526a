"""What a server decides about its library: who looks after it, drafted questions, and what it could not answer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
compatible_from = "0001"


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("server", sa.Integer, primary_key=True),
        sa.Column("role", sa.Integer),
        sa.Column("counts_gaps", sa.Boolean, nullable=False, server_default="0"),
    )
    op.create_table(
        "drafts",
        sa.Column("server", sa.Integer, primary_key=True),
        sa.Column("item", sa.String, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("axis", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("row", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("made_at", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer),
        sa.Column("decided_at", sa.Integer),
        sa.CheckConstraint("state IN ('pending', 'approved', 'rejected')", name="known_state"),
        sa.UniqueConstraint("server", "number"),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("server", sa.Integer, nullable=False),
        sa.Column("question", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("asked_at", sa.Integer, nullable=False),
    )
    op.create_index("gaps_by_server", "gaps", ["server", "asked_at"])
    op.create_index("gaps_by_age", "gaps", ["asked_at"])
