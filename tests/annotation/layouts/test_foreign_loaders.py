"""Other people's training code opens every exported sample, rightly paired.

`datasets`, `webdataset` and `mlcroissant` run for real. The others' rules for finding files are written here anew from
what their documentation and code say they do; each returns (image or foreground, alpha) paths.
"""

# ruff: noqa: PTH208 (loaders list folders by os.listdir)

import hashlib
import json
import os
import tarfile
import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotation.layouts import LAYOUTS
from annotation.layouts.base import Options
from annotation.store import (
    Effort,
    Provenance,
    Split,
    State,
    StoreError,
    add_sample,
    find_samples,
    get_revision,
    open_store,
    save_revision,
    set_state,
)
from annotation.transfer.exporting import export
from annotation.transfer.importing import import_path
from matting.files import read_alpha, read_foreground, read_image, read_trimap, write_image
from tests.annotation.store.samples import alpha_key, by_alpha, fill, stored, work_of


def gca_training(root):
    """Stems common to fg and alpha; every stem is opened as .jpg, and each stray file in bg would be too."""
    stems = {Path(name).stem for name in os.listdir(root / "fg")} & {
        Path(name).stem for name in os.listdir(root / "alpha")
    }
    return [(root / "fg" / f"{stem}.jpg", root / "alpha" / f"{stem}.jpg") for stem in sorted(stems)]


def gca_test(root):
    """Stems common to merged, alpha and trimap, all opened as .png."""
    folders = [root / name for name in ("merged", "alpha", "trimap")]
    stems = set.intersection(*({Path(name).stem for name in os.listdir(folder)} for folder in folders))
    return [tuple(folder / f"{stem}.png" for folder in folders) for stem in sorted(stems)]


def paddleseg(root, split):
    """Each line of the list by the default separator, a space; the alpha's path is the photo's, "/fg" → "/alpha"."""
    lines = (root / f"{split}.txt").read_text().splitlines()
    photos = [f"{root}/{line.split(' ')[0]}" for line in lines]
    return [(Path(photo), Path(photo.replace("/fg", "/alpha"))) for photo in photos]


def rvm(root):
    """The names in fgr; the same name in pha."""
    return [(root / "fgr" / name, root / "pha" / name) for name in sorted(os.listdir(root / "fgr"))]


def bgmv2(root):
    """All .jpg, then all .png below each folder, sorted, paired by position."""
    folders = [root / "fgr", root / "pha"]
    found = [[*sorted(folder.rglob("*.jpg")), *sorted(folder.rglob("*.png"))] for folder in folders]
    assert len(found[0]) == len(found[1])
    return list(zip(*found, strict=True))


def matting_anything(root):
    """Sorted names of two folders, paired by position."""
    folders = (root / "fg", root / "alpha")
    return list(zip(*([folder / name for name in sorted(os.listdir(folder))] for folder in folders), strict=True))


def rvm_clips(root):
    """A folder a clip in fgr, its frames sorted; the same clip and name in pha."""
    return [
        [(root / "fgr" / clip / name, root / "pha" / clip / name) for name in sorted(os.listdir(root / "fgr" / clip))]
        for clip in sorted(os.listdir(root / "fgr"))
    ]


def birefnet(root):
    """Every picture in im; "/im/" becomes "/gt/" wherever it stands in the path, with each suffix in turn."""
    suffixes = [".png", ".jpg", ".PNG", ".JPG", ".JPEG"]
    folder = os.path.join(root, "im")  # noqa: PTH118
    photos = [f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(tuple(suffixes))]
    alphas = [photo.replace("/im/", "/gt/").rpartition(".")[0] for photo in photos]
    found = [next(alpha + suffix for suffix in suffixes if Path(alpha + suffix).exists()) for alpha in alphas]
    return [(Path(photo), Path(alpha)) for photo, alpha in zip(photos, found, strict=True)]


