"""Parts of the subjects and backgrounds against closed forms: sheets of metal, layers, glass before something."""

import numpy as np
import pytest

from matting.training.synthetic.backgrounds import displaced, sharp_background
from matting.training.synthetic.layers import layer, over, straight
from matting.training.synthetic.optics import partly_defocused
from matting.training.synthetic.shapes import grid
from matting.training.synthetic.subjects import KINDS, subjects
from matting.training.synthetic.subjects.glassware import drawn_vessel
from matting.training.synthetic.subjects.lattice import Lattice, chicken_wire, drawn_lattice, punched, woven
from matting.training.synthetic.subjects.mesh import toned
from matting.training.synthetic.subjects.plastic import lighting
from matting.training.synthetic.subjects.threads import from_line, hanging

PITCH = 20


def flat(size=(400, 400), pitch=PITCH):
    x, y = grid(size)
    scale = np.full(size, float(pitch))
    return Lattice(x / pitch, y / pitch, scale, scale)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_sheets_cover_their_area(share):
    covered, side = woven(flat(), share)
    assert covered.mean() == pytest.approx(1 - (1 - share) ** 2, rel=0.04) and np.abs(side).max() <= 1
    high = flat((int(20 * PITCH * 3**0.5), 400))  # whole hexagons
    covered, side = chicken_wire(high, share)
    assert covered.mean() == pytest.approx(1 - (1 - 0.8 * share) ** 2, rel=0.06) and np.abs(side).max() <= 1
    found = {round(float(punched(flat(), share, np.random.default_rng(n))[0].mean()), 2) for n in range(12)}
    rounded = 1 - np.pi / 4 * (1 - share) ** 2
    assert min(abs(value - rounded) for value in found) < 0.02  # round holes
    assert 1 - (1 - share) ** 2 - 0.02 < min(found) < max(found) < rounded + 0.02  # square ones are larger


def test_thin_wires_grow_fainter():
    thin, _ = woven(flat(pitch=4), 0.1)
    assert 0 < thin.max() < 0.6 and thin.min() == 0


def test_a_drawn_sheet_knows_its_scale():
    sheet = drawn_lattice((120, 160), 9.0, np.random.default_rng(2))
    step = np.hypot(*np.gradient(sheet.u))
    assert np.allclose(step * sheet.scale_u, 1, atol=1e-3)
    assert 2 < np.median(sheet.scale_u) < 30


def test_layers_composite():
    below = layer(np.full((2, 2, 3), (1, 0, 0)), np.full((2, 2), 0.5))
    both = over(below, np.full((2, 2, 3), (0, 1, 0)), np.full((2, 2), 0.5))
    assert both[0, 0] == pytest.approx([0.25, 0.5, 0, 0.75])
    alpha, colours = straight(both)
    assert alpha[0, 0] == 0.75 and colours[0, 0] == pytest.approx([1 / 3, 2 / 3, 0])


def test_a_lens_that_focuses_in_part_keeps_colours():
    premultiplied = layer(np.full((60, 60, 3), (0.2, 0.6, 0.9)), np.pad(np.ones((20, 20)), 20))
    alpha, colours = straight(partly_defocused(premultiplied, np.random.default_rng(1)))
    assert np.allclose(colours[alpha > 0.01], (0.2, 0.6, 0.9), atol=1e-3)
    assert alpha.sum() == pytest.approx(400, rel=0.02)


def test_glass_displaces_what_is_behind_it_and_nothing_else():
    x, _ = grid((120, 120))
    ramp = np.repeat((x / 119)[..., None], 3, 2)
    alpha = np.zeros((120, 120), np.float32)
    alpha[40:80, 40:80] = 0.3
    moved = np.abs(displaced(ramp, alpha, np.random.default_rng(0)) - ramp)
    assert moved[:20].max() < 1e-3 < 0.01 < moved[45:75, 45:75].max()
    even = np.full((120, 120, 3), 0.4, np.float32)
    assert np.allclose(displaced(even, alpha, np.random.default_rng(0)), even, atol=1e-5)


def test_sharp_backgrounds_have_contrast():
    spans = [
        np.ptp(np.quantile(sharp_background((80, 80), np.random.default_rng(n), ()), (0.03, 0.97))) for n in range(9)
    ]
    assert np.median(spans) > 0.5


def test_threads_hang_where_they_are_told():
    rng = np.random.default_rng(0)
    roots, angles = from_line(50, (200, 200), rng)
    spread = np.linalg.svd(roots - roots.mean(0), compute_uv=False)
    assert spread[1] < 1e-6 * spread[0]  # on one line
    along = (roots[1] - roots[0]) / np.linalg.norm(roots[1] - roots[0])
    assert abs(along @ (np.cos(angles[0]), np.sin(angles[0]))) < 1e-6
    made = hanging(roots, angles, np.array([(1, 0, 0), (0, 0, 1)]), 200, rng)
    assert np.allclose(made.points[:, 0], roots, atol=1e-4) and made.points.shape == (50, 18, 2)
    assert (made.colours[..., 1] == 0).all()
    grey = toned(made, np.array([0.2, 0.2, 0.2]))
    assert np.ptp(grey.colours, axis=2).max() < 1e-6 and grey.colours.mean() == pytest.approx(0.2, rel=0.05)


def test_light_on_creases():
    flat_sheet = np.zeros((5, 5))
    facing, steep = lighting(flat_sheet, flat_sheet, 0.3)
    assert np.allclose(facing, 1) and (steep == 0).all()
    slope = np.linspace(-2, 2, 25).reshape(5, 5)
    facing, steep = lighting(slope, flat_sheet, 0.0)
    assert facing.ravel()[-1] > facing.ravel()[0] and np.allclose(steep, 1 - 1 / np.sqrt(1 + slope**2))


def test_a_vessel_is_even_on_both_sides():
    vessel = drawn_vessel((160, 160), np.random.default_rng(4))
    inside = vessel.inner > 0
    assert inside.any() and np.abs(vessel.place[inside]).max() <= 1


def test_cut_outs_take_the_shape_of_a_photograph():
    photo = np.zeros((64, 64, 3), np.uint8)
    photo[:, 32:] = 255
    distance, surface = np.full((64, 64), 99.0), np.full((64, 64, 3), 0.5)
    paint = subjects([photo])["cut-out"].paint
    shares = [paint(distance, surface, np.random.default_rng(n))[..., 3] for n in range(8)]
    assert any(0.2 < share.mean() < 0.8 and share.std() > 0.3 for share in shares)


def test_shares_are_of_every_kind():
    table = subjects(())
    assert tuple(table) == KINDS and all(each.share > 0 for each in table.values())
