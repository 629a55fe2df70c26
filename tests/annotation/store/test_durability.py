"""What was acknowledged survives kill -9; what fails says so and leaves what was there.

The full counts (1,000 kills, 200 kills of exports of 1,000 samples) run with MATTING_FULL=1, a share of them always.
"""

import errno
import multiprocessing
import os
import random
import shutil
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import select

from annotation.store import (
    Draft,
    Effort,
    RevisionContent,
    Sample,
    StoreError,
    add_sample,
    collect_garbage,
    get_sample,
    list_revisions,
    open_store,
    reading,
    save_revision,
    verify,
)
from annotation.store.database import migrating
from annotation.transfer import exporting
from annotation.transfer.exporting import export
from annotation.transfer.manifest import check_export
from tests.annotation.store import victim
from tests.annotation.store.samples import fill

IS_FULL = bool(os.environ.get("MATTING_FULL"))
KILLS = 1000 if IS_FULL else 40
EXPORT_KILLS, EXPORT_SAMPLES = (200, 1000) if IS_FULL else (12, 40)
MIGRATION_KILLS = 200 if IS_FULL else 10
ADD_KILLS = 124 if IS_FULL else 12
SAVES = 200 if IS_FULL else 50
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.annotation.store.victim"])


def live_and_die(program, folder, seed, point="", times=1, after=None, from_start=False):
    """Run the program until it dies at the point, or `after` so many seconds; what it acknowledged.

    The seconds count from its first acknowledgement, or `from_start`.
    """
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=program, args=(folder, seed, sender, point, times))
    process.start()
    sender.close()
    acknowledged, end = [], None
    while True:
        try:
            if receiver.poll(0 if end and time.monotonic() > end else 0.002):
                acknowledged.append(receiver.recv())
        except (EOFError, ConnectionResetError):
            break
        if after is not None and end is None and (acknowledged or from_start):
            end = time.monotonic() + after
        if end and time.monotonic() > end:
            process.kill()
            process.join(60)
    process.join(60)
    assert process.exitcode == -9, f"{program.__name__} {point!r} ended with {process.exitcode}"
    return acknowledged


def check_database(path, acknowledged):
    """Every acknowledged revision is there with its content's name, and the database is sound."""
    import hashlib

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = {
            (sample, number): name
            for sample, number, name in connection.execute("SELECT sample_id, number, scribbles FROM revisions")
        }
        lost = connection.execute(
            "SELECT count(*) FROM samples s WHERE current > 0 AND NOT EXISTS "
            "(SELECT 1 FROM revisions r WHERE r.sample_id = s.id AND r.number = s.current)"
        )
        assert lost.fetchone() == (0,)
    for sample, number, content in acknowledged:
        assert rows[sample, number] == hashlib.sha256(content).hexdigest()
    return len(rows)


def test_kills_lose_no_acknowledged_revision(tmp_path, picture):
    folder, chance = tmp_path / "data", random.Random(1)
    store = open_store(folder)
    for number in range(3):
        add_sample(store, picture(number), name="photo")
    named = [(point, times) for times in (1, 2, 5) for point in victim.SAVE_POINTS]
    cleaning = [(point, times) for times in (1, 2) for point in victim.CLEANING_POINTS]
    total, started = 0, time.monotonic()
    for seed in range(KILLS):
        if seed < len(named):
            acknowledged = live_and_die(victim.save_for_ever, folder, seed, *named[seed])
        elif seed < len(named) + len(cleaning):
            live_and_die(victim.clean_for_ever, folder, seed, *cleaning[seed - len(named)])
            acknowledged = []
        else:
            acknowledged = live_and_die(victim.save_for_ever, folder, seed, after=chance.uniform(0, 0.05))
        rows = check_database(folder / "dataset.db", acknowledged)
        total += len(acknowledged)
    opening = time.monotonic()
    open_store(folder).close()
    assert time.monotonic() - opening < 5
    assert list(verify(store)) == []
    assert rows >= total > KILLS
    print(f"{KILLS} kills, {total} acknowledged saves, 0 lost, {time.monotonic() - started:.0f} s")  # noqa: T201
    collect_garbage(store, older_than=0)
    assert not list(store.files.partial())
    assert list(verify(store)) == []


