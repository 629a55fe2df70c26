"""A solve stays within its memory whatever is unknown, and what lies far from all that is known is still solved."""

import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.generated.photo import hair_photo
from matting.models import load_model
from matting.solving import bounded_memory
from matting.solving.bounded_memory import BUDGET, Needs, lacks_a_kind, solve_bounded
from matting.solving.progress import SHARE_AT_BEGINNING, reporting_to
from tests.browser import ROOT

NEEDS = Needs(100, 1000, known_cost=0.1, margin=16, largest=12_000)


def corner_and_dot(height, width):
    """Wholly unknown but for a corner of background and a dot of foreground in the middle."""
    trimap = np.full((height, width), 128, np.uint8)
    trimap[:10, :10] = 0
    trimap[height // 2 - 5 : height // 2 + 5, width // 2 - 5 : width // 2 + 5] = 255
    return trimap


def disc(height, width):
    """(image, alpha) of a plain disc before plain ground."""
    rows, columns = np.mgrid[:height, :width]
    alpha = (np.hypot(rows - height / 2, columns - width / 2) < 0.3 * height).astype(np.float32)
    return np.where(alpha[..., None] > 0.5, (200, 60, 40), (30, 60, 200)).astype(np.uint8), alpha


def by_colour(image, trimap, box):
    """A solver that knows the disc by its colour where both kinds are known in the box, and is lost elsewhere."""
    if lacks_a_kind(trimap, box):
        return np.full(box.size, np.nan)
    return (image[box.slices][..., 0] > 115).astype(float)


@pytest.mark.parametrize("kind", ["all", "band", "two single pixels"])
def test_no_region_takes_more_than_its_share(kind):
    image, truth = disc(900, 1100)
    trimap = corner_and_dot(900, 1100)
    if kind == "band":
        trimap[:, 600:], trimap[:, :100] = 255, 0
    elif kind == "two single pixels":
        trimap[:] = 128
        trimap[450, 550], trimap[3, 4] = 255, 0
    taken, told = [], []

    def solve(picture, regions, box):
        taken.append(NEEDS.memory(regions[box.slices]))
        return by_colour(picture, regions, box)

    with reporting_to(told.append):
        alpha = solve_bounded(image, trimap, solve, NEEDS)
    assert max(taken) <= NEEDS.largest * NEEDS.unknown_bytes
    assert told[0] == SHARE_AT_BEGINNING and told == sorted(told) and len(set(told)) > 5
    unknown = trimap == 128
    assert np.abs(alpha - truth)[unknown].mean() < 0.01


def test_what_the_small_copy_is_not_sure_of_is_enlarged():
    image, _ = disc(600, 600)
    trimap = corner_and_dot(600, 600)
    alpha = solve_bounded(image, trimap, lambda image, trimap, box: np.full(box.size, 0.4), NEEDS)
    assert np.allclose(alpha[trimap == 128], 0.4, atol=0.02)


def test_near_what_is_known_nothing_changes(monkeypatch):
    """Regions that hold both kinds are solved as if the picture had no far part."""
    photo = hair_photo(240, 320)
    image = np.concatenate([photo.image, np.full((400, 320, 3), 90, np.uint8)])
    trimap = np.concatenate([photo.trimap, np.full((400, 320), 128, np.uint8)])
    seen = []

    def solve(picture, regions, box):
        if picture is image:
            seen.append(np.array_equal(regions[box.slices], trimap[box.slices]) or box.bottom > 240)
        return np.full(box.size, 0.5)

    solve_bounded(image, trimap, solve, NEEDS)
    assert seen and all(seen)


PROGRAM = """
import numpy as np
from benchmarks.generated.photo import hair_photo
from matting import load_model
from tests.matting.solving.test_bounded_memory import corner_and_dot
def held(): return 1000 * int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
def error(model, side):
    photo, trimap = hair_photo(side, side), corner_and_dot(side, side)
    trimap[photo.trimap == 0] = 0
    return np.abs(model(photo.image, trimap) - photo.alpha)[trimap == 128].mean()
model, small = load_model("closed-form"), hair_photo(64, 64)
model(small.image, small.trimap)
before = held()
found = error(model, 1000)
print(held() - before, found, error(load_model("closed-form", exact=True), 400))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_a_real_solve_stays_in_its_memory():
    """Solved whole, the picture takes 2.9 kB a pixel of its 0.5 MP unknown."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    grown, error, of_a_small_whole = map(float, done.stdout.split())
    assert grown < 1.1e9 < BUDGET and error < of_a_small_whole + 0.02


@pytest.mark.parametrize("name", ["shared", "studio"])
def test_a_photo_far_larger_than_a_region_is_about_as_right_as_in_one(name, monkeypatch):
    photo = hair_photo(300, 400)
    trimap = corner_and_dot(300, 400)
    trimap[photo.trimap == 0] = 0
    model = load_model(name)
    whole = model(photo.image, trimap)
    monkeypatch.setattr(bounded_memory, "LEAST", 1)
    monkeypatch.setattr(bounded_memory, "BUDGET", 2.5e7)
    monkeypatch.setattr(type(model), "whole", 0, raising=False)
    unknown = trimap == 128
    errors = [np.abs(alpha - photo.alpha)[unknown].mean() for alpha in (whole, model(photo.image, trimap))]
    assert errors[1] < errors[0] + 0.05


def test_median_tells_how_far_it_is_and_can_be_ended():
    photo = hair_photo(120, 160)
    model, told = load_model("median"), []
    with reporting_to(told.append):
        model(photo.image, photo.trimap)
    assert told[-1] == 1 and all(0 <= share <= 1 for share in told) and len(told) >= 4

    def interrupt(share):
        raise InterruptedError

    with pytest.raises(InterruptedError), reporting_to(interrupt):
        model(photo.image, photo.trimap)
