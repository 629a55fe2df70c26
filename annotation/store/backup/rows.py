"""The rows of the tables as lines of JSON, the same for every database: first the names of the columns, then the rows.

JSON has no times and no bytes. They become objects: `{"time": "2026-01-31T…"}` or `{"bytes": "…"}` (base64).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Integer, MetaData, Table, func, select, text

ROWS_AT_ONCE = 500


def tables_of(connection: Connection, names: Iterable[str]) -> list[Table]:
    """The tables that the database has, as it has them; each comes after those it refers to."""
    wanted, metadata = set(names), MetaData()
    metadata.reflect(connection, only=lambda name, _: name in wanted)
    return metadata.sorted_tables


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The columns and rows of a table, read piece by piece."""
    yield _line(table.columns.keys())
    order = list(table.primary_key.columns)
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*order))
    for row in rows:
        yield _line([_plain(value) for value in row])


def insert_lines(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Put back what `lines_of` gave.

    Raises:
        ValueError, TypeError: the lines have another form. SQLAlchemyError: the database does not take them.
    """
    every = iter(lines)
    columns = json.loads(next(every, b"[]"))
    while some := list(islice(every, ROWS_AT_ONCE)):
        rows = [dict(zip(columns, map(_valued, json.loads(line)), strict=True)) for line in some]
        connection.execute(table.insert(), rows)
    _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL give the next row a number above those put back; SQLite does so by itself."""
    (key, *others) = table.primary_key.columns
    if connection.dialect.name != "postgresql" or others or not isinstance(key.type, Integer):
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
    highest = connection.scalar(select(func.max(key)))
    if sequence and highest:
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    """A value of a row as JSON has it; a time without a zone is UTC, as SQLite stores it."""
    if isinstance(value, datetime):
        return {"time": (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()}
    return {"bytes": b64encode(value).decode()} if isinstance(value, bytes) else value


def _valued(value: Any) -> Any:
    """The value that `_plain` wrote."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return datetime.fromisoformat(content) if kind == "time" else b64decode(content, validate=True)
