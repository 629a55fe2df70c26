"""The commands as a person types them; the network is replaced where its answer does not matter."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from typer.testing import CliRunner

from matting import models
from matting.__main__ import app
from matting.arrays import to_uint8
from matting.files import read_alpha, read_trimap, write_image
from matting.models.base import Model
from tests.pictures import saved, smooth

ROOT = Path(__file__).resolve().parents[3]


class Brightness(Model):
    """Alpha is the red of the photo: what comes out of a command can be told in advance."""

    name, title = "brightness", "Stands in for a network"
    seen = ()

    def estimate(self, image, trimap):
        Brightness.seen = (*Brightness.seen, image.shape)
        return image[..., 0] / 255 * 0.999


class Faulty(Brightness):
    name = "faulty"

    def estimate(self, image, trimap):
        raise RuntimeError("out of memory in\nthe network")


class Needy(Brightness):
    name, needs_trimap = "needy", True


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    for model in (Brightness, Faulty, Needy):
        monkeypatch.setitem(models.MODELS, model.name, model)
    models.load_published.cache_clear()
    Brightness.seen = ()
    yield
    models.load_published.cache_clear()


@pytest.fixture
def photos(tmp_path):
    """Three photos of different sizes and formats in a folder."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed, (name, kind) in enumerate([("a.png", "PNG"), ("b.tif", "TIFF"), ("c d.bmp", "BMP")]):
        (folder / name).write_bytes(saved(smooth(30 + seed, 40, seed=seed), kind))
    return folder


