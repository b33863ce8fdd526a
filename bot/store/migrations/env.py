"""Alembic's entry: runs the migrations on the connection it is handed."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from bot.store.migrate import note_compatible


def note(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:
    """Note with which programs the database works after a migration, in the same transaction."""
    assert ctx.connection is not None
    script: Any = step.up_revision
    note_compatible(ctx.connection, script.revision, script.module.compatible_from)


context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
    on_version_apply=note,
)
with context.begin_transaction():
    context.run_migrations()
