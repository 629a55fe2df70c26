"""Alembic's entry: runs the migrations inside the transaction that `database.migrating.migrate` holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
