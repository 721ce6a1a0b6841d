"""Run by Alembic: migrates on the connection that `schema` hands over, inside its transaction."""

from alembic import context

from middleware.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite has it too once nobody begins transactions behind our back (engines.py)
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
