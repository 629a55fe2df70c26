"""The database opens migrated, durable and backed up, and refuses what it cannot handle."""

import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from annotation.store import StoreError, open_database
from annotation.store.database import migrating
from annotation.store.tables.base import Base


def open_once(url):
    open_database(url).dispose()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/folder/data.db"


def test_the_migrated_schema_is_the_declared_one(url):
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_sqlite_is_durable_and_checks_references(url):
    with open_database(url).connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_eight_programs_open_a_new_database_at_once(tmp_path):
    for attempt in range(3):
        url = f"sqlite:///{tmp_path}/{attempt}.db"
        with ProcessPoolExecutor(8) as pool:
            list(pool.map(open_once, [url] * 8))


def test_an_upgrade_keeps_a_copy_of_the_older_file(url, tmp_path):
    open_once(url)
    path = tmp_path / "folder" / "data.db"
    with closing(sqlite3.connect(path)) as connection:  # what a database from before the first revision looks like
        connection.execute("DROP TABLE revisions")
        connection.execute("DROP TABLE samples")
        connection.execute("CREATE TABLE keepsake (word TEXT)")
        connection.execute("INSERT INTO keepsake VALUES ('kept')")
        connection.commit()
    migrating.back_up(path, "0000")
    with closing(sqlite3.connect(path.with_name("data.db.before-upgrade-of-0000"))) as copy:
        assert copy.execute("SELECT word FROM keepsake").fetchall() == [("kept",)]
    assert not list(path.parent.glob(".partial-*"))


def test_a_failed_migration_changes_nothing(url, tmp_path, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("killed half-way")

    from alembic import op

    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(RuntimeError, match="half-way"):
        open_database(url)
    with closing(sqlite3.connect(tmp_path / "folder" / "data.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_a_newer_schema_is_refused_in_one_sentence(url, tmp_path):
    open_once(url)
    with closing(sqlite3.connect(tmp_path / "folder" / "data.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreError, match=r"has schema 9999, newer than \d+, .* update the program"):
        open_database(url)


@pytest.mark.parametrize("url", ["mysql://host/data", "sqlite://", "sqlite:////proc/nothing/data.db"])
def test_what_cannot_be_opened_is_named(url):
    with pytest.raises(StoreError):
        open_database(url)


def test_a_path_with_odd_characters_opens(tmp_path):
    folder = Path(tmp_path) / "100 % ünïcode"
    open_once(f"sqlite:///{folder}/a b.db")
    assert (folder / "a b.db").is_file()
