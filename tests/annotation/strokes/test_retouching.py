"""Strokes that change the alpha itself, against their definitions computed slowly."""

from fractions import Fraction

import numpy as np
import pytest

from annotation.strokes.retouching import DISTINCT, FULL, MOST_SOFTENED, RIM, SAMPLES, SOFTENED, Retouching
from annotation.strokes.stroke import DOES, Stroke
from matting.solving.box import Box
from tests.annotation.strokes.test_raster import squared_distance

HEIGHT, WIDTH = 26, 34


def slowly(image, solved, paints):
    """The definition: one pixel at a time, each stroke over the whole picture."""
    below = np.round(solved * np.float32(FULL)).astype(int)
    alpha = below.copy()
    for stroke in paints:
        before, kept = alpha.copy(), slow_edge(image, stroke) if stroke.does in ("erase", "restore") else None
        for y, x in inside(stroke):
            alpha[y, x] = slow_pixel(stroke, int(before[y, x]), int(below[y, x]), before, kept, y, x)
    return alpha / FULL


def slow_pixel(stroke, a, solved, before, kept, y, x):
    if stroke.does == "alpha":
        return stroke.value * 257
    if stroke.does == "soften":
        return slow_mean(before, y, x, stroke.radius)
    if stroke.does == "sharpen":
        return min(FULL, max(0, 2 * a - FULL // 2))
    if stroke.does == "erase":
        return min(a, kept[y, x])
    return max(a, FULL - kept[y, x]) if stroke.does == "restore" else solved


def inside(stroke):
    segments = list(zip(stroke.points, stroke.points[1:] or stroke.points, strict=False))
    limit = Fraction(2 * stroke.radius + 1, 2) ** 2
    return [
        (y, x)
        for y in range(HEIGHT)
        for x in range(WIDTH)
        if any(squared_distance((x, y), *segment) < limit for segment in segments)
    ]


def slow_mean(alpha, y, x, radius):
    reach = max(1, min(MOST_SOFTENED, radius // SOFTENED))
    window = [
        int(alpha[row, column])
        for row in range(y - reach, y + reach + 1)
        for column in range(x - reach, x + reach + 1)
        if 0 <= row < HEIGHT and 0 <= column < WIDTH
    ]
    return (sum(window) + len(window) // 2) // len(window)


def slow_edge(image, stroke):
    """How much an eraser leaves of each pixel, as a dictionary."""
    pixels, colours = inside(stroke), image.astype(int)
    line = [(x, y) for x, y in stroke.points if 0 <= x < WIDTH and 0 <= y < HEIGHT]
    if not line:
        return dict.fromkeys(pixels, 0)
    samples = []
    for at in range(SAMPLES):
        x, y = line[at * (len(line) - 1) // (SAMPLES - 1)]
        around = colours[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].reshape(-1, 3)
        samples.append([sum(map(int, channel)) // len(around) for channel in around.T])
    apart = {
        (y, x): min(sum(abs(int(one) - two) for one, two in zip(colours[y, x], each, strict=True)) for each in samples)
        for y, x in [(y, x) for y in range(HEIGHT) for x in range(WIDTH)]
    }
    split = slow_otsu([apart[pixel] for pixel in pixels])
    if split is None:
        return dict.fromkeys(pixels, 0)
    threshold, lower, upper = split
    low, high = (lower + threshold) // 2, max((threshold + upper) // 2, (lower + threshold) // 2 + 1)
    near = {pixel for pixel in pixels if apart[pixel] <= threshold}
    own, waiting = set(), [(y, x) for x, y in line if (y, x) in near]
    while waiting:
        y, x = waiting.pop()
        if (y, x) in near and (y, x) not in own:
            own.add((y, x))
            waiting += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return {
        (y, x): min(FULL, max(0, (apart[y, x] - low) * FULL // (high - low)))
        if any((y + dy, x + dx) in own for dy in range(-RIM, RIM + 1) for dx in range(-RIM, RIM + 1))
        else FULL
        for y, x in pixels
    }


def slow_otsu(values):
    best, found = Fraction(-1), None
    for threshold in range(max(values)):
        lower, upper = [v for v in values if v <= threshold], [v for v in values if v > threshold]
        if lower and upper:
            means = Fraction(sum(lower), len(lower)), Fraction(sum(upper), len(upper))
            between = len(lower) * len(upper) * (means[1] - means[0]) ** 2
            if between > best:
                best, found = between, (threshold, int(means[0]), int(means[1]))
    return found if found and found[2] - found[1] >= DISTINCT else None


def scene(random, *, noise=8):
    """(image, its true alpha): a green thing with a slanted, soft edge on a red ground, with a hole."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    alpha = np.clip((x - 14 + y / 4) / 3, 0, 1)
    alpha[5:9, 24:29] = 0
    colours = alpha[..., None] * (40, 200, 60) + (1 - alpha[..., None]) * (190, 40, 50)
    image = np.clip(colours + random.normal(0, noise, colours.shape), 0, 255).astype(np.uint8)
    return image, alpha.astype(np.float32)


def a_stroke(random, number, does):
    points = tuple((int(x), int(y)) for x, y in random.integers(-4, 34, (int(random.integers(1, 4)), 2)))
    value = int(random.integers(0, 256)) if does == "alpha" else 0
    return Stroke(f"{number}", "brush", "unknown", int(random.integers(0, 20)), points, does=does, value=value)


@pytest.mark.parametrize("does", DOES)
def test_each_brush_does_what_its_definition_says(does):
    random = np.random.default_rng(len(does))
    for number in range(6):
        image, solved = scene(random)[0], random.random((HEIGHT, WIDTH)).astype(np.float32)
        paints = [a_stroke(random, 0, "alpha"), a_stroke(random, 1, does), a_stroke(random, number + 2, does)]
        found = Retouching(image).retouched(solved, paints, Box(0, 0, HEIGHT, WIDTH))
        np.testing.assert_allclose(found, slowly(image, solved, paints), atol=1e-5)


def test_a_box_alone_is_as_in_the_whole_picture():
    random = np.random.default_rng(3)
    for _ in range(40):
        image, solved = scene(random)[0], random.random((HEIGHT, WIDTH)).astype(np.float32)
        paints = [a_stroke(random, number, str(random.choice(DOES))) for number in range(8)]
        whole = Retouching(image).retouched(solved, paints, Box(0, 0, HEIGHT, WIDTH))
        top, left = int(random.integers(0, 20)), int(random.integers(0, 28))
        box = Box(top, left, top + 5, left + 6)
        assert np.array_equal(Retouching(image).retouched(solved, paints, box), whole[box.slices])


@pytest.mark.parametrize(("does", "start", "line"), [("erase", 1.0, 8), ("restore", 0.0, 22)])
def test_erasing_and_restoring_stop_at_the_edge_under_them(does, start, line):
    """A brush that reaches well over the edge leaves the true alpha there, the hole included that it does not touch."""
    image, truth = scene(np.random.default_rng(0), noise=3)
    stroke = Stroke("a", "brush", "unknown", 9, tuple((line - y // 4, y) for y in range(12, 24)), does=does)
    found = Retouching(image).retouched(np.full((HEIGHT, WIDTH), start, np.float32), [stroke], Box(0, 0, HEIGHT, WIDTH))
    pixels = tuple(np.array(inside(stroke)).T)
    assert np.abs(found - truth)[pixels].mean() < 0.03 and np.abs(found - truth)[pixels].max() < 0.35
    assert np.abs(np.float32(start) - truth)[pixels].mean() > 0.3


def test_where_there_is_no_edge_everything_under_the_brush_goes():
    image = np.random.default_rng(0).integers(100, 112, (HEIGHT, WIDTH, 3), np.uint8)
    stroke = Stroke("a", "brush", "unknown", 5, ((12, 12),), does="erase")
    found = Retouching(image).retouched(np.ones((HEIGHT, WIDTH), np.float32), [stroke], Box(0, 0, HEIGHT, WIDTH))
    assert np.array_equal(
        found == 0,
        np.isin(np.arange(HEIGHT * WIDTH), [y * WIDTH + x for y, x in inside(stroke)]).reshape(HEIGHT, WIDTH),
    )
