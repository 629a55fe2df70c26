"""Photos get their own alphas and no others, and whatever is left out is named with the reason."""

import shutil
import unicodedata
import zipfile
from contextlib import closing

import numpy as np
import pytest
from typer.testing import CliRunner

from annotation.__main__ import app
from annotation.store import State, find_samples, get_revision, open_store
from annotation.transfer.importing import ImportOptions, import_path, parts_of
from annotation.ui.dataset.importing import bring_in
from matting.files import encode_image, read_grey, write_image
from tests.annotation.store.samples import stored


def disc(radius=12, top=255, soft=1):
    y, x = np.mgrid[:48, :64]
    return np.clip(((radius - np.hypot(x - 32, y - 24)) / soft + 0.5) * top, 0, top).astype(np.uint8)


@pytest.fixture
def tree(tmp_path, picture):
    """A function that writes a folder: a number is that photo, an array itself, bytes as they are."""

    def write(files, name="in"):
        for path, content in files.items():
            target = tmp_path / name / path
            if isinstance(content, bytes):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            else:
                pixels = picture(content) if isinstance(content, int) else content
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(encode_image(pixels, ".png"))  # readers go by the content
        return tmp_path / name

    return write


def parts(store, number):
    """Which of alpha, trimap and foreground the sample has."""
    sample = next(sample for sample in find_samples(store) if sample.id == number)
    revision = get_revision(store, number) if sample.current else None
    return {part for part in ("alpha", "trimap", "foreground") if revision and getattr(revision, part)}


ZOE = "images/Zo\u00eb.jpg"
PAIRED = [
    ["images/1.jpg", "masks/1.png"],
    ["Images/1.JPG", "Masks/1.PNG"],
    ["VOC/JPEGImages/1.jpg", "VOC/SegmentationClass/1.png"],
    ["images/train/1.jpg", "masks/train/1.png"],
    ["train_images/1.jpg", "train_masks/1.png"],
    ["original/1.jpg", "annotations/1.png"],
    ["im/1.jfif", "gt/1.jpeg"],
    ["train/im/1.jpg", "train/masks/1.png"],
    ["cats/1.jpg", "alpha/1.png"],
    ["1.jpg", "alpha/1.png"],
    ["images/1.jpg", "masks/1_mask.png"],
    ["images/1.jpg", "masks/1.jpg.png"],
    ["IMG_1.jpg", "IMG_1_alpha.png"],
    ["IMG_1.JPG", "img_1-matte.png"],
    ["a.jpe", "a.alpha.png"],
    ["image_1.png", "mask_1.png"],
    ["1/image.png", "1/alpha.png"],
    ["a.jpg", "a.png"],
    ["train/fgr/1.png", "train/pha/1.jpeg"],
    [unicodedata.normalize("NFD", ZOE), "alpha/Zo\u00eb.png"],
    ["image2.jpg", "mask2.png"],
    ["images/photo07.jpg", "alphas/alpha07.png"],
    ["img (2).jpg", "mask (2).png"],
    ["images/1.jpg", "masks/person/1.png"],
    ["merged/t_0.png", "alpha_copy/t_0.png"],
]


@pytest.mark.parametrize("photo, alpha", PAIRED)
def test_a_photo_and_its_alpha(local_store, tree, photo, alpha):
    done = import_path(local_store, tree({photo: 1, alpha: disc()}))
    assert (done.new, done.problems, done.left_out, done.notes) == (1, [], [], [])
    assert "alpha" in parts(local_store, done.samples[0])


@pytest.mark.parametrize("photo, alpha", [("image{}.jpg", "mask{}.png"), ("img ({}).jpg", "mask ({}).png")])
def test_numbers_behind_a_word_keep_photos_apart(local_store, tree, photo, alpha):
    files = {photo.format(number): number for number in (1, 2, 3)}
    files |= {alpha.format(number): disc(8 + 4 * number) for number in (1, 2, 3)}
    done = import_path(local_store, tree(files))
    assert (done.new, done.left_out) == (3, [])
    assert [sample.name for sample in find_samples(local_store)] == [photo.format(n)[:-4] for n in (1, 2, 3)]
    for number in (1, 2, 3):
        stored_alpha = stored(local_store, get_revision(local_store, number).alpha, read_grey)
        assert np.array_equal(stored_alpha, disc(8 + 4 * number))


APART = [
    ["day1/images/1.jpg", "day2/alpha/1.png"],
    ["day1/original/1.jpg", "day2/mask/1.png"],
    ["a/train/fg/1.jpg", "b/train/alpha/1.png"],
    ["images/1.jpg", "alpha/2.png"],
    ["1.jpg", "day2/alpha/1.png"],
]


