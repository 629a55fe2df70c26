"""One writer at a time."""

from sqlalchemy import Connection

WRITERS_LOCK = 0x6D617474
"""The key of the PostgreSQL advisory lock that lets one writer in at a time, as SQLite's BEGIN IMMEDIATE does."""


def lock(connection: Connection) -> None:
    """Keep other writers out until the transaction ends (on SQLite, BEGIN IMMEDIATE already does)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
