"""A dataset's database as an earlier version of the program wrote it."""

import sqlite3
from contextlib import closing

TABLES_SINCE = ("identity", "sightings", "landmarks", "doubtful_copies")
COLUMNS_SINCE = (
    ("revisions", "answers"),
    ("works", "answers"),
    ("works", "base"),
    ("works", "sample_id"),
    ("samples", "tags"),
)


def to_schema_2(path):
    """Take out of the SQLite file at `path` what schemas after the second added."""
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES_SINCE:
            connection.execute(f"DROP TABLE {table}")
        for table, column in COLUMNS_SINCE:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
        connection.commit()
