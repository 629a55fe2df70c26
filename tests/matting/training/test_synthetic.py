"""Synthetic pictures: exact, seeded, of every kind; and the trimaps drawn around them."""

import numpy as np
import pytest

from matting.arrays import check_alpha, check_colours, check_trimap
from matting.training.augment import jpeg, noisy, photographed
from matting.training.crops import is_telling
from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.synthetic import KINDS, installed_photographs, synthesise
from matting.training.synthetic.layers import straight
from matting.training.synthetic.optics import blurred, disc, streak
from matting.training.synthetic.raster import Strands, paint
from matting.training.synthetic.shapes import box, coverage, ellipse, grid
from matting.training.trimaps import NARROW, WIDE, random_trimap
from matting.trimap import distance_to


def one_strand(points, radius, opacity=1.0, colour=(1, 0.5, 0.25)):
    joints = len(points)
    return Strands(
        np.array([points], np.float32),
        np.full((1, joints), radius, np.float32),
        np.tile(np.array(colour, np.float32), (1, joints, 1)),
        np.array([opacity], np.float32),
        np.zeros(1, np.float32),
    )


@pytest.mark.parametrize("radius", [0.2, 0.5, 1.3, 4])
def test_strand_covers_its_area(radius):
    """The sum of alpha is the area of a stadium: 2rL + πr²; joints along it do not add up."""
    canvas = np.zeros((64, 96, 4), np.float32)
    points = [(20.3 + 11 * t, 15.7 + 5.5 * t) for t in range(5)]
    paint(canvas, one_strand(points, radius))
    length = np.hypot(44, 22)
    assert canvas[..., 3].sum() == pytest.approx(2 * radius * length + np.pi * radius**2, rel=0.04)
    assert canvas[..., 3].max() <= 1


def test_strand_against_supersampling():
    canvas = np.zeros((24, 24, 4), np.float32)
    paint(canvas, one_strand([(5.2, 6.1), (17.4, 16.8)], 2.5))
    fine = (np.arange(24 * 16) + 0.5) / 16 - 0.5
    x, y = np.meshgrid(fine, fine)
    a, b = np.array([5.2, 6.1]), np.array([17.4, 16.8])
    t = np.clip(((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / ((b - a) ** 2).sum(), 0, 1)
    inside = np.hypot(x - a[0] - t * (b - a)[0], y - a[1] - t * (b - a)[1]) <= 2.5
    wanted = inside.reshape(24, 16, 24, 16).mean((1, 3))
    assert np.abs(canvas[..., 3] - wanted).max() < 0.1 and np.abs(canvas[..., 3] - wanted).mean() < 0.004


def test_strands_composite_in_order():
    canvas = np.zeros((9, 9, 4), np.float32)
    paint(canvas, one_strand([(0, 4), (8, 4)], 2, opacity=0.5, colour=(1, 0, 0)))
    paint(canvas, one_strand([(4, 0), (4, 8)], 2, opacity=0.5, colour=(0, 1, 0)))
    assert canvas[4, 4] == pytest.approx([0.25, 0.5, 0, 0.75])
    alpha, colours = straight(canvas)
    assert alpha[4, 4] == 0.75 and colours[4, 4] == pytest.approx([1 / 3, 2 / 3, 0])


def test_shapes_cover_their_area():
    x, y = grid((80, 100))
    centre, radii = np.array([50.2, 40.4]), np.array([30.0, 18.0])
    assert coverage(ellipse(x, y, centre, radii, 0.4)).sum() == pytest.approx(np.pi * 30 * 18, rel=0.01)
    corners = (4 - np.pi) * (0.15 * 18) ** 2
    assert coverage(box(x, y, centre, radii, 0.4)).sum() == pytest.approx(4 * 30 * 18 - corners, rel=0.01)


@pytest.mark.parametrize("kernel", [disc(0.4), disc(6.3), streak(11, 0.7)])
def test_lens_moves_light_and_makes_none(kernel):
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    dot = np.zeros((41, 41, 4), np.float32)
    dot[20, 20] = (0.5, 0.25, 0.1, 1)
    spread = blurred(dot, kernel)
    assert spread.sum((0, 1)) == pytest.approx([0.5, 0.25, 0.1, 1], rel=1e-4)
    assert np.allclose(straight(spread)[1][spread[..., 3] > 0.01], (0.5, 0.25, 0.1), atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_sound_and_seeded(kind):
    photos = installed_photographs()
    shares = []
    for seed in range(4):
        scene = synthesise(seed, (96, 128), photographs=photos, kind=kind)
        check_alpha(scene.alpha, (96, 128))
        check_colours(scene.foreground, (96, 128))
        check_colours(scene.background, (96, 128))
        again = synthesise(seed, (96, 128), photographs=photos, kind=kind)
        assert np.array_equal(scene.alpha, again.alpha) and np.array_equal(scene.foreground, again.foreground)
        assert np.array_equal(scene.background, again.background)
        shares.append(np.mean((scene.alpha > 0.02) & (scene.alpha < 0.98)))
    assert max(shares) > 0.002  # there is something to matte
    assert not np.array_equal(scene.alpha, synthesise(9, (96, 128), photographs=photos, kind=kind).alpha)


def test_trimaps_hold_every_fractional_pixel():
    widths = {NARROW: [], WIDE: []}
    for seed in range(12):
        alpha = synthesise(seed, (160, 160)).alpha
        for reach, found in widths.items():
            trimap = check_trimap(random_trimap(alpha, np.random.default_rng(seed), reach))
            fractional = (alpha > 1 / 255) & (alpha < 254 / 255)
            assert (trimap[fractional] == 128).all()
            assert (alpha[trimap == 255] >= 254 / 255).all() and (alpha[trimap == 0] <= 1 / 255).all()
            found.append(np.mean(trimap == 128))
    assert np.mean(widths[WIDE]) > 1.3 * np.mean(widths[NARROW])
    edge = np.zeros((60, 60), np.float32)
    edge[:, 30:] = 1  # a cut without any fractional pixel still gets its band
    reaches = distance_to(random_trimap(edge, np.random.default_rng(1), (5, 6)) != 128)
    assert reaches.max() > 5


def test_crops_can_be_solved_and_are_numbered():
    crops = SyntheticCrops((), size=128, seed=1)
    made = [crops(index) for index in range(8)]
    assert sum(map(is_telling, made)) >= 7
    assert np.array_equal(made[3].image, crops(3).image) and not np.array_equal(made[3].image, made[4].image)


def test_camera_faults_are_faithful():
    rng = np.random.default_rng(0)
    flat = np.full((200, 200, 3), 0.5, np.float32)
    noise = noisy(flat, np.random.default_rng(3))
    assert noise.mean() == pytest.approx(0.5, abs=2e-3) and noise.std() > 0
    picture = (np.indices((64, 64)).sum(0)[..., None] * np.array([1, 2, 0]) % 256).astype(np.uint8)
    picture[..., 2] = 200  # a swap of channels would show
    assert np.abs(jpeg(picture, 95).astype(int).mean((0, 1)) - picture.mean((0, 1))).max() < 3
    assert photographed(flat, rng).dtype == np.uint8
