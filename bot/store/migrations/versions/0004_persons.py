"""People can be forgotten: what they did for others stays without their id, and no session's number comes again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
compatible_from = "0004"  # programs before expect a host of every round


def upgrade() -> None:
    with op.batch_alter_table("rounds") as rounds:
        rounds.alter_column("host", existing_type=sa.Integer, nullable=True)
    with op.batch_alter_table("retired") as retired:
        retired.alter_column("person", existing_type=sa.Integer, nullable=True)
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL gives no number twice
        with op.batch_alter_table("sessions", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
