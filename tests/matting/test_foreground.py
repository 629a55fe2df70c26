import subprocess
import sys

import numpy as np
import pytest

from benchmarks.generated.photo import hair_photo
from matting import foreground as module
from matting.arrays import to_float, to_uint8, to_uint16
from matting.composite import composite
from matting.foreground import estimate_foreground, quick_foreground
from matting.solving.pymatting_calls import call
from tests.browser import ROOT


@pytest.fixture(scope="module")
def photo():
    return hair_photo(300, 400)


def test_a_new_background_shows_no_halo_of_the_old(photo):
    green = np.zeros_like(photo.background) + np.array([0.1, 0.8, 0.2], np.float32)
    truth = composite(photo.foreground, photo.alpha, green)
    soft = (photo.alpha > 0) & (photo.alpha < 1)

    def error(foreground):
        return np.abs(composite(foreground, photo.alpha, green) - truth)[soft].mean()

    naive = error(to_float(photo.image))
    exact_solver = error(call("estimate_foreground_cf", to_float(photo.image).astype(float), photo.alpha).astype("f4"))
    ours = error(estimate_foreground(photo.image, photo.alpha))
    assert ours < 0.35 * naive
    assert ours < 1.5 * exact_solver
    assert error(to_float(quick_foreground(photo.image, photo.alpha))) < 0.5 * naive


def test_one_colour_over_another_is_recovered():
    red, blue = np.array([200, 40, 30]), np.array([20, 60, 220])
    alpha = np.clip(np.linspace(-0.5, 1.5, 80, dtype=np.float32), 0, 1)[None].repeat(40, axis=0)
    image = np.rint(alpha[..., None] * red + (1 - alpha[..., None]) * blue).astype(np.uint8)
    foreground = estimate_foreground(image, alpha)
    assert np.abs(foreground[alpha > 0.05] - red / 255).max() < 0.03
    assert np.abs(foreground[alpha == 0] - red / 255).max() < 0.1  # nothing of the blue, even where all is blue


def test_opaque_pixels_keep_their_colour_exactly(photo):
    before = photo.image.copy(), photo.alpha.copy()
    foreground = estimate_foreground(photo.image, photo.alpha)
    assert foreground.dtype == np.float32 and foreground.min() >= 0 and foreground.max() <= 1
    assert np.array_equal(foreground[photo.alpha == 1], to_float(photo.image)[photo.alpha == 1])
    assert np.array_equal(photo.image, before[0]) and np.array_equal(photo.alpha, before[1])


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (1, 300), (300, 1), (3, 5)])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_every_size_gives_colours(size, value):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    foreground = estimate_foreground(image, np.full(size, value, np.float32))
    assert foreground.shape == image.shape and foreground.dtype == np.float32
    assert foreground.min() >= 0 and foreground.max() <= 1


def test_sizes_must_agree():
    with pytest.raises(ValueError, match="4 pixels high and 5 wide"):
        estimate_foreground(np.zeros((4, 5, 3), np.uint8), np.zeros((5, 4), np.float32))


@pytest.mark.parametrize("store", [to_uint8, to_uint16])
def test_a_frame_gets_its_foreground_in_its_own_type(store):
    red, blue = np.array([0.8, 0.15, 0.1], np.float32), np.array([0.1, 0.25, 0.85], np.float32)
    alpha = np.clip(np.linspace(-25, 28, 640, dtype=np.float32), 0, 1)[None].repeat(60, axis=0)
    frame = store(alpha[..., None] * red + (1 - alpha[..., None]) * blue)
    soft, before = (alpha > 0) & (alpha < 1), frame.copy()
    foreground = quick_foreground(frame, alpha)
    assert foreground.dtype == frame.dtype
    errors = [np.abs(alpha[..., None] * (to_float(one) - red))[soft].mean() for one in (foreground, frame)]
    assert errors[0] < 0.15 * errors[1]
    assert np.array_equal(foreground[alpha == 1], frame[alpha == 1])
    assert np.array_equal(foreground[:, :100], frame[:, :100])  # far from the subject nothing is made up
    assert np.array_equal(frame, before)


def test_a_large_picture_is_estimated_in_regions_as_well_as_whole(monkeypatch):
    photo = hair_photo(600, 800)
    green = np.zeros_like(photo.background) + np.array([0.1, 0.8, 0.2], np.float32)
    truth, soft = composite(photo.foreground, photo.alpha, green), (photo.alpha > 0) & (photo.alpha < 1)

    def shown():
        return composite(estimate_foreground(photo.image, photo.alpha), photo.alpha, green)

    whole = shown()
    monkeypatch.setattr(module, "WHOLE_PIXELS", 60_000)
    monkeypatch.setattr(module, "REGION_PIXELS", 40_000)
    regions = shown()
    errors = [np.abs(one - truth)[soft].mean() for one in (regions, whole)]
    assert errors[0] < 1.1 * errors[1]
    step = np.abs(np.diff((regions - whole).mean(axis=2), axis=0))[soft[1:] & soft[:-1]]
    assert 0 < step.mean() < 1 / 255  # no seam where one region ends and the next begins


GROWTH = """
import threading, time
import numpy as np, psutil
from benchmarks.generated.photo import hair_photo
from matting.foreground import WHOLE_PIXELS, estimate_foreground
photo = hair_photo(1000, 1500)
estimate_foreground(photo.image[:64, :64].copy(), photo.alpha[:64, :64].copy())
image, alpha = np.tile(photo.image, (4, 4, 1)), np.tile(photo.alpha, (4, 4))
assert alpha.size > WHOLE_PIXELS
process, sizes, done = psutil.Process(), [], threading.Event()
before = process.memory_info().rss
def watch():
    while not done.wait(0.02):
        sizes.append(process.memory_info().rss)
watcher = threading.Thread(target=watch)
watcher.start()
estimate_foreground(image, alpha)
done.set()
watcher.join()
print(round((max(sizes) - before) / 1e6))
"""


@pytest.mark.slow
def test_the_memory_of_a_large_estimate_is_bounded():
    done = subprocess.run([sys.executable, "-c", GROWTH], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 288 <= int(done.stdout) < 1000  # MB for 24 megapixels, of which the answer itself has 288
