"""The things of a kind: found in a photo of two people, told apart, each with a trimap and an alpha of its own."""

import cv2
import numpy as np
import pytest
import skimage.data
from typer.testing import CliRunner

from annotation.ui.cut_out.edge_controls import KINDS_TOO
from matting import load_model
from matting.__main__ import app
from matting.files import read_alpha, read_trimap, write_image
from matting.models import load_listed
from matting.models.things import KINDS, Thing, check_kind, find_things, finding, model, trimaps_of
from matting.models.things.detector import SAME, SURE, decode
from matting.solving.box import Box
from matting.weights import WEIGHTS
from tests.outlines import overlap

SIDE = 512


@pytest.fixture(scope="module")
def people(mobile_sam, nanodet):
    """Somebody, and beside her, her mirror image; each as `find_things` gives her."""
    astronaut = skimage.data.astronaut()
    return find_things(np.concatenate([astronaut, astronaut[:, ::-1]], axis=1), "person")


def test_two_people_are_found_and_are_the_same_mirrored(people):
    left, right = people
    assert left.box.right <= SIDE + 20 and right.box.left >= SIDE - 20
    mirrored = right.alpha[:, ::-1] > 0.5
    assert overlap(left.alpha > 0.5, mirrored) > 0.9
    for thing, (face, suit) in zip(people, (((120, 225), (400, 200)), ((120, 798), (400, 823))), strict=True):
        assert thing.alpha[face] > 0.5 and thing.alpha[suit] > 0.5
    assert left.alpha[30, 400] < 0.5 and left.alpha[:, SIDE + 30 :].max() < 0.5


def test_what_is_surely_somebody_else_is_background(people):
    left, right = trimaps_of(people, inner=6, outer=12)
    assert (right[(left == 255) & (people[1].alpha < 0.5)] == 0).all()
    assert set(np.unique(left)) == {0, 128, 255}


def disc(middle, radius):
    y, x = np.mgrid[:100, :160]
    alpha = (np.hypot(y - 50, x - middle) <= radius).astype(np.float32)
    return Thing("cup", 0.9, Box(50 - radius, middle - radius, 50 + radius, middle + radius), alpha)


@pytest.mark.parametrize(("inner", "outer"), [(3, 9), (8, 2)])
def test_the_band_has_the_widths_asked_for_on_each_side(inner, outer):
    things = [disc(40, 25), disc(115, 30)]
    for thing, trimap in zip(things, trimaps_of(things, inner=inner, outer=outer), strict=True):
        covered = thing.alpha > 0.5
        for width, side, kind in ((inner, covered, 255), (outer, ~covered, 0)):
            reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 3, 2 * width + 3))
            far = ~cv2.dilate((~side).astype(np.uint8), reach).astype(bool)
            near = side & cv2.dilate((~side).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
            assert (trimap[far] == kind).all() and (trimap[near] == 128).all()


def test_of_boxes_around_one_thing_the_surest_is_kept():
    """Against suppression written out in loops, on boxes that overlap by chance."""
    random = np.random.default_rng(3)
    corners = random.uniform(-10, 90, (60, 2)).astype(np.float32)
    boxes = np.concatenate([corners, corners + random.uniform(5, 60, (60, 2)).astype(np.float32)], axis=1)
    scores = random.permutation(np.linspace(0.1, 0.95, 60)).astype(np.float32)
    limit = [120, 100, 120, 100]
    cut = np.clip(boxes, 0, limit)

    def iou(one, other):
        across, down = (min(one[2 + i], other[2 + i]) - max(one[i], other[i]) for i in (0, 1))
        both = max(0, across) * max(0, down)
        return both / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - both)

    kept = []
    for index in np.argsort(-scores):
        if scores[index] > SURE and all(iou(cut[index], cut[other]) <= SAME for other in kept):
            kept.append(index)
    found = decode(scores, boxes, (100, 120))
    assert [each.score for each in found] == [pytest.approx(scores[index]) for index in kept]
    assert 0 < len(kept) < np.count_nonzero(scores > SURE)
    for each, index in zip(found, kept, strict=True):
        inside = [each.box.left, each.box.top, each.box.right, each.box.bottom]
        assert np.abs(cut[index] - inside).max() <= 1
        assert 0 <= each.box.left < each.box.right <= 120 and 0 <= each.box.top < each.box.bottom <= 100


