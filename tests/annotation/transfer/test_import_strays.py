# ruff: noqa: F811
"""Pictures that are not what their place says, or that nothing names: masks as photos, trimaps as alphas."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import skimage.data

from annotation.store import State, get_revision, get_sample, set_state
from annotation.transfer.importing import import_path
from matting.files import read_alpha
from tests.annotation.transfer.test_import_pairing import disc, parts, tree  # noqa: F401 (a fixture)

CUTOUT = np.dstack([np.full((48, 64, 3), 90, np.uint8), disc()])
TRIMAP = np.where(disc(6) > 127, 255, np.where(disc(18) > 127, 128, 0)).astype(np.uint8)


def test_a_cut_out_beside_its_photo_is_its_alpha(local_store, tree):
    done = import_path(local_store, tree({"a.jpg": 1, "a.png": CUTOUT}))
    assert (done.new, done.left_out, parts(local_store, 1)) == (1, [], {"alpha"})


UNNAMED = {  # as data sets, labelling programs and scripts leave them: no word says that these are masks
    "AIM-500": ["original/o_1.jpg", "mask/o_1.png", "trimap/o_1.png", "usr/o_1.png"],
    "P3M-10k": ["P/blurred_image/p_1.jpg", "P/mask/p_1.png", "P/trimap/p_1.png", "P/facemask/p_1.png"],
    "a script": ["1.jpg", "", "", "results/1.png"],
    "another language": ["Fotos/1.jpg", "", "", "Masken/1.png"],
    "a labelling program": ["images/abcd-1.jpg", "", "", "task-1-annotation-7-by-1-tag-person-0.png"],
    "BackgroundMatting": ["0001_img.png", "", "", "0001_masksDL.png"],
}


SAME_NAME = [kind for kind, (photo, *_, stray) in UNNAMED.items() if Path(photo).stem == Path(stray).stem]
"""Those whose mask tells by its name what it belongs to; of others, one in colours might be a grey photo."""


@pytest.mark.parametrize(
    ("kind", "stored_as"), [*((kind, "grey") for kind in UNNAMED), *((kind, "colours") for kind in SAME_NAME)]
)
def test_a_mask_that_nothing_names_is_no_photo(local_store, tree, kind, stored_as):
    photo, alpha, trimap, stray = UNNAMED[kind]
    mask = disc(5) if stored_as == "grey" else np.repeat(disc(5)[..., None], 3, axis=2)
    files = {photo: 1, stray: mask} | {path: what for path, what in ((alpha, disc()), (trimap, TRIMAP)) if path}
    done = import_path(local_store, tree(files))
    assert done.new == 1
    assert [line.partition(" was left out: it looks like a mask")[0] for line in done.left_out] == [stray]
    assert parts(local_store, 1) == ({"alpha", "trimap"} if alpha else set())


def test_a_grey_photo_is_a_photo(local_store, tree):
    grey = skimage.data.camera()[::4, ::4]
    dark = grey // 6
    done = import_path(local_store, tree({"a/1.png": grey, "b/1.png": dark, "c/2.png": 1}))
    assert (done.new, done.left_out) == (3, [])


def test_a_trimap_given_as_an_alpha_is_none(local_store, tree):
    done = import_path(local_store, tree({"images/1.jpg": 1, "masks/1.png": TRIMAP}))
    assert (done.new, parts(local_store, 1)) == (1, set())
    assert "looks like a trimap" in done.left_out[0]
    outline = disc(12)
    outline[(outline > 0) & (outline < 255)] = 128
    assert import_path(local_store, tree({"images/2.jpg": 2, "masks/2.png": outline}, "thin")).left_out == []


def test_a_damaged_partner_keeps_no_photo_out_and_a_damaged_photo_is_named_with_its_partner(local_store, tree):
    small = disc()[:24, :32]
    given = {"images/1.jpg": 1, "masks/1.png": b"", "images/2.jpg": 2, "trimaps/2.png": small, "images/3.jpg": 3}
    given |= {"foregrounds/3.png": b"x", "masks/3.png": disc(), "images/4.jpg": b"", "masks/4.png": disc()}
    done = import_path(local_store, tree(given))
    assert [line.partition(" ")[0].rstrip(":") for line in done.left_out] == [
        "masks/1.png",
        "trimaps/2.png",
        "foregrounds/3.png",
    ]
    assert all(line.endswith(f"images/{n}.jpg came in without it") for n, line in enumerate(done.left_out, 1))
    assert [parts(local_store, number) for number in done.samples] == [set(), set(), {"alpha"}]
    assert len(done.problems) == 1
    assert done.problems[0].startswith("images/4.jpg is not a picture")
    assert done.problems[0].endswith("left out with it: masks/4.png")


def test_another_alpha_of_a_photo_already_there_is_its_next_revision(local_store, tree):
    """The same alpha again is nothing new, nor with fewer bits. Of two in one import, only one can be meant."""
    done = import_path(
        local_store, tree({"images/a.jpg": 1, "masks/a.png": disc(), "images/b.jpg": 1, "masks/b.png": disc(6)})
    )
    why = "was left out: its photo is already sample 1, which has a different alpha"
    assert (done.new, done.left_out, done.revised) == (1, [f"masks/b.png {why}"], [])
    set_state(local_store, [1], State.APPROVED)
    later = {"x/a.jpg": 1, "x/a_alpha.png": disc(9), "y/a.jpg": 1, "y/a_alpha.png": disc(4)}
    again = import_path(local_store, tree(later, "later"))
    assert again.left_out == [f"y/a_alpha.png {why}"]
    now = "x/a_alpha.png is now revision 2 of sample 1, whose photo was already there; revision 1 is kept"
    assert (again.new, again.revised) == (0, [now])
    sample, revision = get_sample(local_store, 1), get_revision(local_store, 1)
    assert (sample.current, sample.state, revision.parent) == (2, State.DONE, 1)  # nobody has approved this one
    kept = read_alpha(io.BytesIO(local_store.files.get(revision.alpha)))
    assert np.abs(kept - disc(9) / 255).max() < 1 / 255
    deep = disc().astype(np.uint16) * 257
    same = import_path(local_store, tree({"a.jpg": 1, "a_alpha.png": deep}, "same"))
    assert (same.left_out, same.revised) == ([], []) and get_sample(local_store, 1).current == 2


def test_a_trimap_alone_hides_no_alpha(local_store, tree):
    import_path(local_store, tree({"images/a.jpg": 1, "masks/a.png": disc()}))
    done = import_path(local_store, tree({"images/a.jpg": 1, "trimaps/a.png": TRIMAP}, "later"))
    assert done.revised == [] and get_sample(local_store, 1).current == 1
    assert done.left_out == ["trimaps/a.png was left out: its photo is already sample 1, which has a different trimap"]


def test_composites_of_a_set_are_photos_of_their_own(local_store, tree):
    """HIM2K: `comp` beside `natural`, with an alpha for each person."""
    files = {
        "images/comp/1.jpg": 1,
        "images/natural/1.jpg": 2,
        "alphas/comp/1/00.png": disc(),
        "alphas/natural/1/00.png": disc(6),
    }
    done = import_path(local_store, tree(files))
    assert done.new == 2
    assert len(done.left_out) == 2


@pytest.mark.parametrize("size", [(2, 30000), (30000, 1), (9, 5000)])
def test_a_narrow_strip_is_a_picture(local_store, tree, size):
    done = import_path(local_store, tree({"strip.png": np.full((*size, 3), 90, np.uint8), "a.jpg": 1}))
    assert (done.new, done.problems) == (2, [])


def test_what_is_no_ordinary_file_is_named(local_store, tree):
    folder = tree({"a.jpg": 1})
    os.mkfifo(folder / "pipe.jpg")
    done = import_path(local_store, folder)
    assert (done.new, done.problems) == (1, ["pipe.jpg was left out: it is not an ordinary file"])