def run(*arguments):
    """(exit status, lines on stderr, stdout)."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stderr.splitlines(), result.stdout


def alpha(*arguments, model="brightness"):
    return run("alpha", *arguments, "--model", model)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_single_photo(photos, tmp_path):
    status, told, out = alpha(photos / "a.png", "-o", tmp_path / "out")
    assert (status, told, out) == (0, [], "")
    assert names(tmp_path / "out") == ["a.png"]
    expected = to_uint8(smooth(30, 40)[..., 0] / 255 * 0.999)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "a.png")), expected)


def test_folders_globs_and_files_together(photos, tmp_path):
    for given in ([photos], [f"{photos}/*"], [f"{photos}/[ab].*", photos / "c d.bmp"]):
        out = tmp_path / f"out{len(given)}{'*' in str(given)}"
        assert alpha(*given, "-o", out)[0] == 0
        assert names(out) == ["a.png", "b.png", "c d.png"]


def test_a_file_whose_name_looks_like_a_pattern(photos, tmp_path):
    (photos / "a.png").rename(photos / "a[1].png")
    assert alpha(photos / "a[1].png", "-o", tmp_path / "out")[0] == 0
    assert names(tmp_path / "out") == ["a[1].png"]


def test_done_photos_are_skipped_unless_overwritten(photos, tmp_path):
    assert alpha(photos, "-o", tmp_path / "out")[0] == 0
    (tmp_path / "out" / "b.png").unlink()
    Brightness.seen = ()
    status, told, _ = alpha(photos, "-o", tmp_path / "out")
    assert (status, told) == (0, ["2 of 3 were already done; --overwrite does them again"])
    assert Brightness.seen == ((31, 40, 3),)
    assert alpha(photos, "-o", tmp_path / "out", "--overwrite")[:2] == (0, [])
    assert len(Brightness.seen) == 4


def test_a_photo_is_done_when_all_that_was_asked_is_there(photos, tmp_path):
    assert alpha(photos / "a.png", "-o", tmp_path / "out")[0] == 0
    assert alpha(photos / "a.png", "-o", tmp_path / "out", "--cutout")[:2] == (0, [])
    assert names(tmp_path / "out") == ["a.png", "cutout/a.png"]


def test_sixteen_bits(photos, tmp_path):
    assert alpha(photos / "a.png", "-o", tmp_path / "out", "--bits", 16)[0] == 0
    expected = smooth(30, 40)[..., 0] / 255 * 0.999
    assert np.abs(read_alpha(tmp_path / "out" / "a.png") - expected).max() <= 0.51 / 65535


def test_cutout_and_background(photos, tmp_path):
    given = [photos / "a.png", "-o", tmp_path / "out", "--cutout", "--background", "#204060"]
    assert alpha(*given)[:2] == (0, [])
    assert names(tmp_path / "out") == ["a.png", "composite/a.png", "cutout/a.png"]
    rgba = np.asarray(Image.open(tmp_path / "out" / "cutout" / "a.png")).astype(float)
    stored = np.asarray(Image.open(tmp_path / "out" / "a.png"))
    assert np.array_equal(rgba[..., 3], stored)
    share = rgba[..., 3:] / 255
    over = share * rgba[..., :3] + (1 - share) * np.array([0x20, 0x40, 0x60])
    composite = np.asarray(Image.open(tmp_path / "out" / "composite" / "a.png"))
    assert np.abs(composite - over).max() <= 1.5


def test_a_picture_as_background(photos, tmp_path):
    write_image(tmp_path / "wall.png", np.full((9, 9, 3), (0, 200, 0), np.uint8))
    assert alpha(photos, "-o", tmp_path / "out", "--background", tmp_path / "wall.png")[0] == 0
    assert len(names(tmp_path / "out" / "composite")) == 3


def test_trimaps_by_file_and_by_folder(photos, tmp_path):
    known = np.full((30, 40), 128, np.uint8)
    known[:, :10], known[:, 30:] = 0, 255
    write_image(tmp_path / "trimaps" / "a.png", known)
    for given in (tmp_path / "trimaps", tmp_path / "trimaps" / "a.png"):
        assert alpha(photos / "a.png", "-o", tmp_path / "out", "--trimap", given, "--overwrite")[:2] == (0, [])
        result = read_alpha(tmp_path / "out" / "a.png")
        assert np.all(result[:, :10] == 0)
        assert np.all(result[:, 30:] == 1)
    status, told, _ = alpha(photos, "-o", tmp_path / "other", "--trimap", tmp_path / "trimaps")
    assert status == 1
    assert told == [
        f"{photos}/b.tif: {tmp_path}/trimaps holds no trimap called b",
        f"{photos}/c d.bmp: {tmp_path}/trimaps holds no trimap called c d",
        "2 of 3 failed",
    ]
    assert names(tmp_path / "other") == ["a.png"]
    write_image(tmp_path / "trimaps" / "b.png", known)
    _, told, _ = alpha(photos / "b.tif", "-o", tmp_path / "other", "--trimap", tmp_path / "trimaps")
    assert "trimap must be 31 pixels high and 40 wide like its image, but is 30 high and 40 wide" in told[0]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--bits", "12"], "--bits is 8 or 16, but got 12"),
        (["--model", "nope"], "no model is called 'nope'; there are auto, modnet"),
        (["--model", "Closed Form"], "no model is called 'Closed Form' (did you mean closed-form?); there are auto"),
        (["--model", "Studio:mine"], "no model is called 'Studio:mine' (did you mean studio?); there are auto"),
        (["--background", "#12"], "is written #RRGGBB, but got '#12'"),
        (["--background", "absent.png"], "no file is called 'absent.png'"),
        (["--trimap", "absent.png"], "absent.png does not exist; --trimap takes a file or a folder"),
        (["--trimap", __file__], "--trimap takes a folder for several photos"),
        (["--exact"], "exact is for models that solve regions, studio, gca-studio, shared, closed-form"),
    ],
)
def test_bad_options_are_one_line_and_nothing_is_written(options, told, photos, tmp_path):
    status, lines, _ = run("alpha", photos, "-o", tmp_path / "out", "--model", "brightness", *options)
    assert status == 1
    assert len(lines) == 1
    assert told in lines[0]
    assert not (tmp_path / "out").exists()


def test_nothing_to_do_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    for given in (tmp_path / "empty", f"{tmp_path}/*.jpg"):
        status, told, _ = alpha(given, "-o", tmp_path / "out")
        assert status == 1
        assert told == [f"no pictures in {given}"]
    assert run("alpha")[0] == 2
    assert run("alpha", tmp_path)[0] == 2  # no output


def test_bad_pictures_are_named_in_one_line_each_and_the_rest_is_done(photos, tmp_path):
    (photos / "broken.png").write_bytes((photos / "a.png").read_bytes()[:200])
    (photos / "empty.jpg").touch()
    (photos / "re:cat:d.gif").write_bytes(b"no picture")
    (photos / "two\nlines.png").write_bytes(b"no picture")
    (photos / os.fsdecode(b"\xff\xfe.png")).write_bytes(b"no picture")
    long = "x" * 300 + ".png"
    status, told, _ = alpha(photos, photos / "absent.png", photos / long, "-o", tmp_path / "out")
    assert status == 1
    assert told[-1] == "7 of 10 failed"
    assert len(told) == 8
    for name in ("broken.png", "empty.jpg", "re:cat:d.gif", "two lines.png", "absent.png", long):
        assert sum(line.startswith(f"{photos}/{name}") for line in told) == 1, name
        assert all(line.count(name) <= 1 for line in told)
    assert names(tmp_path / "out") == ["a.png", "b.png", "c d.png"]


def test_a_model_that_fails_does_not_end_the_batch(photos, tmp_path):
    status, told, _ = alpha(photos, "-o", tmp_path / "out", model="faulty")
    assert status == 1
    assert told[:1] == [f"{photos}/a.png: out of memory in the network"]
    assert told[3:] == ["3 of 3 failed"]


def test_the_same_stem_twice_is_named_not_overwritten(photos, tmp_path):
    (photos / "a.bmp").write_bytes(saved(smooth(50, 50), "BMP"))
    status, told, _ = alpha(photos, "-o", tmp_path / "out")
    assert status == 1
    assert told[0] == f"{photos}/a.png: would be written to the same file as {photos}/a.bmp; rename one of them"
    assert read_alpha(tmp_path / "out" / "a.png").shape == (50, 50)


@pytest.mark.parametrize("command", ["alpha", "trimap"])
def test_a_photo_is_never_overwritten_by_its_own_result(command, photos, tmp_path):
    before = (photos / "a.png").read_bytes()
    status, told, _ = run(command, photos, "-o", photos, "--model", "brightness", "--overwrite")
    assert status == 1
    assert told[0].startswith(f"{photos}/a.png: would be overwritten by its own result")
    assert (photos / "a.png").read_bytes() == before


def test_trimaps_have_the_asked_widths(photos, tmp_path):
    step = np.zeros((100, 100, 3), np.uint8)
    step[:, 50:] = 255
    write_image(tmp_path / "step.png", step)
    given = [tmp_path / "step.png", "-o", tmp_path / "out", "--model", "brightness"]
    assert run("trimap", *given, "--erode", 3, "--dilate", 7)[:2] == (0, [])
    row = np.repeat([0, 128, 255], [43, 10, 47])
    assert np.array_equal(read_trimap(tmp_path / "out" / "step.png"), np.tile(row, (100, 1)))
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "step.png"))[0], row)
    assert run("trimap", *given, "--erode", -1)[0] == 2
    assert run("trimap", *given, "--overwrite")[0] == 0
    assert np.count_nonzero(read_trimap(tmp_path / "out" / "step.png")[0] == 128) == 2 + 2


def test_models_are_listed_with_licence_and_weights():
    status, told, out = run("models")
    assert (status, told) == (0, [])
    for name in ("auto", "modnet", "u2netp", "u2net", "rvm", "shared", "closed-form", "knn", "things:KIND"):
        assert re.search(rf"^\W*{name}\b", out, re.MULTILINE), name
    assert "GPL-3.0" in out
    assert "Apache-2.0" in out
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    start = next(line.index("weights") for line in lines if "weights" in line)
    weights = "".join(line[start:].strip() for line in lines)
    assert "https://github.com/Yaoyi-Li/GCA-Matting" in weights  # whole, however narrow the terminal


def test_help_explains_every_option():
    for command in ("alpha", "trimap"):
        _, _, out = run(command, "--help")
        told = re.sub(r"[│╭╰─╮╯]", " ", out)
        for option in re.findall(r"(?<=\s)--[a-z]+", told):
            assert re.search(rf"{option}\s+(-\w\s+)?([A-Z|<>=0-9]+\s+)?\S+", told), option


WITHOUT_NETWORKS = """
import sys
from matting import models
from matting.__main__ import app
from matting.models.base import Model
class Brightness(Model):
    name, title = "brightness", ""
    def estimate(self, image, trimap): return image[..., 0] / 255
