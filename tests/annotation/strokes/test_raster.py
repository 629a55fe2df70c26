"""The rasteriser against its definition computed slowly, and Python against JavaScript, pixel for pixel."""

import base64
from fractions import Fraction

import numpy as np
import pytest
from skimage.measure import label as components

from annotation.strokes.boxes import around, common, is_empty
from annotation.strokes.raster import bounds, paint, replay, replay_box
from annotation.strokes.stroke import Stroke, to_wire
from tests.annotation.editor.conftest import random_stroke

SIZE = (61, 97)
SEQUENCES, LONG = 1500, 3


def random_trimap(random, size=SIZE):
    coarse = random.choice(np.array([0, 128, 255], np.uint8), (size[0] // 6 + 1, size[1] // 6 + 1))
    return np.ascontiguousarray(np.kron(coarse, np.ones((6, 6), np.uint8))[: size[0], : size[1]])


def squared_distance(pixel, start, end):
    """From a pixel to a segment, exactly."""
    d = (end[0] - start[0], end[1] - start[1])
    p = (pixel[0] - start[0], pixel[1] - start[1])
    length = d[0] ** 2 + d[1] ** 2
    share = min(Fraction(1), max(Fraction(0), Fraction(p[0] * d[0] + p[1] * d[1], length))) if length else Fraction(0)
    return (p[0] - share * d[0]) ** 2 + (p[1] - share * d[1]) ** 2


def test_a_brush_paints_what_lies_nearer_than_its_radius_and_a_half():
    random = np.random.default_rng(1)
    height, width = 23, 29
    for number in range(60):
        points = tuple(map(tuple, random.integers(-6, 33, (int(random.integers(1, 4)), 2)).tolist()))
        radius = int(random.integers(0, 9))
        painted = np.zeros((height, width), np.uint8)
        paint(painted, Stroke(f"{number}", "brush", "foreground", radius, points), painted.copy())
        segments = list(zip(points, points[1:] or points, strict=False))
        limit = Fraction(2 * radius + 1, 2) ** 2
        wanted = [
            [any(squared_distance((x, y), *segment) < limit for segment in segments) for x in range(width)]
            for y in range(height)
        ]
        assert np.array_equal(painted == 255, wanted), (points, radius)


def test_a_polygon_paints_its_inside():
    square = Stroke("a", "polygon", "foreground", 0, ((3, 2), (9, 2), (9, 6), (3, 6)))
    trimap = np.zeros((10, 14), np.uint8)
    paint(trimap, square, trimap.copy())
    wanted = np.zeros_like(trimap)
    wanted[2:7, 3:10] = 255
    assert np.array_equal(trimap, wanted)


def test_a_polygon_that_crosses_itself_leaves_its_doubly_wound_middle():
    star = tuple((round(40 + 35 * np.sin(t)), round(40 - 35 * np.cos(t))) for t in np.arange(5) * 4 * np.pi / 5)
    trimap = np.zeros((80, 80), np.uint8)
    paint(trimap, Stroke("a", "polygon", "foreground", 0, star), trimap.copy())
    assert trimap[40, 40] == 0
    assert trimap[12, 40] == 255


def test_an_island_is_the_connected_unknown_region():
    random = np.random.default_rng(2)
    for number in range(50):
        trimap = random_trimap(random)
        y, x = (int(v) for v in random.integers(0, SIZE))
        islands = components((trimap == 128).astype(int), connectivity=1, background=0)
        wanted = trimap.copy()
        if trimap[y, x] == 128:
            wanted[islands == islands[y, x]] = 255
        paint(trimap, Stroke(f"{number}", "island", "foreground", 0, ((x, y),)), trimap.copy())
        assert np.array_equal(trimap, wanted)


def test_nothing_outside_the_box_given_back_changes():
    random = np.random.default_rng(3)
    for number in range(300):
        before = random_trimap(random)
        after = before.copy()
        box = paint(after, random_stroke(random, SIZE, number=number), random_trimap(random))
        after[box.slices] = before[box.slices]
        assert np.array_equal(after, before)


def test_undoing_in_a_box_equals_replaying_everything():
    random = np.random.default_rng(4)
    for _ in range(100):
        base = random_trimap(random)
        strokes = [random_stroke(random, SIZE, number=number) for number in range(6)]
        strokes = [stroke for stroke in strokes if stroke.kind != "island"]
        if not strokes:
            continue
        trimap = replay(base, strokes)
        undone = strokes.pop(int(random.integers(len(strokes))))
        box = common(bounds(undone), around(trimap))
        if not is_empty(box):
            trimap[box.slices] = replay_box(base, strokes, box)
        assert np.array_equal(trimap, replay(base, strokes))


REPLAY = """async jobs => {
  const { paint } = await import("/strokes/raster.js"), { fromWire } = await import("/strokes/wire.js");
  const decode = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  return jobs.map(({ width, height, start, strokes }) => {
    const base = decode(start), trimap = { width, height, pixels: base.slice() };
    for (const stroke of strokes) paint(trimap, fromWire(stroke), base);
    return btoa(String.fromCharCode(...trimap.pixels));
  });
}"""


@pytest.mark.browser
def test_python_and_javascript_paint_the_same_pixels(scripts):
    random = np.random.default_rng(5)
    jobs, wanted = [], []
    for number in range(SEQUENCES):
        base = random_trimap(random)
        largest = 90 if number % 10 == 0 else 20
        strokes = [random_stroke(random, SIZE, number=n, largest=largest) for n in range(LONG)]
        wanted.append(replay(base, strokes))
        start = base64.b64encode(base.tobytes()).decode()
        jobs.append({"width": SIZE[1], "height": SIZE[0], "start": start, "strokes": [to_wire(s) for s in strokes]})
    got = scripts.evaluate(REPLAY, jobs)
    different = [
        number
        for number, (text, trimap) in enumerate(zip(got, wanted, strict=True))
        if base64.b64decode(text) != trimap.tobytes()
    ]
    assert different == []


@pytest.mark.browser
def test_the_largest_brush_on_the_largest_coordinates_is_exact_in_both(scripts):
    size = (40, 24000)
    strokes = [
        Stroke("a", "brush", "foreground", 1000, ((-8191, -983), (24575, -1000))),
        Stroke("b", "brush", "unknown", 999, ((-8000, 1030), (24575, 1017), (24000, 1033))),
        Stroke("c", "polygon", "background", 0, ((-8191, -8191), (24575, 20), (-8191, 24575), (24000, 3))),
    ]
    base = np.zeros(size, np.uint8)
    job = {"width": size[1], "height": size[0], "start": base64.b64encode(base.tobytes()).decode()}
    digest = """async jobs => {
      const { paint } = await import("/strokes/raster.js"), { fromWire } = await import("/strokes/wire.js");
      const { width, height, strokes } = jobs, trimap = { width, height, pixels: new Uint8Array(width * height) };
      for (const stroke of strokes) paint(trimap, fromWire(stroke), trimap.pixels.slice());
      const counts = [];
      for (let at = 0; at < trimap.pixels.length; at++)
        if (at % width === 0 || trimap.pixels[at] !== trimap.pixels[at - 1]) counts.push([at, trimap.pixels[at]]);
      return counts;
    }"""
    trimap = replay(base, strokes).ravel()
    starts = np.flatnonzero(np.diff(trimap, prepend=trimap[0] ^ 1) | (np.arange(trimap.size) % size[1] == 0))
    assert scripts.evaluate(digest, {**job, "strokes": [to_wire(s) for s in strokes]}) == [
        [int(at), int(trimap[at])] for at in starts
    ]