@pytest.mark.parametrize("photo, alpha", APART)
def test_what_does_not_belong_together_is_not_paired(local_store, tree, photo, alpha):
    done = import_path(local_store, tree({photo: 1, alpha: disc()}))
    assert {sample.state for sample in find_samples(local_store)} == {State.TO_DO}
    assert len(done.left_out) == 1
    assert done.left_out[0].startswith(alpha)


def test_the_same_names_in_two_sets_are_two_samples_each(local_store, tree):
    files = {f"{s}/images/{i}.jpg": 10 * n + i for n, s in enumerate("AB") for i in range(3)}
    files |= {f"{s}/alpha/{i}.png": disc(8 + 4 * n) for n, s in enumerate("AB") for i in range(3)}
    done = import_path(local_store, tree(files))
    assert (done.new, done.left_out) == (6, [])
    assert all(parts(local_store, number) == {"alpha"} for number in done.samples)


def test_two_photos_of_one_name_share_no_alpha(local_store, tree):
    done = import_path(local_store, tree({"images/a.jpg": 1, "images/a.png": 2, "alpha/a.png": disc()}))
    assert done.new == 2
    assert done.left_out == ["alpha/a.png was left out: it could belong to images/a.jpg or to images/a.png"]


def test_our_own_downloads(local_store, tree):
    cutout = np.dstack([np.full((48, 64, 3), 90, np.uint8), disc()])
    own = {"IMG_alpha.png": disc(), "IMG_trimap.png": disc(), "IMG_cutout.png": cutout, "IMG_foreground.png": 4}
    done = import_path(local_store, tree({"IMG.jpg": 1, "IMG_composite.png": 3} | own))
    assert done.new == 1
    assert parts(local_store, 1) == {"alpha", "trimap", "foreground"}
    assert done.left_out == []
    assert [note.partition(" ")[0] for note in done.notes] == ["IMG_composite.png", "IMG_cutout.png"]
    again = import_path(
        local_store, tree({"IMG_composite.png": 5} | own, "zip")
    )  # as the zip has it, without the photo
    assert parts(local_store, again.samples[0]) == {"alpha", "trimap", "foreground"}


def test_a_photo_is_a_photo_whatever_its_name_ends_in(local_store, tree):
    done = import_path(local_store, tree({"party.jpg": 1, "party_mask.jpg": 2, "woman_mask.jpg": 3}))
    assert (done.new, done.left_out) == (3, [])
    assert {sample.state for sample in find_samples(local_store)} == {State.TO_DO}


def test_an_opaque_screenshot_is_a_photo_and_hides_no_other(local_store, tree, picture):
    opaque = [np.dstack([picture(number), np.full((48, 64), 255, np.uint8)]) for number in (1, 2)]
    done = import_path(local_store, tree({"shot 1.png": opaque[0], "shot 2.png": opaque[1], "camera.jpg": 3}))
    assert done.new == 3
    assert {sample.state for sample in find_samples(local_store)} == {State.TO_DO}


