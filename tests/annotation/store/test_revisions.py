"""Every save is kept; the current revision only moves forward from the one a person saw."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from annotation.store import (
    Effort,
    RevisionContent,
    StaleSaveError,
    State,
    StoreError,
    add_sample,
    get_revision,
    get_sample,
    list_revisions,
    restore,
    save_revision,
    verify,
)
from matting.files import read_alpha, read_image, read_trimap


def alpha_of(value, size=(48, 64)):
    return np.full(size, value, np.float32)


def stored(store, name, read):
    import io

    return read(io.BytesIO(store.files.get(name)))


def test_a_save_brings_back_what_was_saved(store, picture):
    image = picture(1)
    sample = add_sample(store, image, name="photo")
    alpha = np.linspace(0, 1, 48 * 64, dtype=np.float32).reshape(48, 64)
    trimap = np.where(alpha < 0.3, 0, np.where(alpha > 0.7, 255, 128)).astype(np.uint8)
    foreground = np.linspace(0, 1, 48 * 64 * 3, dtype=np.float32).reshape(48, 64, 3)
    effort = Effort(author="Ann", tool="editor", model="gca", minutes=2.5, strokes=7, note="hair")
    content = RevisionContent(trimap=trimap, alpha=alpha, foreground=foreground, scribbles=b"[1]")
    revision = save_revision(store, sample.id, content, parent=0, effort=effort)

    assert (revision.number, revision.parent, revision.author, revision.minutes) == (1, 0, "Ann", 2.5)
    assert revision.unknown == pytest.approx(np.mean(trimap == 128))
    np.testing.assert_array_equal(stored(store, sample.image, read_image), image)
    np.testing.assert_array_equal(stored(store, revision.trimap, read_trimap), trimap)
    assert np.abs(stored(store, revision.alpha, read_alpha) - alpha).max() <= 0.5 / 65535 + 1e-7
    assert np.abs(stored(store, revision.foreground, read_image) / 255 - foreground).max() <= 0.5 / 255 + 1e-6
    assert store.files.get(revision.scribbles) == b"[1]"
    assert get_sample(store, sample.id).current == 1
    assert get_sample(store, sample.id).state == State.IN_PROGRESS


def test_a_stale_save_is_refused_and_both_are_kept(store, picture):
    sample = add_sample(store, picture(1), name="photo").id
    save_revision(store, sample, RevisionContent(alpha=alpha_of(0.1)), parent=0)
    save_revision(store, sample, RevisionContent(alpha=alpha_of(0.2)), parent=1, effort=Effort(author="Ann"))
    with pytest.raises(StaleSaveError, match="Ann saved revision 2 after revision 1") as caught:
        save_revision(store, sample, RevisionContent(alpha=alpha_of(0.3)), parent=1)
    assert (caught.value.yours.number, caught.value.theirs.number) == (3, 2)
    assert get_sample(store, sample).current == 2
    assert stored(store, get_revision(store, sample, 3).alpha, read_alpha)[0, 0] == pytest.approx(0.3, abs=1e-4)

    again = restore(store, sample, 3)
    assert (again.number, again.parent, again.alpha) == (4, 2, get_revision(store, sample, 3).alpha)
    assert get_sample(store, sample).current == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (RevisionContent(alpha=alpha_of(0.5, (48, 63))), "64 wide"),
        (RevisionContent(alpha=alpha_of(1.5)), "lie in"),
        (RevisionContent(trimap=np.full((48, 64), 127, np.uint8)), "also holds 127"),
    ],
)
def test_malformed_work_is_refused(local_store, picture, content, message):
    sample = add_sample(local_store, picture(1), name="photo").id
    with pytest.raises(ValueError, match=message):
        save_revision(local_store, sample, content, parent=0)
    assert list_revisions(local_store, sample) == []


def test_what_is_not_there_is_named(store, picture):
    sample = add_sample(store, picture(1), name="photo").id
    with pytest.raises(StoreError, match="no sample 99"):
        save_revision(store, 99, RevisionContent(), parent=0)
    with pytest.raises(StoreError, match="no revision 7 to continue from"):
        save_revision(store, sample, RevisionContent(), parent=7)
    with pytest.raises(StoreError, match="no revision 7"):
        restore(store, sample, 7)


def test_eight_writers_lose_nothing(store, picture):
    """The full count, 8 × 200 by processes, is in test_durability.py."""
    sample = add_sample(store, picture(1), name="photo").id

    def write(writer):
        seen, numbers = 0, []
        for turn in range(10):
            try:
                saved = save_revision(
                    store,
                    sample,
                    RevisionContent(scribbles=b"%d %d" % (writer, turn)),
                    parent=seen,
                    effort=Effort(str(writer)),
                )
                seen = saved.number
            except StaleSaveError as error:
                saved, seen = error.yours, error.theirs.number
            numbers.append((saved.number, b"%d %d" % (writer, turn)))
        return numbers

    with ThreadPoolExecutor(8) as pool:
        acknowledged = [pair for numbers in pool.map(write, range(8)) for pair in numbers]
    kept = {(revision.number, store.files.get(revision.scribbles)) for revision in list_revisions(store, sample)}
    assert kept == set(acknowledged)
    assert {number for number, _ in kept} == set(range(1, 81))
    assert list(verify(store)) == []
