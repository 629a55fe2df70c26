import threading
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matting.solving.box import Box
from matting.solving.progress import SHARE_AT_BEGINNING, reporting_to
from matting.solving.region_by_region import solve_regions
from matting.solving.regions import unknown_regions


@st.composite
def trimaps(draw):
    """Pictures of up to 400 × 400 with a few unknown rectangles on a half known each way."""
    height, width = draw(st.integers(1, 400)), draw(st.integers(1, 400))
    trimap = np.zeros((height, width), np.uint8)
    trimap[:, : width // 2] = 255
    for _ in range(draw(st.integers(0, 5))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        trimap[top : top + draw(st.integers(1, 90)), left : left + draw(st.integers(1, 90))] = 128
    return trimap


def depth(box, size):
    """Each pixel's distance to the nearest edge of `box` inside the picture; -1 outside the box."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(float)
    top = np.inf if box.top == 0 else rows - box.top
    left = np.inf if box.left == 0 else columns - box.left
    bottom = np.inf if box.bottom == size[0] else box.bottom - 1 - rows
    right = np.inf if box.right == size[1] else box.right - 1 - columns
    nearest = np.minimum(np.minimum(top, bottom), np.minimum(left, right))
    return np.broadcast_to(np.maximum(nearest, -1), size)


@settings(max_examples=40, deadline=None)
@given(trimaps(), st.integers(0, 40), st.sampled_from([1, 8, 32]))
def test_every_unknown_pixel_lies_deep_in_a_box(trimap, margin, align):
    boxes = unknown_regions(trimap, margin=margin, align=align)
    assert bool(boxes) == bool((trimap == 128).any())
    assert sum(box.area for box in boxes) <= trimap.size
    deepest = np.full(trimap.shape, -1.0)
    for box in boxes:
        deepest = np.maximum(deepest, depth(box, trimap.shape))
    assert (deepest[trimap == 128] >= margin).all()
    for box in boxes:
        assert box.top % align == 0 and box.left % align == 0
        assert box.bottom % align == 0 or box.bottom == trimap.shape[0]
        assert box.right % align == 0 or box.right == trimap.shape[1]


def test_distant_regions_stay_apart_and_near_ones_are_joined():
    trimap = np.zeros((1000, 1000), np.uint8)
    trimap[16:24, 16:24] = trimap[800:808, 800:808] = 128
    assert unknown_regions(trimap, margin=16) == [Box(0, 0, 40, 40), Box(784, 784, 824, 824)]
    trimap = np.zeros((1000, 1000), np.uint8)
    trimap[120:136, 120:136] = 128  # one region across four cells
    assert unknown_regions(trimap, margin=16) == [Box(104, 104, 152, 152)]


def test_cost_follows_the_band_not_its_bounding_box():
    trimap = np.zeros((3000, 4000), np.uint8)
    cv2.ellipse(trimap, (2000, 1500), (1100, 1300), 0, 0, 360, 128, -1)
    cv2.ellipse(trimap, (2000, 1500), (1000, 1200), 0, 0, 360, 255, -1)
    solved = sum(box.area for box in unknown_regions(trimap, margin=32))
    assert solved < 0.2 * trimap.size  # 6 % is unknown; the bounding box has 49 %


def test_cost_follows_a_wide_band_too():
    """Where a fine cell in the middle of the band would have to grow far to reach what is known."""
    trimap = np.zeros((3000, 4000), np.uint8)
    cv2.ellipse(trimap, (2000, 1500), (1100, 1300), 0, 0, 360, 128, -1)
    cv2.ellipse(trimap, (2000, 1500), (850, 1050), 0, 0, 360, 255, -1)
    boxes = unknown_regions(trimap, margin=64, known_load=0.6, largest=250_000, with_both=True)
    assert sum(box.area for box in boxes) < 5 * (trimap == 128).sum()
    assert all((trimap[box.slices] == 0).any() and (trimap[box.slices] == 255).any() for box in boxes)


def test_boxes_reach_both_known_kinds_where_the_solver_needs_them():
    trimap = np.full((600, 600), 255, np.uint8)
    trimap[:, 500:] = 0
    trimap[200:210, 100:110] = 128  # a hole 390 pixels from the nearest background
    (near,) = unknown_regions(trimap, margin=32)
    (far,) = unknown_regions(trimap, margin=32, with_both=True)
    assert not (trimap[near.slices] == 0).any() and (trimap[far.slices] == 0).any()
    trimap[trimap == 0] = 255  # no background anywhere: nothing to reach
    assert unknown_regions(trimap, margin=32, with_both=True) == [near]


def test_boxes_join_when_their_unknown_is_what_costs():
    trimap = np.zeros((1000, 1000), np.uint8)
    trimap[100:900, 100:140] = trimap[100:140, 100:900] = 128  # an L
    assert len(unknown_regions(trimap, margin=32)) > 1
    assert len(unknown_regions(trimap, margin=32, known_cost=0)) == 1


def test_boxes_respect_the_largest_size():
    trimap = np.full((1000, 1000), 128, np.uint8)
    assert unknown_regions(trimap, margin=32) == [Box(0, 0, 1000, 1000)]
    boxes = unknown_regions(trimap, margin=32, largest=300_000)
    assert len(boxes) > 1 and max(box.area for box in boxes) <= 300_000


@settings(max_examples=40, deadline=None)
@given(trimaps(), st.integers(0, 40))
def test_what_boxes_agree_on_comes_back_and_their_rims_do_not_count(trimap, margin):
    truth = np.random.default_rng(0).random(trimap.shape, np.float32)
    rim = max(0, margin // 2 - 1)

    def solve(box):
        spoilt = np.full(box.size, 1e6, np.float32)
        inner = depth(box, trimap.shape)[box.slices] >= rim
        spoilt[inner] = truth[box.slices][inner]
        return spoilt

    alpha = solve_regions(trimap, solve, unknown_regions(trimap, margin=margin), margin=margin)
    expected = np.where(trimap == 128, truth, trimap / np.float32(255))
    assert alpha.dtype == np.float32 and np.abs(alpha - expected).max() < 1e-5


def test_overlapping_boxes_blend_without_a_step():
    trimap = np.full((64, 400), 128, np.uint8)
    boxes = [Box(0, 0, 64, 240), Box(0, 160, 64, 400)]
    alpha = solve_regions(trimap, lambda box: np.full(box.size, float(box.left == 0)), boxes, margin=40)
    assert alpha[0, 0] == 1 and alpha[0, -1] == 0
    assert np.abs(np.diff(alpha[0])).max() == pytest.approx(0, abs=0.06)


def test_who_listens_hears_how_far_it_is_and_may_end_it():
    trimap = np.full((64, 256), 128, np.uint8)
    boxes = [Box(0, left, 64, left + 64) for left in range(0, 256, 64)]
    shares, solved = [], []

    def solve(box):
        solved.append(box)
        return np.zeros(box.size)

    with reporting_to(shares.append):
        solve_regions(trimap, solve, boxes, margin=0)
    assert shares == [SHARE_AT_BEGINNING, 0.25, 0.5, 0.75, 1] and solved == boxes

    def interrupt(share):
        if share == 0.5:
            raise InterruptedError

    solved.clear()
    with pytest.raises(InterruptedError), reporting_to(interrupt):
        solve_regions(trimap, solve, boxes, margin=0)
    assert solved == boxes[:2]
    solve_regions(trimap, solve, boxes, margin=0)  # nobody listens any more
    assert len(shares) == 5


def test_boxes_solved_at_the_same_time_come_out_the_same():
    trimap = np.full((64, 256), 128, np.uint8)
    boxes = [Box(0, left, 64, left + 96) for left in (0, 80, 160)]
    together = threading.Barrier(2, timeout=10)

    def solve(box):
        return np.random.default_rng(box.left).random(box.size)

    def solve_beside_another(box):
        if box.left < 160:
            together.wait()  # breaks where no other box is solved meanwhile
        return solve(box)

    one = solve_regions(trimap, solve, boxes, margin=16)
    assert np.array_equal(solve_regions(trimap, solve_beside_another, boxes, margin=16, at_once=2), one)


def test_ended_early_nothing_more_is_begun():
    trimap = np.full((64, 6400), 128, np.uint8)
    boxes = [Box(0, left, 64, left + 64) for left in range(0, 6400, 64)]
    begun = []

    def solve(box):
        begun.append(box)
        return np.zeros(box.size)

    def interrupt(share):
        if share > 0:
            raise InterruptedError

    with pytest.raises(InterruptedError), reporting_to(interrupt):
        solve_regions(trimap, lambda box: (time.sleep(0.02), solve(box))[1], boxes, margin=0, at_once=2)
    assert len(begun) < 10


def test_progress_goes_by_cost():
    trimap = np.full((64, 192), 128, np.uint8)
    boxes, shares = [Box(0, 0, 64, 48), Box(0, 48, 64, 192)], []
    with reporting_to(shares.append):
        solve_regions(trimap, lambda box: np.zeros(box.size), boxes, margin=0)
    assert shares == [SHARE_AT_BEGINNING, 0.75, 1]
    shares.clear()
    with reporting_to(shares.append):
        solve_regions(trimap, lambda box: np.zeros(box.size), boxes, margin=0, cost=lambda box: box.left, before=48)
    assert shares == [0.5, 1, 1]


@pytest.mark.parametrize("largest", [1, 12_000, 60_000])
@pytest.mark.parametrize("seed", range(4))
def test_what_cannot_be_small_enough_is_as_small_as_can_be(seed, largest):
    """One large box instead of several that are a little too large would take all the memory there is."""
    random = np.random.default_rng(seed)
    trimap = np.zeros((480, 640), np.uint8)
    trimap[:, random.integers(100, 300) :] = 255
    for top, left in random.integers(0, 400, (5, 2)):
        trimap[top : top + 60, left : left + 90] = 128
    least = max(box.area for box in unknown_regions(trimap, margin=24, largest=largest, with_both=True, cells=(128,)))
    chosen = unknown_regions(trimap, margin=24, largest=largest, with_both=True)
    assert max(box.area for box in chosen) <= max(largest, least)
