"""Files and database are of one dataset, or nothing is removed and everybody is told."""

import logging
import os
import shutil
import time
from dataclasses import replace

import pytest
from sqlalchemy import delete

from annotation.correction.workspace import Workspace
from annotation.store import (
    Draft,
    Drafts,
    PaintedStroke,
    Revision,
    RevisionContent,
    Sample,
    StoreError,
    add_sample,
    collect_garbage,
    get_revision,
    open_files,
    open_store,
    save_revision,
    upkeep,
    verify,
    writing,
)
from annotation.store.files import local as local_files
from annotation.store.tables.base import now
from annotation.store.tables.samples import Landmarks
from tests.annotation.editor.app import picture as editor_picture
from tests.annotation.editor.app import quick_solve
from tests.annotation.store.older import to_schema_2
from tests.annotation.store.samples import fill


def names(store):
    return set(store.files.names())


def refused(store, match):
    """No clean-up removes a thing, whatever it is asked; what is wrong is told by both commands."""
    before = names(store)
    assert before
    for older_than in (0, -60, 86400.0):
        with pytest.raises(StoreError, match=match):
            collect_garbage(store, older_than=older_than)
    assert names(store) == before
    faults = list(verify(store))
    assert any(match in fault for fault in faults), faults


@pytest.fixture
def filled(store, picture):
    fill(store, picture, 4)
    return store


def clear(store, *tables):
    with writing(store.engine) as session:
        for table in tables:
            session.execute(delete(table))


def test_an_emptied_database(filled):
    clear(filled, PaintedStroke, Draft, Revision, Landmarks, Sample)
    refused(filled, "the database names no file")


def test_a_database_that_lost_its_revisions(filled):
    clear(filled, Revision)
    refused(filled, "samples, revisions and drafts, but has held")


@pytest.fixture
def folder(tmp_path, picture):
    """A dataset in a folder, closed."""
    store = open_store(tmp_path / "data")
    fill(store, picture, 4)
    store.close()
    return tmp_path / "data"


def remove_database(folder):
    for path in folder.glob("dataset.db*"):
        path.unlink()


def test_a_deleted_database_also_after_work_went_on(folder, picture):
    remove_database(folder)
    refused(open_store(folder), "belong to two datasets")
    refused(open_store(folder), "names no file")
    add_sample(open_store(folder), picture(50), name="new")
    refused(open_store(folder), "belong to two datasets")


def test_another_datasets_database(folder, tmp_path, picture):
    other = open_store(tmp_path / "other")
    fill(other, picture, 2)
    other.close()
    remove_database(folder)
    shutil.copy(tmp_path / "other" / "dataset.db", folder)
    refused(open_store(folder), "belong to two datasets")


def test_swapped_files(folder, tmp_path, picture):
    other = open_store(tmp_path / "other")
    fill(other, picture, 9)
    shutil.rmtree(folder / "files")
    shutil.copytree(tmp_path / "other" / "files", folder / "files")
    refused(open_store(folder), "belong to two datasets")


def test_an_older_backup(folder, picture):
    shutil.copy(folder / "dataset.db", folder.parent / "backup")
    store = open_store(folder)
    add_sample(store, picture(70), name="newer")
    store.close()
    remove_database(folder)
    shutil.copy(folder.parent / "backup", folder / "dataset.db")
    refused(open_store(folder), "it is an older copy")


def forget_identity(folder):
    for path in (folder / "files").iterdir():
        if path.is_file():
            path.unlink()


def test_an_older_dataset_gets_an_identity_at_its_upgrade(folder, picture):
    to_schema_2(folder / "dataset.db")
    forget_identity(folder)
    store = open_store(folder)
    assert list(verify(store)) == []
    orphan = store.files.put(b"orphan")
    assert collect_garbage(store, older_than=0).names == [orphan]
    identity = (folder / "files" / "identity").read_text()
    store.close()
    open_store(folder)
    assert (folder / "files" / "identity").read_text() == identity


@pytest.mark.parametrize("wrong", ["emptied", "another's"])
def test_an_older_dataset_whose_database_is_wrong_at_its_upgrade(folder, tmp_path, picture, wrong):
    if wrong == "another's":
        other = open_store(tmp_path / "other")
        for number in range(20, 24):
            add_sample(other, picture(number), name="other")
        other.close()
        shutil.copy(tmp_path / "other" / "dataset.db", folder)
    else:
        remove_database(folder)
        open_store(folder).close()
    to_schema_2(folder / "dataset.db")
    forget_identity(folder)
    refused(open_store(folder), "belong to two datasets")


def test_a_backup_from_before_a_migration(folder, picture):
    shutil.copy(folder / "dataset.db", folder.parent / "backup")
    to_schema_2(folder.parent / "backup")
    store = open_store(folder)
    add_sample(store, picture(71), name="newer")
    store.close()
    remove_database(folder)
    shutil.copy(folder.parent / "backup", folder / "dataset.db")
    refused(open_store(folder), "it is an older copy")


