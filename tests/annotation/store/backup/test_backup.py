"""A backup is made while people work, holds all that was acknowledged before, and restores whole or not at all."""

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from sqlalchemy import delete, select
from typer.testing import CliRunner

from annotation.__main__ import app
from annotation.store import (
    Drafts,
    Effort,
    RevisionContent,
    Sample,
    StaleSaveError,
    StoreError,
    add_sample,
    collect_garbage,
    find_samples,
    open_store,
    reading,
    remove_tags,
    save_revision,
    verify,
    writing,
)
from annotation.store import delete as delete_sample
from annotation.store.backup.contents import opened, unheard
from annotation.store.backup.making import make_backup
from annotation.store.backup.restoring import restore_backup
from annotation.store.tables.base import Base
from annotation.store.tables.samples import Landmarks
from annotation.strokes.stroke import Stroke
from tests.annotation.store import victim
from tests.annotation.store.older import COLUMNS_SINCE, TABLES_SINCE
from tests.annotation.store.samples import fill
from tests.annotation.store.test_durability import live_and_die
from tests.browser import ROOT

KILLS = 200 if os.environ.get("MATTING_FULL") else 12
FLIPS = 2000 if os.environ.get("MATTING_FULL") else 120
SECRET = "the secret of my browser"
DRAFT = {"name": "draft", "image": b"image", "automatic": b"trimap", "thumbnail": b"thumbnail", "size": (48, 64)}


def brush(name):
    return Stroke(name, "brush", "foreground", 3, ((10, 10), (20, 20)), author="Zoë, 猫")


@pytest.fixture
def filled(picture):
    """A function that brings a store to samples of every kind and a draft with strokes."""

    def make(store, count=4):
        fill(store, picture, count)
        deleted = add_sample(store, picture(99), name="deleted").id
        delete_sample(store, [deleted])
        drafts = Drafts(store)
        draft = drafts.begin(**DRAFT, alpha=b"alpha", sample=1, base=1)
        drafts.open(draft, SECRET)
        for number in range(3):
            drafts.append(draft, brush(f"stroke {number}"))
        return draft

    return make


def rows(store):
    """Every row of every table, as the declared types read them, times as seconds."""
    with reading(store.engine) as session:
        return {
            table.name: sorted(
                repr([value.timestamp() if isinstance(value, datetime) else value for value in row])
                for row in session.execute(select(table))
            )
            for table in Base.metadata.sorted_tables
        }


def files(store):
    return {name: store.files.get(name) for name in store.files.names()}


