"""A damaged, locked or foreign database, and a text no database keeps: one sentence each, nothing lost."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from annotation.correction.workspace import Workspace
from annotation.store import (
    Drafts,
    Effort,
    Filter,
    Provenance,
    RevisionContent,
    StoreError,
    add_sample,
    assign,
    count_states,
    find_samples,
    open_database,
    open_store,
    save_revision,
    set_provenance,
    verify,
)
from annotation.store.database import opening as database
from tests.annotation.editor.app import picture as editor_picture
from tests.annotation.editor.app import quick_solve
from tests.annotation.store.samples import fill

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path, picture):
    """A dataset in a folder, closed, its log taken into the database."""
    store = open_store(tmp_path / "data")
    fill(store, picture, 12)
    store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "dataset.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "data"


def use(folder):
    """All faults there are: those `verify` tells, or why it cannot be opened or used at all."""
    try:
        store = open_store(folder)
        find_samples(store)
        count_states(store)
        return list(verify(store))
    except StoreError as error:
        return [str(error)]


def other_program(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()


def spoil(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def folder_instead(path):
    path.unlink()
    path.mkdir()


DAMAGES = {
    "not a database": lambda path: path.write_bytes(b"these are not the bytes of a database" * 100),
    "a picture": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000)),
    "cut off in the first page": lambda path: os.truncate(path, 700),
    "cut off in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "zeroed pages": lambda path: path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096)),
    "another program's": other_program,
    "a folder": folder_instead,
    "a newer version's": lambda path: spoil(path, "UPDATE alembic_version SET version_num = '9999'"),
    "no version": lambda path: spoil(path, "DELETE FROM alembic_version"),
    "a table gone": lambda path: spoil(path, "DROP TABLE revisions"),
    "a column gone": lambda path: spoil(path, "ALTER TABLE revisions DROP COLUMN answers"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_a_sentence(folder, damage):
    DAMAGES[damage](folder / "dataset.db")
    files = sorted((folder / "files").glob("??/*"))
    faults = use(folder)
    assert faults
    assert all("\n" not in fault and len(fault) < 600 for fault in faults)
    assert sorted((folder / "files").glob("??/*")) == files


def test_another_programs_database_is_left_as_it_is(folder):
    other_program(folder / "dataset.db")
    before = (folder / "dataset.db").read_bytes()
    with pytest.raises(StoreError, match="another program's database: it holds recipes"):
        open_store(folder)
    assert (folder / "dataset.db").read_bytes()[100:] == before[100:]  # not the counters of its header


def test_a_torn_log_is_as_if_the_last_saves_had_not_been_and_says_so(folder, picture):
    store = open_store(folder)
    add_sample(store, picture(40), name="last")
    log = folder / "dataset.db-wal"
    content = log.read_bytes()
    store.close()
    log.write_bytes(content[: len(content) // 3])
    assert any("an older copy, or has lost some" in fault for fault in use(folder)) or use(folder) == []


def test_a_locked_database_is_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(database, "LOCK_RETRIES", 0)
    store = open_store(folder)
    with closing(sqlite3.connect(folder / "dataset.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(database.sqlite3, "connect", sqlite3.connect)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=50")
        with pytest.raises(StoreError, match="database is locked"):
            assign(store, [1], "Ann")


def test_the_command_line_and_the_app_tell_it_in_one_line(folder):
    DAMAGES["not a database"](folder / "dataset.db")
    for program in (["-m", "annotation", "verify"], ["app.py"]):
        command = [sys.executable, *program, "--data", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 1
        assert "file is not a database" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///", "http://host/data", "mysql+nothing://x", ""])
def test_what_is_no_database_url_is_a_sentence(url):
    with pytest.raises(StoreError):
        open_database(url)


@pytest.mark.parametrize("text", ["a\0b", "half \ud800 of one", "\0"])
def test_a_text_no_database_keeps_is_a_sentence(store, picture, text):
    sample = add_sample(store, picture(1), name="photo").id
    image, alpha, trimap = editor_picture(48, 64)
    tried = {
        "provenance": lambda: set_provenance(store, [sample], Provenance(source=text)),
        "assignee": lambda: assign(store, [sample], text),
        "note": lambda: save_revision(
            store, sample, RevisionContent(scribbles=b"x"), parent=0, effort=Effort(note=text)
        ),
        "search": lambda: find_samples(store, Filter(text=text)),
        "group": lambda: add_sample(store, picture(2), name="second", group=text),
    }
    for what, attempt in tried.items():
        with pytest.raises(StoreError, match="a NUL or half a character"):
            attempt()
            pytest.fail(what)
    assert add_sample(store, picture(3), name=f"a name {text}").name.isprintable()
    workspace = Workspace(Drafts(store), quick_solve)
    draft = workspace.begin(image, trimap, name=text, alpha=alpha)
    assert workspace.open(draft, "the secret of a test").stored.name.isprintable()
    assert list(verify(store)) == []
    assert find_samples(store)[0].assignee == ""
