"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
compatible_from = ${repr(up_revision)}  # the oldest revision whose programs work with the tables: see docs/store.md


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
