"""Finished samples to export, and what identifies each in other people's folders."""

import io

import numpy as np

from annotation.store import (
    Effort,
    Provenance,
    RevisionContent,
    State,
    add_sample,
    find_samples,
    get_revision,
    save_revision,
    set_state,
)
from matting.arrays import to_uint8
from matting.files import read_alpha

NAMES = ["plain", "with space", "dots.in.it", "ünïcode 猫", "fg", "fg/alpha", "a/fg/b", "UPPER", "..", "x" * 300]


def fill(store, picture, count):
    """Bring the store to `count` finished samples of mixed sizes with odd names, in all splits."""
    for index in range(count):
        size = (32 + 3 * (index % 5), 40 + 7 * (index % 3))
        provenance = Provenance(
            licence="CC0-1.0", author="Zoë, 猫", person_visible=index % 2 == 0, consent="signed", tags="hair 猫"
        )
        sample = add_sample(store, picture(index, size=size), name=NAMES[index % len(NAMES)], provenance=provenance).id
        if not get_revision(store, sample):
            save_revision(store, sample, work_of(index, size), parent=0, effort=Effort(author="Ann", minutes=1.5))
            set_state(store, [sample], State.DONE)


def work_of(index, size):
    """An alpha with exact zeros and ones and every 16-bit step between, and another colour as foreground."""
    random = np.random.default_rng(1000 + index)
    alpha = np.clip(random.normal(0.5, 0.6, size), 0, 1).astype(np.float32)
    trimap = np.where(alpha == 0, 0, np.where(alpha == 1, 255, 128)).astype(np.uint8)
    foreground = random.integers(0, 256, (*size, 3)).astype(np.float32) / np.float32(255)
    return RevisionContent(trimap=trimap, alpha=alpha, foreground=foreground)


def stored(store, name, read):
    """A stored file, read."""
    return read(io.BytesIO(store.files.get(name)))


def alpha_key(alpha):
    """What identifies a sample by its alpha, at 8 bits: (H, W) float."""
    return alpha.shape, to_uint8(alpha).tobytes()


def by_alpha(store):
    """The samples by `alpha_key`."""
    samples = find_samples(store, limit=10_000)
    return {alpha_key(stored(store, get_revision(store, sample.id).alpha, read_alpha)): sample for sample in samples}


def contents(folder):
    """The files of a folder by their relative paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