def test_kills_beside_a_clean_up_leave_every_acknowledged_sample_its_files(tmp_path, picture):
    """Adding, importing and taking into work, killed at any point, while another program collects all there is."""
    folder, chance = tmp_path / "data", random.Random(4)
    store = open_store(folder)
    add_sample(store, picture(1), name="photo")
    cleaner = CONTEXT.Process(target=victim.clean_for_ever, args=(folder, 0, None, "", 1))
    cleaner.start()
    samples, drafts = set(), set()
    try:
        points = [(point, 3) for point in ("before the flush", "after the rename", "before the commit")]
        for seed in range(ADD_KILLS):
            ending = {"after": chance.uniform(0, 0.2)} if seed >= len(points) else {}
            named = points[seed] if seed < len(points) else ()
            acknowledged = live_and_die(victim.add_for_ever, folder, seed, *named, **ending)
            samples |= {number for kind, number in acknowledged if kind == "sample"}
            drafts |= {number for kind, number in acknowledged if kind == "work"}
    finally:
        assert cleaner.is_alive()
        cleaner.kill()
        cleaner.join(60)
    assert list(verify(store)) == []
    with reading(store.engine) as session:
        assert samples <= set(session.scalars(select(Sample.id)))
        assert drafts <= set(session.scalars(select(Draft.id)))
    assert len(samples) > ADD_KILLS and drafts
    print(f"{ADD_KILLS} kills, {len(samples)} samples and {len(drafts)} works acknowledged, 0 without files")  # noqa: T201


NEXT_MIGRATION = """
from alembic import op

revision, down_revision = "9999", "{head}"

def upgrade():
    op.execute("CREATE TABLE moods (sample INTEGER PRIMARY KEY, mood TEXT NOT NULL)")
    op.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
               "INSERT INTO moods SELECT i, 'glad' FROM n")
    op.execute("ALTER TABLE samples ADD COLUMN mood TEXT")
    op.execute("UPDATE samples SET mood = 'glad'")
    op.execute("CREATE INDEX ix_samples_mood ON samples (mood)")
"""