RED = np.dstack([disc() // 2, np.zeros_like(disc()), np.zeros_like(disc())])
LABELS = {
    "0 and 1": (disc() > 127).astype(np.uint8),
    "classes and void": np.where(disc() == 255, 15, np.where(disc() > 0, 255, 0)).astype(np.uint8),
    "8 bits in 16": disc().astype(np.uint16),
    "colours": RED,
    "two of many": np.where(disc() > 127, 126, 0).astype(np.uint8),
    "forty instances": np.kron(np.random.default_rng(0).permutation(48).reshape(6, 8), np.ones((8, 8))).astype(
        np.uint8
    ),
}
VEILS = {
    "faint smoke": np.rint(disc(soft=16) * 0.1).astype(np.uint8),
    "glass in steps": np.rint(disc(soft=16) / 32).astype(np.uint8) * 18,
    "a pane with a soft edge": np.rint(disc() / 51).astype(np.uint8) * 26,
    "smoke and one sure spot": np.where(disc() == 255, 255, np.rint(disc(soft=20) * 0.1)).astype(np.uint8),
}


@pytest.mark.parametrize("kind", LABELS)
def test_a_map_of_labels_is_no_alpha(local_store, tree, kind):
    done = import_path(local_store, tree({"images/1.jpg": 1, "masks/1.png": LABELS[kind]}))
    assert (done.new, parts(local_store, 1)) == (1, set())
    assert len(done.left_out) == 1
    assert "1.png" in done.left_out[0]
    assert done.left_out[0].endswith("images/1.jpg came in without it")
    assert ("--trust-alphas" in done.left_out[0]) == (kind != "colours")


@pytest.mark.parametrize("kind", VEILS)
def test_an_alpha_of_few_values_that_is_nowhere_full_is_an_alpha(local_store, tree, kind):
    done = import_path(local_store, tree({"images/1.jpg": 1, "masks/1.png": VEILS[kind]}))
    assert (done.left_out, parts(local_store, 1)) == ([], {"alpha"})
    assert np.array_equal(stored(local_store, get_revision(local_store, 1).alpha, read_grey), VEILS[kind])


def test_a_person_can_say_that_it_is_an_alpha(tree, tmp_path):
    """On the command line and in the tab; what came in without it before gets it now."""
    folder, data = tree({"images/1.jpg": 1, "masks/1.png": LABELS["two of many"]}), str(tmp_path / "data")
    command = ["import", str(folder), "--data", data]
    assert CliRunner().invoke(app, command).exit_code == 1
    assert CliRunner().invoke(app, [*command, "--trust-alphas"]).exit_code == 0
    with closing(open_store(tmp_path / "data")) as store:
        assert parts(store, 1) == {"alpha"}
    files = [str(folder / "images/1.jpg"), str(shutil.copy(folder / "masks/1.png", tmp_path / "1_mask.png"))]
    for trust, wanted in ((False, "Trust the alphas"), (True, "1 new sample")):
        words, *_ = bring_in(open_store(tmp_path / f"{trust}"), files, "", trust)
        assert wanted in words and ("⚠️" in words) == (not trust)


def test_a_refused_alpha_leaves_the_trimap_in(local_store, tree):
    trimap = np.where(disc() > 200, 255, np.where(disc() > 50, 128, 0)).astype(np.uint8)
    files = {"images/1.jpg": 1, "masks/1.png": LABELS["0 and 1"], "trimaps/1.png": trimap}
    assert len(import_path(local_store, tree(files)).left_out) == 1
    assert parts(local_store, 1) == {"trimap"}


def test_everything_left_out_is_named(local_store, tree, monkeypatch):
    files = {
        "a.jpg": 1,
        "b.cr2": b"x",
        "sub/c.mp4": b"x",
        "d.zip": b"x",
        "e.txt": b"x",
        ".DS_Store": b"x",
        "f.psd": b"x",
    }
    done = import_path(local_store, tree(files))
    assert done.new == 1
    assert [line.partition(" ")[0] for line in done.left_out] == ["b.cr2", "d.zip", "f.psd", "sub/c.mp4"]
    assert [note.partition(":")[2] for note in done.notes] == [" 1 (e.txt)", " 1"]


def test_the_command_says_so_in_its_status(tree, tmp_path):
    arguments = ["import", str(tree({"a.jpg": 1})), "--data", str(tmp_path / "data")]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    tree({"b.cr2": b"x"})
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "b.cr2 was left out" in result.stderr


def test_loose_files_pair_too(local_store, tree):
    """As given on the command line, and as the page puts each upload into a folder of its own."""
    folder = tree({"x/IMG.jpg": 1, "y/IMG_alpha.png": disc(), "x/other_alpha.png": disc(5), "x/other.jpg": 2})
    (name, bring), *rest = parts_of(sorted(folder.rglob("*.*")), uploaded=True)
    assert (name, rest) == ("4 pictures", [])
    assert [parts(local_store, number) for number in bring(local_store, ImportOptions()).samples] == [
        {"alpha"},
        {"alpha"},
    ]
    (_, bring), *_ = parts_of([folder / "x/IMG.jpg", folder / "y/IMG_alpha.png"])
    assert len(bring(local_store, ImportOptions()).left_out) == 1


@pytest.mark.parametrize("kind", ["finder", "windows", "unmarked utf-8"])
def test_zips_of_other_systems(local_store, tmp_path, picture, kind):
    names = ["set/images/Gr\u00fcn.png", "set/alpha/Gr\u00fcn.png"]
    contents = [encode_image(picture(1), ".png"), encode_image(disc(), ".png")]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in zip(names, contents, strict=True):
            member = zipfile.ZipInfo("x")
            member.filename = name.replace("/", "\\") if kind == "windows" else name
            archive.writestr(member, content)
            if kind == "finder":
                archive.writestr("__MACOSX/" + name.replace("/G", "/._G"), b"\0\5\x16\7")
                archive.writestr(f"{name}/Icon\r", b"")
    if kind == "unmarked utf-8":
        content = (tmp_path / "a.zip").read_bytes()
        for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            for start in [index for index in range(len(content)) if content.startswith(mark, index)]:
                content = content[: start + place] + b"\0\0" + content[start + place + 2 :]
        (tmp_path / "a.zip").write_bytes(content)
    done = import_path(local_store, tmp_path / "a.zip")
    assert (done.new, done.left_out) == (1, [])
    assert parts(local_store, 1) == {"alpha"}
    assert find_samples(local_store)[0].name == "Gr\u00fcn"


def test_a_links_target_is_not_taken(local_store, tree, tmp_path, picture):
    write_image(tmp_path / "elsewhere.png", picture(5))
    (tree({"a.png": 1}) / "link.png").symlink_to(tmp_path / "elsewhere.png")
    done = import_path(local_store, tmp_path / "in")
    assert done.new == 1
    assert done.left_out == ["link.png was left out: it is a link, and links are not followed"]