def aim(root):
    """The names in mask; original/STEM.jpg, fg/NAME and bg/STEM.jpg beside them."""
    return [
        (
            root / "original" / f"{Path(name).stem}.jpg",
            root / "mask" / name,
            root / "fg" / name,
            root / "bg" / f"{Path(name).stem}.jpg",
            root / "trimap" / name,
        )
        for name in sorted(os.listdir(root / "mask"))
    ]


def mmagic(root, split):
    """The JSON's data_list, paths joined to the root."""
    records = json.loads((root / f"{split}.json").read_text())["data_list"]
    return [
        tuple(root / record[name] for name in ("merged_path", "alpha_path", "fg_path", "bg_path", "trimap_path"))
        for record in records
    ]


@pytest.fixture(params=[0, 1, 40])
def filled(request, local_store, picture):
    fill(local_store, picture, request.param)
    return local_store


@pytest.fixture
def target(tmp_path):
    return tmp_path / "my data.v1 ünï" / "out"


class Expected:
    """Checks a loader's pairs against the store and counts what it has seen."""

    def __init__(self, store):
        self.store, self.samples, self.seen = store, by_alpha(store), []

    def check(self, alpha, *, image=None, foreground=None, trimap=None):
        """Arrays as OpenCV reads them, the way most loaders do: BGR, and grey."""
        sample = self.samples[alpha.shape, alpha.tobytes()]
        revision = get_revision(self.store, sample.id)
        for given, name, read in (
            (image, sample.image, read_image),
            (foreground, revision.foreground, read_foreground),
        ):
            if given is not None:
                np.testing.assert_array_equal(given[:, :, ::-1], stored(self.store, name, read))
        if trimap is not None:
            np.testing.assert_array_equal(trimap, stored(self.store, revision.trimap, read_trimap))
        self.seen.append(sample.id)

    def done(self, *splits):
        wanted = [sample.id for sample in self.samples.values() if sample.split in (splits or set(Split))]
        assert sorted(self.seen) == sorted(wanted)


def grey(path):
    return cv2.imread(os.fspath(path), cv2.IMREAD_GRAYSCALE)


def colour(path):
    return cv2.imread(os.fspath(path))


def test_gca(filled, target, tmp_path):
    for number in range(3):
        write_image(tmp_path / "backgrounds" / f"wall {number}.png", np.full((9, 9, 3), number, np.uint8))
    export(filled, target, layout="gca", options=Options(backgrounds=tmp_path / "backgrounds"))
    config = tomllib.loads((target / "gca.toml").read_text())["data"]
    expected = Expected(filled)
    for folder in (Path(config["train_fg"]).parent, Path("validation")):
        for foreground, alpha in gca_training(target / folder) if (target / folder / "fg").is_dir() else []:
            expected.check(grey(alpha), foreground=colour(foreground))
    for merged, alpha, trimap in gca_test(target / Path(config["test_merged"]).parent):
        values = grey(trimap)
        assert set(np.unique(values[values < 85])) <= {0}
        assert set(np.unique(values[values >= 170])) <= {255}
        expected.check(grey(alpha), image=colour(merged), trimap=values)
    expected.done()
    names = sorted(os.listdir(target / config["train_bg"]))
    assert len(names) // 10 >= 1  # whole batches of an epoch
    pictures = [colour(target / config["train_bg"] / f"{Path(name).stem}.jpg") for name in names]
    assert {picture.shape for picture in pictures} == {(9, 9, 3)}
    assert {int(picture[0, 0, 0]) for picture in pictures} == {0, 1, 2}
    assert matting_anything(target / "train") == gca_training(target / "train")


def test_modnet_and_paddleseg(filled, target):
    export(filled, target, layout="modnet")
    expected = Expected(filled)
    for split in ("train", "val", "test"):
        for photo, alpha in paddleseg(target, split):
            assert photo.name == alpha.name
            expected.check(grey(alpha), image=colour(photo))
    expected.done()


def test_mmagic(filled, target):
    export(filled, target, layout="mmagic")
    expected = Expected(filled)
    for split in ("train", "validation", "test"):
        for merged, alpha, foreground, background, trimap in mmagic(target, split):
            check_background(colour(background), merged=colour(merged), alpha=grey(alpha))
            expected.check(grey(alpha), image=colour(merged), foreground=colour(foreground), trimap=grey(trimap))
    expected.done()