def test_a_kind_is_written_in_any_way_and_a_wrong_one_is_one_sentence():
    assert len(set(KINDS)) == 80
    assert [check_kind(text) for text in ("Person", "cell-phone", " teddy_bear ")] == [
        "person",
        "cell phone",
        "teddy bear",
    ]
    with pytest.raises(ValueError, match="no kind of thing is called 'unicorn'; there are person, bicycle, car"):
        load_model("things:unicorn")
    assert load_listed("things:Cat").name == "things:cat"
    with pytest.raises(ValueError, match="no kind of thing is called"):
        load_listed("things:../weights/mine.safetensors")


def test_nothing_of_that_kind_is_an_error():
    with pytest.raises(ValueError, match="no zebra was found in the photo"):
        load_model("things:zebra")(skimage.data.astronaut())


@pytest.fixture
def cups(tmp_path, monkeypatch):
    """A photo file in which two cups are found."""
    things = [disc(40, 25), disc(115, 30)]
    for place in (finding, model):
        monkeypatch.setattr(place, "find_things", lambda image, kind: things if kind == "cup" else [])
    image = np.zeros((100, 160, 3), np.uint8)
    for thing, colour in zip(things, ([220, 40, 40], [40, 60, 220]), strict=True):
        image[thing.alpha > 0.5] = colour
    write_image(tmp_path / "photo.png", image)
    return things


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_writes_all_together_and_each_by_itself(cups, tmp_path):
    out = tmp_path / "out"
    done = run("alpha", tmp_path / "photo.png", "-o", out, "--class", "cup", "--each", "--model", "shared", "--cutout")
    assert done.exit_code == 0, done.output
    whole, *each = (read_alpha(out / name) for name in ("photo.png", "each/photo-1.png", "each/photo-2.png"))
    assert np.array_equal(whole, np.maximum(*each))
    for thing, other, alpha in zip(cups, cups[::-1], each, strict=True):
        assert np.abs(alpha - thing.alpha).mean() < 0.01
        assert alpha[other.alpha > 0.5].max() == 0
    assert (out / "cutout" / "photo.png").is_file()


def test_asked_for_each_later_what_is_missing_is_made(cups, tmp_path):
    command = ["alpha", tmp_path / "photo.png", "-o", tmp_path / "out", "--class", "cup", "--model", "shared"]
    assert run(*command).exit_code == 0 and not (tmp_path / "out" / "each").exists()
    assert run(*command, "--each").exit_code == 0
    assert len(list((tmp_path / "out" / "each").iterdir())) == 2
    assert "1 of 1 were already done" in run(*command, "--each").stderr


def test_what_is_not_there_leaves_no_file(cups, tmp_path):
    done = run("alpha", tmp_path / "photo.png", "-o", tmp_path / "out", "--class", "dog")
    assert done.exit_code == 1 and "no dog was found in the photo" in done.stderr
    assert not list((tmp_path / "out").rglob("*.png")) and "Traceback" not in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--each"], "--erode and --dilate are for --class and --mask"),
        (["--erode", "4"], "--erode and --dilate are for --class and --mask"),
        (["--class", "cup", "--trimap", "t.png"], "leave out --trimap"),
        (["--class", "unicorn"], "no kind of thing is called 'unicorn'; there are"),
        (
            ["--class", "Persn", "--model", "fba"],
            "no kind of thing is called 'Persn' (did you mean person?); there are",
        ),
        (["--class", "cup", "--model", "u2netp"], "u2netp finds its own subject"),
    ],
)
def test_options_that_contradict_each_other_are_one_sentence(options, said, cups, tmp_path):
    write_image(tmp_path / "t.png", np.full((100, 160), 128, np.uint8))
    options = [str(tmp_path / "t.png") if option == "t.png" else option for option in options]
    done = run("alpha", tmp_path / "photo.png", "-o", tmp_path / "out", *options)
    assert done.exit_code == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1


def test_trimaps_of_a_kind(cups, tmp_path):
    done = run("trimap", tmp_path / "photo.png", "-o", tmp_path / "out", "--class", "cup", "--erode", 4, "--dilate", 9)
    assert done.exit_code == 0, done.output
    trimap = read_trimap(tmp_path / "out" / "photo.png")
    for thing, found in zip(cups, trimaps_of(cups, inner=4, outer=9), strict=True):
        near = cv2.dilate(thing.alpha, np.ones((21, 21), np.uint8)) > 0.5
        assert np.array_equal(trimap[near], found[near])
    assert trimap[0, 0] == 0


def test_the_licence_is_told_before_the_weights_are_fetched():
    record = WEIGHTS["nanodet-g"]
    assert not record.by_default and record.licence == "Apache-2.0" and "COCO" in record.background
    assert record.terms in KINDS_TOO
