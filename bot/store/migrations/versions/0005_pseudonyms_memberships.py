"""Libraries' files name people by pseudonyms, and servers that the bot was removed from are noted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
compatible_from = "0005"  # programs before would leave a deleted person's pseudonyms


def upgrade() -> None:
    op.create_table(
        "pseudonyms",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
    )
    op.create_index("pseudonyms_by_person", "pseudonyms", ["person"])
    op.create_table(
        "memberships",
        sa.Column("server", sa.Integer, primary_key=True),
        sa.Column("left_at", sa.Integer),
    )