def test_a_wrong_prefix_removes_nothing_of_what_lies_there(team_store, picture, monkeypatch):
    fill(team_store, picture, 2)
    before = names(team_store)
    bucket = team_store.files.url.removesuffix("/dataset")
    wrong = replace(team_store, files=open_files(bucket))
    collect_garbage(wrong, older_than=0)
    assert names(team_store) == before
    assert len(list(verify(wrong))) == len(before)
    other = replace(team_store, files=open_files(f"{bucket}/elsewhere"))
    other.files.put(b"somebody's")
    refused(other, "belong to two datasets")


def test_one_variable_without_the_other_is_told(folder, monkeypatch, caplog):
    monkeypatch.setenv("MATTING_DATABASE", f"sqlite:///{folder}/dataset.db")
    with caplog.at_level(logging.WARNING):
        open_store(folder)
    assert [record.message for record in caplog.records] == [
        f"MATTING_DATABASE is set but MATTING_FILES is not, so the other half of the dataset is in {folder}"
    ]
    caplog.clear()
    monkeypatch.setenv("MATTING_FILES", str(folder / "files"))
    open_store(folder)
    assert caplog.records == []


def test_files_that_cannot_be_written_are_still_checked(folder, monkeypatch):
    forget_identity(folder)

    def fail(*arguments, **named):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(local_files, "open_partial", fail)
    store = open_store(folder)
    assert list(verify(store)) == []
    with pytest.raises((StoreError, OSError), match="Read-only"):
        collect_garbage(store)


@pytest.mark.parametrize("days", [3, -3])
def test_a_wrong_clock_makes_no_fresh_file_collectable(local_store, picture, monkeypatch, days):
    """Whether the clock of who puts or of who collects is wrong."""
    add_sample(local_store, picture(1), name="photo")
    fresh = local_store.files.put(b"fresh")
    put = time.time() - days * 86400
    os.utime(local_store.files.path(fresh), (put, put))
    assert collect_garbage(local_store).names == []
    assert collect_garbage(local_store).names == []
    assert names(local_store) >= {fresh}


def test_what_a_clean_up_saw_a_day_ago_goes_unless_it_was_put_since(local_store, picture, monkeypatch):
    add_sample(local_store, picture(1), name="photo")
    again, left = local_store.files.put(b"put again"), local_store.files.put(b"left")
    assert (collect_garbage(local_store).names, collect_garbage(local_store).waiting) == ([], 2)
    local_store.files.put(b"put again")
    later = now() + upkeep.timedelta(days=1.1)
    monkeypatch.setattr(upkeep, "now", lambda: later)
    assert collect_garbage(local_store).names == [left]
    assert (local_store.files.age(left), local_store.files.age(again) is None) == (None, False)


def lost_once(store, monkeypatch, owner, name):
    """A clean-up that comes between the first putting of files and the adding of their rows."""
    original, left = getattr(owner, name), [1]

    def interrupted(*arguments, **named):
        if left and left.pop():
            for stored in names(store):
                store.files.remove(stored)
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, interrupted)


@pytest.mark.parametrize("what", ["sample", "revision", "work", "start"])
def test_what_a_clean_up_took_is_put_again(store, picture, monkeypatch, what):
    from annotation.store import adding

    workspace = Workspace(Drafts(store), quick_solve)
    image, alpha, trimap = editor_picture(48, 64)
    sample = add_sample(store, picture(1), name="there").id
    draft = workspace.open(workspace.begin(image, trimap, name="work", alpha=alpha), "the secret of a test")
    lost_once(store, monkeypatch, adding, "check_kept")
    monkeypatch.setattr("annotation.store.drafts.check_kept", adding.check_kept)
    monkeypatch.setattr("annotation.store.revisions.check_kept", adding.check_kept)
    if what == "sample":
        added = add_sample(store, picture(2), name="added")
        files = [added.image, added.thumbnail]
    elif what == "revision":
        files = [save_revision(store, sample, RevisionContent(scribbles=b"strokes"), parent=0).scribbles]
        assert get_revision(store, sample).number == 1
    elif what == "work":
        row = workspace.open(
            workspace.begin(image[::-1].copy(), trimap, name="b", alpha=alpha), "the secret of a test"
        ).stored
        files = [row.image, row.automatic, row.alpha, row.thumbnail]
    else:
        workspace.start_over(draft, trimap[::-1].copy(), "again", "tab")
        files = [workspace.drafts.strokes(draft.stored.id)[0].target]
    assert all(store.files.get(name) for name in files)


@pytest.mark.parametrize("damage", [b"", b"half", None])
def test_saving_again_mends_what_was_damaged(store, picture, damage):
    sample = add_sample(store, picture(1), name="photo")
    if damage is None:
        store.files.remove(sample.image)
    else:
        store.files.write(sample.image, damage)
    assert list(verify(store))
    add_sample(store, picture(1), name="photo")
    assert list(verify(store)) == []