def schema_of(path):
    """(the schema's revision, everything that has a name or a column in it, the samples' names)."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        names = sorted(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return revision, names, connection.execute("SELECT name FROM samples ORDER BY id").fetchall()


def test_kills_in_a_migration_leave_the_old_schema_or_the_new(tmp_path, picture, monkeypatch):
    """R23: at every point, and at random times, the database is one of the two, opens, and has lost nothing."""
    old, chance = tmp_path / "old", random.Random(3)
    fill(open_store(old), picture, 3)
    before = schema_of(old / "dataset.db")
    migrations = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, migrations)
    (migrations / "versions" / "v9999_moods.py").write_text(NEXT_MIGRATION.format(head=before[0]))
    monkeypatch.setattr(migrating, "MIGRATIONS", migrations)
    shutil.copytree(old, tmp_path / "new")
    started = time.monotonic()
    open_store(tmp_path / "new").close()
    length = time.monotonic() - started
    after = schema_of(tmp_path / "new" / "dataset.db")
    assert (before[0] != after[0], before[2]) == (True, after[2])
    named = [(point, 1) for point in victim.MIGRATION_POINTS] + [("in the steps", times) for times in range(2, 6)]
    killed = {before[0]: 0, after[0]: 0}
    for seed in range(len(named) + MIGRATION_KILLS):
        folder = tmp_path / str(seed)
        shutil.copytree(old, folder)
        if seed < len(named):
            live_and_die(victim.migrate_once, folder, migrations, *named[seed])
        else:
            live_and_die(victim.migrate_once, folder, migrations, after=chance.uniform(0, 2 * length), from_start=True)
        found = schema_of(folder / "dataset.db")
        assert found in (before, after)
        killed[found[0]] += 1
        if seed < len(named):
            assert (found == after) == (named[seed][0] == "after the migration's commit"), named[seed]
        store = open_store(folder)
        assert schema_of(folder / "dataset.db") == after
        assert list(verify(store)) == []
        store.close()
        assert schema_of(folder / f"dataset.db.before-upgrade-of-{before[0]}") == before
        shutil.rmtree(folder)
    assert min(killed.values()) > 0
    print(f"{sum(killed.values())} kills in a migration: {killed}")  # noqa: T201


def test_kills_leave_whole_exports_or_none(tmp_path, picture):
    folder, chance = tmp_path / "data", random.Random(2)
    store = open_store(folder)
    fill(store, picture, EXPORT_SAMPLES)
    started = time.monotonic()
    export(store, tmp_path / "timed")
    length = time.monotonic() - started
    named = [(point, times) for times in (1, 2) for point in victim.EXPORT_POINTS]
    whole = 0
    for seed in range(EXPORT_KILLS):
        if seed % 3 == 0:  # not only in the place of an older export
            shutil.rmtree(tmp_path / "out", ignore_errors=True)
        if seed < len(named):
            live_and_die(victim.export_for_ever, folder, seed, *named[seed])
        else:
            live_and_die(victim.export_for_ever, folder, seed, after=chance.uniform(0, 2 * length), from_start=True)
        if (tmp_path / "out").exists():
            assert list(check_export(tmp_path / "out")) == []
            assert (tmp_path / "out" / "manifest.json").is_file()
            whole += 1
        else:
            assert not [path for path in tmp_path.glob("out*") if path.name != "out"]
    export(store, tmp_path / "out")
    assert list(check_export(tmp_path / "out")) == []
    assert not list(tmp_path.glob(".partial-*"))
    print(f"{EXPORT_KILLS} kills of exports of {EXPORT_SAMPLES} samples: {whole} whole, the others not there")  # noqa: T201


def test_eight_programs_on_one_sample_lose_nothing(tmp_path, picture):
    """R10: every save becomes a revision of its own, also the stale ones."""
    store = open_store(tmp_path / "data")
    add_sample(store, picture(1), name="photo")
    with ProcessPoolExecutor(8, mp_context=CONTEXT) as pool:
        done = list(pool.map(victim.write_many, [tmp_path / "data"] * 8, range(8), [SAVES] * 8))
    acknowledged = {pair for pairs in done for pair in pairs}
    revisions = list_revisions(store, 1)
    assert {(revision.number, store.files.get(revision.scribbles)) for revision in revisions} == acknowledged
    assert len(revisions) == 8 * SAVES
    assert [revision.number for revision in revisions] == list(range(1, 8 * SAVES + 1))
    by_number = {revision.number: revision for revision in revisions}
    number = get_sample(store, 1).current
    while by_number[number].parent:  # the current one's line of parents is never stale
        assert by_number[number].parent < number
        number = by_number[number].parent
    assert number == 1
    assert list(verify(store)) == []


def fail_with(code):
    def fail(*arguments, **named):
        raise OSError(code, os.strerror(code))

    return fail


class FailingFile:
    def __init__(self, file, code):
        self.file, self.code = file, code

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.file.close()

    def write(self, content):
        self.file.write(content[:3])
        raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("point", ["make", "write", "flush", "rename", "flush the folder", "database", "make a folder"])
def test_a_save_that_fails_says_so_and_keeps_what_was(local_store, picture, monkeypatch, code, point):
    from pathlib import Path

    from annotation.store.files import local as local_files

    sample = add_sample(local_store, picture(1), name="photo").id
    save_revision(local_store, sample, RevisionContent(scribbles=b"first"), parent=0)
    names, content = set(local_store.files.names()), RevisionContent(scribbles=b"second" * 100_000)
    with monkeypatch.context() as broken:
        if point == "make":
            broken.setattr(local_files, "open_partial", fail_with(code))
        elif point == "write":
            original = os.fdopen
            broken.setattr(local_files.os, "fdopen", lambda handle, mode: FailingFile(original(handle, mode), code))
        elif point == "flush":
            broken.setattr(local_files.os, "fsync", fail_with(code))
        elif point == "rename":
            broken.setattr(Path, "replace", fail_with(code))
        elif point == "make a folder":
            broken.setattr(Path, "mkdir", fail_with(code))
        elif point == "flush the folder":
            original_sync = local_files.sync
            fails = fail_with(code)
            broken.setattr(local_files, "sync", lambda path: fails() if path.is_dir() else original_sync(path))
        else:
            break_database(local_store.engine, broken, code)
        with pytest.raises(StoreError) as caught:
            save_revision(local_store, sample, content, parent=1, effort=Effort(note="long " * 50_000))
    assert "\n" not in str(caught.value)
    assert any(word in str(caught.value) for word in (os.strerror(code), "disk is full", "readonly"))
    local_store.engine.dispose()
    assert [revision.number for revision in list_revisions(local_store, sample)] == [1]
    assert get_sample(local_store, sample).current == 1
    assert names <= set(local_store.files.names())
    assert not list(local_store.files.partial())
    assert list(verify(local_store)) == []
    assert save_revision(local_store, sample, content, parent=1).number == 2


def break_database(engine, monkeypatch, code):
    """SQLite's own errors: no more pages allowed, or no writing."""
    from sqlalchemy import event

    def limit(connection, record):
        if code == errno.EROFS:
            connection.execute("PRAGMA query_only=ON")
        else:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages}")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")

    engine.dispose()
    event.listen(engine, "connect", limit)
    undo = monkeypatch.undo
    monkeypatch.undo = lambda: (event.remove(engine, "connect", limit), engine.dispose(), undo())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("point", ["make", "flush", "rename"])
def test_an_export_that_fails_keeps_the_one_before(local_store, picture, tmp_path, monkeypatch, code, point):
    from pathlib import Path

    fill(local_store, picture, 3)
    export(local_store, tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    fill(local_store, picture, 5)
    with monkeypatch.context() as broken:
        if point == "make":
            broken.setattr(Path, "open", fail_with(code))
        elif point == "flush":
            broken.setattr(exporting, "sync_all", fail_with(code))
        else:
            broken.setattr(Path, "rename", fail_with(code))
        with pytest.raises(StoreError, match=os.strerror(code)):
            export(local_store, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert list(check_export(tmp_path / "out")) == []
    assert export(local_store, tmp_path / "out").samples == 5
