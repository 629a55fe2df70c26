"""Programs that save, export and clean up until they are killed, or kill themselves at a named point."""

import contextlib
import os
import signal
from pathlib import Path

import numpy as np

from annotation.store import (
    Drafts,
    Effort,
    Provenance,
    RevisionContent,
    StaleSaveError,
    StoreError,
    add_sample,
    collect_garbage,
    open_store,
    revisions,
    save_revision,
)
from annotation.store.backup.making import make_backup
from annotation.store.backup.restoring import restore_backup
from annotation.store.database import migrating
from annotation.store.files import local as local_files
from annotation.transfer import exporting, importing

SAVE_POINTS = [
    "before the temporary file",
    "in the middle of writing",
    "before the flush",
    "after the flush",
    "after the rename",
    "after the folder's flush",
    "in the transaction",
    "before the commit",
    "after the commit",
    "in a checkpoint",
]
CLEANING_POINTS = ["in a clean-up", "after a clean-up's removal"]
EXPORT_POINTS = [
    "in the middle of an export",
    "before the manifest",
    "after the manifest",
    "between the renames",
    "after the renames",
]
MIGRATION_POINTS = [
    "before the copy",
    "before the copy has its name",
    "after the copy",
    "in the steps",
    "before the migration's commit",
    "after the migration's commit",
]