models.MODELS["brightness"] = Brightness
app(sys.argv[1:])
"""


def in_a_process(*arguments, watch=None):
    """(exit status, lines on stderr) of the command line in a process of its own; `watch` sees it run."""
    command = [sys.executable, "-c", WITHOUT_NETWORKS, *map(str, arguments), "--model", "brightness"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while watch and process.poll() is None:
            watch(process)
        _, error = process.communicate()
    return process.returncode, error.splitlines()


@pytest.mark.slow
def test_a_hundred_photos_in_flat_memory_with_a_corrupt_one_among_them(tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    whole = saved(smooth(1200, 1600), "JPEG")
    for number in range(100):
        (photos / f"{number:03}.jpg").write_bytes(whole if number != 60 else whole[: len(whole) // 2])
    held = {}

    def watch(process):
        done = len(list(out.glob("*.png"))) if out.exists() else 0
        try:
            held[done] = psutil.Process(process.pid).memory_info().rss / 1e6
            process.wait(0.02)
        except (psutil.Error, subprocess.TimeoutExpired):
            pass

    status, told = in_a_process("alpha", photos, "-o", out, watch=watch)
    assert status == 1
    assert len(told) == 2
    assert told[0].startswith(f"{photos}/060.jpg cannot be read: ")
    assert told[1] == "1 of 100 failed"
    assert len(names(out)) == 99
    early = np.median([rss for done, rss in held.items() if 15 <= done <= 30])
    late = np.median([rss for done, rss in held.items() if 80 <= done < 99])
    assert late < early + 20, (early, late)


def test_hostile_files_in_one_batch(tmp_path):
    from tests.matting.files.test_hostile_files import HOSTILE, RIGHT

    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    given = {**HOSTILE, **{name: content for name, (content, *_) in RIGHT.items()}}
    paths = [photos / f"{number:03}-{name}" for number, name in enumerate(given)]
    for path, content in zip(paths, given.values(), strict=True):
        path.write_bytes(content)
    status, told = in_a_process("alpha", *paths, "-o", out)
    assert status == 1
    assert not any("Traceback" in line for line in told)
    written = {name.removesuffix(".png") for name in names(out)}
    refused = {path for path in paths if path.stem not in written}
    assert told[-1] == f"{len(refused)} of {len(paths)} failed"
    for path in refused:
        assert sum(line.startswith(str(path)) for line in told) == 1, path
    assert {path.stem for path in paths[len(HOSTILE) :]} <= written
