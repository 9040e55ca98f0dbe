"""Run by Alembic for every command; the connection is handed in by `storage.migrations.run`."""

from alembic import context

from storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by copying the table
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