def left(folder):
    """What lies in a folder, unfinished files included."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("target", ["folder", "team"])
def test_every_row_and_file_comes_back_in_either_kind_of_store(store, filled, picture, tmp_path, target, request):
    draft = filled(store)
    store.files.put(b"named by no row")
    made = make_backup(store, tmp_path / "backup.zip")
    places = request.getfixturevalue("team_places")() if target == "team" else {}
    restored = restore_backup(tmp_path / "backup.zip", tmp_path / "restored", **places)
    assert made == restored and made.rows("samples") == 5
    copy = open_store(tmp_path / "restored", **places)
    assert list(verify(copy)) == []
    assert rows(copy) == rows(store)
    assert files(store) | files(copy) == files(store) and len(files(store)) == len(files(copy)) + 1
    assert [stroke.id for stroke in Drafts(copy).strokes(draft)] == ["stroke 0", "stroke 1", "stroke 2"]
    Drafts(copy).open(draft, SECRET)
    assert add_sample(copy, picture(7), name="next").id == 6  # no number is given twice
    copy.close()


def test_a_backup_is_one_moment_of_a_dataset_in_use(local_store, filled, picture, tmp_path):
    """People save and paint, and a clean-up spares nothing, while backups are made and restored."""
    store, drafts, acknowledged, over = local_store, Drafts(local_store), [], threading.Event()
    draft = filled(store)

    def save(author):
        parent = 1
        for turn in range(10_000):
            if over.is_set():
                return
            content = RevisionContent(scribbles=b"%d %d" % (author, turn))
            try:
                parent = save_revision(store, 1, content, parent=parent, effort=Effort(str(author))).number
            except StaleSaveError as error:
                parent = error.yours.number
            add_sample(store, picture(1000 * author + turn), name="new")

    def paint():
        for turn in range(10_000):
            if over.is_set():
                return
            drafts.append(draft, brush(f"new {turn}"))
            acknowledged.append(f"new {turn}")

    def clean():
        while not over.is_set():
            collect_garbage(store, older_than=0)

    threads = [threading.Thread(target=work, args=args) for work, *args in ((save, 1), (save, 2), (paint,), (clean,))]
    for thread in threads:
        thread.start()
    try:
        for turn in range(4):
            before, samples = list(acknowledged), len(find_samples(store, limit=10_000))
            make_backup(store, tmp_path / f"{turn}.zip")
            restore_backup(tmp_path / f"{turn}.zip", tmp_path / f"restored {turn}")
            copy = open_store(tmp_path / f"restored {turn}")
            assert list(verify(copy)) == []
            assert len(find_samples(copy, limit=10_000)) >= samples
            painted = [stroke.id for stroke in Drafts(copy).strokes(draft)][3:]
            assert painted[: len(before)] == before and painted == [f"new {number}" for number in range(len(painted))]
            copy.close()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert len(acknowledged) > 3


def test_a_kill_leaves_an_earlier_backup_or_a_new_one(local_store, filled, tmp_path):
    filled(local_store, 8)
    chance, backup = random.Random(1), tmp_path / "backup.zip"
    for seed in range(KILLS):
        live_and_die(
            victim.back_up_for_ever, tmp_path / "data", seed, after=chance.uniform(0, 0.3), from_start=seed % 2 == 0
        )
        if backup.exists():
            with opened(backup, unheard) as whole:
                assert whole.note.rows("samples") == 9
    make_backup(local_store, backup)
    assert left(tmp_path) == ["backup.zip", "data"]  # what the killed ones left is gone


def test_a_kill_leaves_a_whole_restored_dataset_or_none(local_store, filled, tmp_path):
    filled(local_store)
    make_backup(local_store, tmp_path / "backup.zip")
    chance, wanted, count = random.Random(2), rows(local_store), 0
    for seed in range(KILLS):
        live_and_die(victim.restore_for_ever, tmp_path / "data", seed, after=chance.uniform(0, 0.3))
        for folder in tmp_path.glob("restored-*"):
            copy = open_store(folder)
            assert list(verify(copy)) == [] and rows(copy) == wanted
            copy.close()
            folder.rename(tmp_path / f"seen {count}")
            count += 1
    assert count >= KILLS


def refused(backup, folder):
    """The sentence with which a backup is refused; "" if it was restored. Nothing is left of a refused one."""
    before = left(folder)
    try:
        restore_backup(backup, folder / "restored")
    except StoreError as error:
        assert left(folder) == before
        assert "\n" not in str(error) and str(backup) in str(error), str(error)
        return str(error)
    return ""


def test_a_damaged_backup_is_refused_and_leaves_nothing(local_store, filled, tmp_path):
    filled(local_store, 2)
    make_backup(local_store, tmp_path / "backup.zip")
    content, chance, damaged = (tmp_path / "backup.zip").read_bytes(), random.Random(3), tmp_path / "damaged.zip"
    wanted, count = rows(local_store), 0
    cut = [content[: chance.randrange(len(content))] for _ in range(FLIPS // 6)]
    flipped = []
    for _ in range(FLIPS):
        place, bit = chance.randrange(len(content)), 1 << chance.randrange(8)
        flipped.append(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
    for case in [b"", b"no zip", content[100:], content[:-1], *cut, *flipped]:
        damaged.write_bytes(case)
        if refused(damaged, tmp_path):
            count += 1
        else:  # a bit that carries nothing, such as a date in the zip's directory
            copy = open_store(tmp_path / "restored")
            assert rows(copy) == wanted and list(verify(copy)) == []
            copy.close()
            (tmp_path / "restored").rename(tmp_path / f"seen {left(tmp_path)}"[:60].replace("/", "_"))
            subprocess.run(["rm", "-rf", *map(str, tmp_path.glob("seen*"))], check=True)
    assert count > FLIPS // 2


def rewritten(source, target, change):
    """The zip `source` with `change(members)` done to its members, name → bytes, its note kept in step."""
    with ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    note = json.loads(members.pop("backup.json"))
    change(members, note)
    for name, table in note["tables"].items():
        lines = members.get(f"database/{name}.jsonl", b"")
        table["rows"], table["sha256"] = lines.count(b"\n") - 1, hashlib.sha256(lines).hexdigest()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("backup.json", json.dumps(note))
    return target


def test_a_wrong_backup_is_refused_and_leaves_nothing(local_store, filled, tmp_path):
    filled(local_store, 1)
    make_backup(local_store, tmp_path / "backup.zip")

    def lose_a_file(members, note):
        members.pop(next(name for name in members if name.startswith("files/")))
        note["files"] -= 1

    def break_a_row(members, note):
        members["database/samples.jsonl"] += b'["a row too short"]\n'

    def repeat_a_row(members, note):
        members["database/samples.jsonl"] += members["database/samples.jsonl"].splitlines(keepends=True)[1]

    changes = {
        "lacks the file": lose_a_file,
        "argument 2": break_a_row,
        "UNIQUE": repeat_a_row,
        "its format is 2": lambda members, note: note.update(format=2),
        "does not know": lambda members, note: note.update(schema="9999"),
        "other files": lambda members, note: members.update({"files/../../evil": b""}),
    }
    for words, change in changes.items():
        assert words in refused(rewritten(tmp_path / "backup.zip", tmp_path / "wrong.zip", change), tmp_path), words
    assert "No such file" in refused(tmp_path / "absent.zip", tmp_path)
    assert "directory" in refused(tmp_path, tmp_path)


def test_a_backup_of_an_older_version_is_upgraded(local_store, filled, tmp_path):
    filled(local_store)
    remove_tags(local_store, range(1, 6), "hair 猫")  # an older version knew none
    make_backup(local_store, tmp_path / "backup.zip")

    def age(members, note):
        note["schema"] = "0002"
        for table in TABLES_SINCE:
            members.pop(f"database/{table}.jsonl"), note["tables"].pop(table)
        for table, column in COLUMNS_SINCE:
            name = f"database/{table}.jsonl"
            lines = [json.loads(line) for line in members[name].splitlines()]
            place = lines[0].index(column)
            members[name] = b"".join(json.dumps([*line[:place], *line[place + 1 :]]).encode() + b"\n" for line in lines)

    restore_backup(rewritten(tmp_path / "backup.zip", tmp_path / "older.zip", age), tmp_path / "restored")
    copy = open_store(tmp_path / "restored")
    assert list(verify(copy)) == []
    assert rows(copy)["samples"] == rows(local_store)["samples"]
    assert rows(copy)["strokes"] == rows(local_store)["strokes"]
    assert rows(copy)["identity"] != rows(local_store)["identity"] and len(rows(copy)["identity"]) == 1
    copy.close()


def test_only_an_empty_place_is_restored_into(local_store, filled, tmp_path, team_places, team_store):
    filled(local_store)
    backup = tmp_path / "backup.zip"
    make_backup(local_store, backup)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("keep")
    before = rows(local_store)
    for folder in (tmp_path / "data", tmp_path / "used", backup):
        with pytest.raises(StoreError, match="is not empty"):
            restore_backup(backup, folder)
    assert left(tmp_path / "used") == ["mine.txt"] and rows(local_store) == before
    with pytest.raises(StoreError, match="holds tables"):
        restore_backup(backup, tmp_path / "new", **team_places() | {"database": str(team_store.engine.url)})
    team_store.files.put(b"somebody else's")
    with pytest.raises(StoreError, match="files of another dataset"):
        restore_backup(backup, tmp_path / "new", **team_places() | {"files": team_store.files.url})
    (tmp_path / "empty").mkdir()
    restore_backup(backup, tmp_path / "empty")


def test_an_interrupted_restore_to_a_team_can_be_begun_again(local_store, filled, tmp_path, team_places, monkeypatch):
    filled(local_store)
    make_backup(local_store, tmp_path / "backup.zip")
    places = team_places()
    from annotation.store.backup import restoring

    def fail(*given):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken, pytest.raises(StoreError, match="No space left"):
        broken.setattr(restoring, "insert_lines", fail)
        restore_backup(tmp_path / "backup.zip", tmp_path / "data", **places)
    restore_backup(tmp_path / "backup.zip", tmp_path / "data", **places)
    copy = open_store(tmp_path / "data", **places)
    assert list(verify(copy)) == [] and rows(copy) == rows(local_store)
    copy.close()


def test_a_dataset_with_a_damaged_file_is_not_backed_up_in_silence(local_store, filled, tmp_path):
    filled(local_store)
    make_backup(local_store, tmp_path / "backup.zip")
    earlier = (tmp_path / "backup.zip").read_bytes()
    with reading(local_store.engine) as session:
        name = session.scalar(select(Sample.image))
    local_store.files.path(name).write_bytes(b"rotten")
    with pytest.raises(StoreError, match="is damaged"):
        make_backup(local_store, tmp_path / "backup.zip")
    local_store.files.path(name).unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        make_backup(local_store, tmp_path / "backup.zip")
    assert (tmp_path / "backup.zip").read_bytes() == earlier and left(tmp_path) == ["backup.zip", "data"]


def test_what_is_erased_during_a_backup_is_not_in_it(local_store, picture, tmp_path):
    for number in range(3):
        add_sample(local_store, picture(number), name="photo")
    with reading(local_store.engine) as session:
        gone = session.scalar(select(Sample.image).where(Sample.id == 2))

    def erase(done, total):
        with writing(local_store.engine) as session:
            session.execute(delete(Landmarks).where(Landmarks.sample == 2))
            session.execute(delete(Sample).where(Sample.id == 2))
        local_store.files.remove(gone)

    make_backup(local_store, tmp_path / "backup.zip", erase)
    with opened(tmp_path / "backup.zip", unheard) as backup:
        assert backup.note.rows("samples") == 2 and gone not in backup.files


def command(*arguments):
    """(status, stdout, stderr)"""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_the_commands_say_what_was_done_and_what_went_wrong(local_store, filled, tmp_path):
    filled(local_store)
    backup, data = tmp_path / "backup.zip", tmp_path / "data"
    done = command("backup", backup, "--data", data)
    assert done[0] == 0 and done[1].startswith(f"{backup}: 5 samples, 1 draft, ")
    assert command("restore", backup, "--data", tmp_path / "back") == done
    assert command("verify", "--data", tmp_path / "back")[1] == "whole\n"
    before = left(tmp_path)
    for wrong in (
        ("backup", tmp_path / "x.zip", "--data", tmp_path / "nothing"),
        ("backup", tmp_path, "--data", data),
        ("backup", Path("/proc/x.zip"), "--data", data),
        ("restore", backup, "--data", data),
        ("restore", tmp_path / "absent.zip", "--data", tmp_path / "new"),
        ("restore", backup, "--data", Path("/proc/new")),
    ):
        status, said, told = command(*wrong)
        assert (status, said, told.count("\n")) == (1, "", 1), (wrong, told)
    assert left(tmp_path) == before


def test_a_full_disk_is_told_and_leaves_nothing(local_store, filled, tmp_path):
    filled(local_store)

    def fill_up():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    given = ["backup", str(tmp_path / "backup.zip"), "--data", str(tmp_path / "data")]
    told = subprocess.run(
        [sys.executable, "-m", "annotation", *given],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=fill_up,
    )  # fmt: skip
    assert told.returncode == 1 and told.stderr.count("\n") == 1 and "could not be written" in told.stderr
    assert left(tmp_path) == ["data"]