@pytest.mark.parametrize("loader", [rvm, bgmv2])
def test_video_and_background_matting(filled, target, loader):
    export(filled, target, layout="fgr_pha")
    expected = Expected(filled)
    for split in ("train", "valid", "test"):
        for foreground, alpha in loader(target / split):
            expected.check(grey(alpha), foreground=colour(foreground))
    expected.done()


def test_clips_of_video_matting(filled, target, picture):
    """Frames of one video are one clip, in their order; a sequence of any length can be drawn from each."""
    group = "a shoot/of: frames"
    movie = [add_sample(filled, picture(500 + n), name=f"frame {n}", group=group).id for n in range(5)]
    for n, sample in enumerate(movie):
        save_revision(filled, sample, work_of(500 + n, (48, 64)), parent=0)
        set_state(filled, [sample], State.DONE)
    export(filled, target, layout="videomatte")
    expected, clips = Expected(filled), []
    for split in ("train", "valid", "test"):
        for clip in rvm_clips(target / split):
            for foreground, alpha in clip:
                expected.check(grey(alpha), foreground=colour(foreground))
            clips.append(expected.seen[-len(clip) :])
    expected.done()
    assert movie in clips
    assert len(clips) == len({sample.group for sample in find_samples(filled)})


def test_birefnet(filled, target):
    export(filled, target, layout="birefnet")
    expected = Expected(filled)
    for split in ("train", "validation", "test"):
        for photo, alpha in birefnet(target / split):
            expected.check(grey(alpha), image=colour(photo))
    expected.done()
    with pytest.raises(StoreError, match="'/im/' in a path"):
        export(filled, target / "im", layout="birefnet")


def check_background(background, *, merged, alpha):
    """The photo where there is no subject, and of its size: loaders crop both at one place."""
    assert background.shape == merged.shape
    same = (background == merged).all(axis=2)
    assert same[alpha == 0].mean() > 0.9  # some alphas are 0 to 8 bits only
    assert same[alpha == 255].mean() < 0.1


def test_aim(filled, target):
    export(filled, target, layout="aim")
    expected = Expected(filled)
    for split in ("train", "validation", "test"):
        for photo, alpha, foreground, background, trimap in aim(target / split):
            check_background(colour(background), merged=colour(photo), alpha=grey(alpha))
            expected.check(grey(alpha), image=colour(photo), foreground=colour(foreground), trimap=grey(trimap))
    expected.done()


@pytest.mark.parametrize("bits", [8, 16])
def test_cut_outs(filled, target, bits):
    """Straight colours: a premultiplied file would be darker than the foreground."""
    export(filled, target, layout="rgba", options=Options(bits=bits))
    expected = Expected(filled)
    for path in target.rglob("*.png"):
        pixels = cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED)
        assert pixels.dtype == (np.uint8 if bits == 8 else np.uint16)
        scale = 1 if bits == 8 else 257
        alpha = np.rint(pixels[:, :, 3] / scale).astype(np.uint8)
        expected.check(alpha, foreground=np.rint(pixels[:, :, :3] / scale).astype(np.uint8))
    expected.done()