def die():
    """As a power cut to this process would be."""
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Ends the process at the n-th time."""

    def __init__(self, times):
        self.left = times

    def burn(self):
        self.left -= 1
        if self.left <= 0:
            die()


def before(owner, name, fuse):
    """Burn the fuse before each call of owner.name."""
    original = getattr(owner, name)

    def wrapped(*arguments, **named):
        fuse.burn()
        return original(*arguments, **named)

    setattr(owner, name, wrapped)


def after(owner, name, fuse):
    """Burn the fuse after each call of owner.name."""
    original = getattr(owner, name)

    def wrapped(*arguments, **named):
        result = original(*arguments, **named)
        fuse.burn()
        return result

    setattr(owner, name, wrapped)


def arm(store, point, times):
    """Arrange that this process dies at that point."""
    from sqlalchemy import event

    fuse = Fuse(times)
    if point == "before the temporary file":
        before(local_files, "open_partial", fuse)
    elif point == "in the middle of writing":
        arm_half_write(fuse)
    elif point == "before the flush":
        before(local_files, "sync", fuse)
    elif point == "after the flush":
        before(Path, "replace", fuse)
    elif point == "after the rename":
        after(Path, "replace", fuse)
    elif point == "after the folder's flush":
        after(local_files, "sync", fuse)
    elif point == "in the transaction":
        before(revisions, "stale", fuse)
    elif point == "before the commit":
        event.listen(store.engine, "commit", lambda connection: fuse.burn())
    elif point == "in a checkpoint":
        arm_checkpoint(store, fuse)
    elif point == "in a clean-up":
        before(local_files.LocalFiles, "remove", fuse)
    elif point == "after a clean-up's removal":
        after(local_files.LocalFiles, "remove", fuse)
    elif point == "in the middle of an export":
        before(exporting.Writer, "write", fuse)
    elif point == "before the manifest":
        before(exporting, "manifest_lines", fuse)
    elif point == "after the manifest":
        before(exporting, "swap", fuse)
    elif point == "between the renames":
        after(Path, "rename", fuse)
    elif point == "after the renames":
        after(exporting, "swap", fuse)


def arm_migration(point, times):
    """Arrange that this process dies at that point of the next migration."""
    from alembic import op

    fuse = Fuse(times)
    if point == "before the copy":
        before(migrating, "back_up", fuse)
    elif point == "before the copy has its name":
        before(Path, "replace", fuse)
    elif point == "after the copy":
        after(migrating, "back_up", fuse)
    elif point == "in the steps":
        before(op, "execute", fuse)
    elif point == "before the migration's commit":
        after(migrating.command, "upgrade", fuse)
    elif point == "after the migration's commit":
        after(migrating, "migrate", fuse)


def arm_half_write(fuse):
    original = os.fdopen

    def halved(handle, mode):
        file = original(handle, mode)
        fuse.left -= 1
        if fuse.left <= 0:
            os.write(handle, b"half of")
            die()
        return file

    os.fdopen = halved


def arm_checkpoint(store, fuse):
    """A checkpoint after every commit, and death by another thread while one runs."""
    import threading

    from sqlalchemy import event

    event.listen(store.engine, "connect", lambda connection, record: connection.execute("PRAGMA wal_autocheckpoint=1"))
    store.engine.dispose()
    threading.Timer(0.0005 * (5 + fuse.left % 37), die).start()


def save_for_ever(folder, seed, acknowledge, point, times):
    """Save on samples 1 to 3; tell (sample, number, content) of each acknowledged revision through the pipe."""
    store = open_store(folder)
    arm(store, point, times)
    seen = {}
    for turn in range(10_000):
        sample = 1 + (seed + turn) % 3
        content = b"%d %d %d" % (seed, turn, sample)
        try:
            parent = seen.get(sample, 0)
            saved = save_revision(
                store, sample, RevisionContent(scribbles=content), parent=parent, effort=Effort(str(seed))
            )
            seen[sample] = saved.number
        except StaleSaveError as error:
            saved, seen[sample] = error.yours, error.theirs.number
        if point == "after the commit" and turn >= times:
            die()
        acknowledge.send((sample, saved.number, content))


def clean_for_ever(folder, seed, acknowledge, point, times):
    """Put orphans and collect them at once, beside saves."""
    store = open_store(folder)
    arm(store, point, times)
    for turn in range(10_000):
        store.files.put(b"orphan %d %d" % (seed, turn))
        collect_garbage(store, older_than=0)
        if acknowledge:
            acknowledge.send(turn)


def add_for_ever(folder, seed, acknowledge, point, times):
    """Add pictures, imports and works, beside clean-ups that spare nothing; tell what was acknowledged."""
    store = open_store(folder)
    arm(store, point, times)
    drafts = Drafts(store)
    for turn in range(10_000):
        image = np.random.default_rng([seed, turn]).integers(0, 256, (9, 11, 3), dtype=np.uint8)
        content = b"%d %d" % (seed, turn)
        with contextlib.suppress(StoreError):  # a clean-up took its files again and again: nothing is acknowledged
            if turn % 3 == 0:
                acknowledge.send(("sample", add_sample(store, image, name="added").id))
            elif turn % 3 == 1:
                done = importing.import_images(store, [("frame", image)], provenance=Provenance(), group="film")
                acknowledge.send(("sample", done.samples[0]))
            else:
                parts = {part: part.encode() + content for part in ("image", "automatic", "thumbnail", "alpha")}
                acknowledge.send(("work", drafts.begin(name="work", size=(9, 11), **parts)))


def export_for_ever(folder, seed, acknowledge, point, times):
    """Export again and again: new, and in the place of an older one."""
    store = open_store(folder)
    arm(store, point, times)
    target = Path(folder).parent / "out"
    for turn in range(10_000):
        exporting.export(store, target, layout=("imagefolder", "modnet", "fgr_pha")[(seed + turn) % 3])
        acknowledge.send(turn)


def migrate_once(folder, migrations, acknowledge, point, times):
    """Open the dataset with other migrations, and die at the latest when it is open."""
    migrating.MIGRATIONS = migrations
    arm_migration(point, times)
    open_store(folder)
    die()


def write_many(folder, writer, saves):
    """The numbers and contents of `saves` saves on sample 1 that race with other writers."""
    store = open_store(folder)
    seen, done = 0, []
    for turn in range(saves):
        content = b"%d %d" % (writer, turn)
        try:
            saved = save_revision(store, 1, RevisionContent(scribbles=content), parent=seen, effort=Effort(str(writer)))
            seen = saved.number
        except StaleSaveError as error:
            saved, seen = error.yours, error.theirs.number
        done.append((saved.number, content))
    return done


def back_up_for_ever(folder, seed, acknowledge, point, times):
    """Back up again and again to one file."""
    store = open_store(folder)
    for turn in range(10_000):
        make_backup(store, Path(folder).parent / "backup.zip")
        acknowledge.send(turn)


def restore_for_ever(folder, seed, acknowledge, point, times):
    """Restore again and again, each time into a new folder."""
    for turn in range(10_000):
        restore_backup(Path(folder).parent / "backup.zip", Path(folder).parent / f"restored-{seed}-{turn}")
        acknowledge.send(turn)