def test_load_dataset(filled, target, monkeypatch, tmp_path):
    """Hugging Face datasets, for real: every column there, pictures decoded, 16-bit alphas to the last bit."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    export(filled, target, layout="imagefolder")
    samples = {sample.id: sample for sample in find_samples(filled)}
    if not samples:
        assert not list(target.rglob("metadata.jsonl"))
        return
    loaded = datasets.load_dataset("imagefolder", data_dir=os.fspath(target), cache_dir=os.fspath(tmp_path / "cache"))
    assert set(loaded) == {sample.split for sample in samples.values()}
    seen = []
    for split, rows in loaded.items():
        for row in rows:
            number = int(row["key"][:6])
            sample, revision = samples[number], get_revision(filled, number)
            assert (row["name"], row["licence"], row["group"], split) == (
                sample.name,
                "CC0-1.0",
                sample.group,
                sample.split,
            )
            np.testing.assert_array_equal(np.array(row["image"]), stored(filled, sample.image, read_image))
            true = stored(filled, revision.alpha, read_alpha) * np.float64(1)
            deep = np.array(row["alpha16"])
            np.testing.assert_array_equal(deep, np.rint(true * 65535).astype(deep.dtype))
            np.testing.assert_array_equal(np.array(row["alpha"].convert("L")), np.rint(true * 255).astype(np.uint8))
            np.testing.assert_array_equal(np.array(row["trimap"]), stored(filled, revision.trimap, read_trimap))
            np.testing.assert_array_equal(np.array(row["foreground"]), stored(filled, revision.foreground, read_image))
            seen.append(number)
    assert sorted(seen) == sorted(samples)


def test_webdataset(filled, target):
    """The webdataset library, for real."""
    webdataset = pytest.importorskip("webdataset")
    export(filled, target, layout="webdataset")
    shards = sorted(map(os.fspath, target.rglob("*.tar")))
    seen = []
    for shard in shards:
        for row in webdataset.WebDataset(f"file:{shard}", shardshuffle=False):
            alpha = cv2.imdecode(np.frombuffer(row["alpha16.png"], np.uint8), cv2.IMREAD_UNCHANGED)
            assert alpha.dtype == np.uint16
            record = json.loads(row["json"])
            number = int(row["__key__"].rpartition("/")[2][:6])
            sample = find_samples(filled, limit=1, offset=number - 1)[0]
            assert record["name"] == sample.name
            assert hashlib.sha256(row["image.png"]).hexdigest() == sample.image
            assert f"/{sample.split}/" in shard
            seen.append(number)
    assert sorted(seen) == [sample.id for sample in find_samples(filled)]


@pytest.mark.parametrize("how", ["pil", "rgb8", "l8", "l", "torchl"])
def test_webdataset_decodes_soft_alphas(filled, target, how):
    """By each of the library's own decoders an alpha is what was exported, to 8 bits."""
    webdataset = pytest.importorskip("webdataset")
    export(filled, target, layout="webdataset")
    truths = set(by_alpha(filled))
    seen = set()
    for shard in map(os.fspath, target.rglob("*.tar")):
        for row in webdataset.WebDataset(f"file:{shard}", shardshuffle=False).decode(how):
            values = np.asarray(row["alpha.png"])
            values = values[..., 0] if values.ndim == 3 and values.shape[-1] == 3 else values.squeeze()
            values = values if values.dtype == np.uint8 else np.rint(values * 255).astype(np.uint8)
            seen.add((values.shape, values.tobytes()))
    assert seen == truths


def test_8_bits_stay_8_bits(local_store, target, tmp_path):
    """An alpha that came with 8 bits, or with 16 that say no more, has no 16-bit file beside it in a shard."""
    alpha = np.random.default_rng(0).integers(0, 256, (40, 30), np.uint8)
    for name, content in (("eight", alpha), ("wide", np.rot90(alpha).astype(np.uint16) * 257)):
        write_image(tmp_path / "in" / "image" / f"{name}.png", np.full((*content.shape, 3), len(name), np.uint8))
        write_image(tmp_path / "in" / "alpha" / f"{name}.png", content)
    import_path(local_store, tmp_path / "in")
    export(local_store, target, layout="webdataset")
    names = []
    for shard in target.rglob("*.tar"):
        with tarfile.open(shard) as archive:
            names += archive.getnames()
    assert len([name for name in names if name.endswith(".alpha.png")]) == 2
    assert not [name for name in names if "alpha16" in name]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_records_travel_with_every_layout(local_store, picture, target, tmp_path, layout):
    """Source, author, licence, consent, model and weights: in a file, in the manifest, and back by an import."""
    write_image(tmp_path / "walls" / "wall.png", np.zeros((9, 9, 3), np.uint8))
    for number in range(3):
        provenance = Provenance(
            source=f"https://example.org/{number}",
            author=f"Zoë {number}",
            licence=f"CC-BY-{number}.0",
            consent="signed",
            person_visible=True,
        )
        sample = add_sample(local_store, picture(number), name=f"Photo {number}", provenance=provenance).id
        effort = Effort(author="Ann", model="gca", weights="ab" * 32, weights_licence="LicenseRef-Adobe-NonCommercial")
        save_revision(local_store, sample, work_of(number, (48, 64)), parent=0, effort=effort)
        set_state(local_store, [sample], State.DONE)
    export(local_store, target, layout=layout, options=Options(backgrounds=tmp_path / "walls"))
    records = [json.loads(line) for line in (target / "provenance.jsonl").read_text("utf-8").splitlines()]
    assert [record["licence"] for record in records] == ["CC-BY-0.0", "CC-BY-1.0", "CC-BY-2.0"]
    assert {record["weights_licence"] for record in records} == {"LicenseRef-Adobe-NonCommercial"}
    listed = json.loads((target / "manifest.json").read_text("utf-8"))["samples"]
    assert [one["licence"] for one in listed] == [record["licence"] for record in records]
    held = " ".join(json.loads((target / "manifest.json").read_text("utf-8"))["files"])
    assert layout == "webdataset" or all(record["key"] in held for record in records)

    other = open_store(tmp_path / "other")
    import_path(other, target)
    facts = [
        {
            (one.name, one.source, one.author, one.licence, one.consent, one.person_visible, one.group, rev.model,
             rev.weights, rev.weights_licence, rev.author)
            for one, rev in ((sample, get_revision(store, sample.id)) for sample in find_samples(store))
        }
        for store in (local_store, other)
    ]  # fmt: skip
    assert facts[0] == facts[1]


@pytest.mark.parametrize("text", ["not json", "[1]", "{}", '{"key": "x", "licence": 5}' + "\n"])
def test_a_record_that_is_none_is_refused(local_store, target, text):
    fill(local_store, lambda *_, size: np.zeros((*size, 3), np.uint8), 1)
    export(local_store, target, layout="rgba")
    key = next(target.rglob("*.png")).stem
    (target / "provenance.jsonl").write_text(text.replace('"x"', json.dumps(key)))
    with pytest.raises(StoreError, match="record"):
        import_path(local_store, target)


def test_what_gca_needs_is_said(local_store, picture, target, tmp_path):
    fill(local_store, picture, 40)
    assert any("train/bg is empty" in line for line in export(local_store, target, layout="gca").warnings)
    for number in range(12):
        write_image(tmp_path / "walls" / f"{number}.png", np.zeros((9, 9, 3), np.uint8))
    enough = export(local_store, target, layout="gca", options=Options(backgrounds=tmp_path / "walls"))
    assert enough.warnings == []
    (tmp_path / "walls" / "0.png").replace(tmp_path / "0.png")
    for number in range(1, 9):
        (tmp_path / "walls" / f"{number}.png").unlink()
    few = export(local_store, target, layout="gca", options=Options(backgrounds=tmp_path / "walls"))
    assert "the 3 in" in few.warnings[0]


def test_croissant(filled, target, monkeypatch):
    """The Croissant library, for real: valid without errors, and its records are the samples."""
    croissant = pytest.importorskip("mlcroissant")
    export(filled, target, layout="imagefolder")
    described = croissant.Dataset(jsonld=os.fspath(target / "croissant.json"))
    assert list(described.metadata.ctx.issues.errors) == []
    keys = []
    for record_set in described.metadata.record_sets:
        for record in described.records(record_set.uuid):
            values = {name.rpartition("/")[2]: value for name, value in record.items()}
            keys.append(values["key"].decode())
            assert (
                target / "data" / record_set.uuid.removesuffix("-samples") / values["image_file_name"].decode()
            ).is_file()
    assert len(keys) == len(set(keys)) == len(find_samples(filled))


def test_alpha_keys_tell_samples_apart(filled):
    """The pairing checks above rest on this."""
    assert len(by_alpha(filled)) == len(find_samples(filled))
    assert alpha_key(np.zeros((2, 3), np.float32)) != alpha_key(np.zeros((3, 2), np.float32))
