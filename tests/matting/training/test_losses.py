"""Losses against closed forms and slow references."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from matting.training import losses


def pictures(seed=0, size=(2, 1, 16, 24)):
    generator = torch.Generator().manual_seed(seed)
    truth, alpha = torch.rand(size, generator=generator), torch.rand(size, generator=generator)
    region = (torch.rand(size, generator=generator) > 0.5).float()
    colours = torch.rand((2, 2, 3, *size[2:]), generator=generator)
    return alpha, truth, region, {"foreground": colours[0], "background": colours[1]}


ALL = {
    "l1": lambda a, t, r, c: losses.l1_loss(a, t, r),
    "square": lambda a, t, r, c: losses.square_loss(a, t, r),
    "coarse": lambda a, t, r, c: losses.coarse_loss([F.avg_pool2d(a, 4), F.avg_pool2d(a, 8)], t, r),
    "alpha": lambda a, t, r, c: losses.alpha_loss(a, t, r),
    "composition": lambda a, t, r, c: losses.composition_loss(a, t, r, **c),
    "dim": lambda a, t, r, c: losses.deep_image_matting_loss(a, t, r, **c),
    "gradient": lambda a, t, r, c: losses.gradient_loss(a, t, r),
    "laplacian": lambda a, t, r, c: losses.laplacian_loss(a, t, r),
}


@pytest.mark.parametrize("name", ALL)
def test_zero_at_equality_and_only_there(name):
    alpha, truth, region, colours = pictures()
    assert ALL[name](truth, truth, region, colours).item() == pytest.approx(0, abs=1e-9)
    assert ALL[name](alpha, truth, region, colours).item() > 0.01


@pytest.mark.parametrize("name", ALL)
def test_batch_is_the_mean_of_its_parts(name):
    alpha, truth, region, colours = pictures()
    region[0, :, :, :20] = 0  # unequal regions: a sum over the whole batch would weigh the parts differently
    parts = [
        ALL[name](alpha[i : i + 1], truth[i : i + 1], region[i : i + 1], {k: v[i : i + 1] for k, v in colours.items()})
        for i in range(2)
    ]
    assert ALL[name](alpha, truth, region, colours).item() == pytest.approx(sum(p.item() for p in parts) / 2, rel=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_gradient_is_finite_at_equality_and_right_elsewhere(name):
    alpha, truth, region, colours = pictures()
    same = truth.clone().requires_grad_()
    ALL[name](same, truth, region, colours).backward()
    assert torch.isfinite(same.grad).all()
    double = [x.double() for x in (alpha, truth, region)]
    double[0].requires_grad_()
    colours = {key: value.double() for key, value in colours.items()}
    assert torch.autograd.gradcheck(
        lambda a: ALL[name](a, double[1], double[2], colours), double[0], eps=1e-7, atol=1e-4
    )


def test_l1_and_alpha_closed_form():
    truth = torch.zeros(1, 1, 4, 4)
    region = torch.zeros(1, 1, 4, 4)
    region[..., :2] = 1
    alpha = torch.full_like(truth, 0.25)
    alpha[..., 2:] = 1  # outside the region: must not count
    assert losses.l1_loss(alpha, truth, region).item() == pytest.approx(0.25)
    small = truth + 1e-6
    assert losses.alpha_loss(small, truth, region).item() == pytest.approx((np.sqrt(2) - 1) * 1e-6, rel=1e-2)


def test_empty_region_counts_nothing():
    alpha, truth, region, colours = pictures()
    for loss in ALL.values():
        assert loss(alpha, truth, region * 0, colours).item() == 0


def test_composition_is_the_distance_of_the_composites():
    alpha, truth, region, colours = pictures()
    fore, back = colours["foreground"], colours["background"]
    difference = (alpha * fore + (1 - alpha) * back) - (truth * fore + (1 - truth) * back)
    smooth = (difference.double() ** 2 + 1e-12).sqrt()
    wanted = ((smooth * region).sum((1, 2, 3)) / (3 * region.sum((1, 2, 3)))).mean()
    assert losses.composition_loss(alpha, truth, region, **colours).item() == pytest.approx(wanted.item(), rel=1e-4)


def test_gradient_of_a_ramp():
    ramp = torch.linspace(0, 1, 11).expand(1, 1, 5, 11)
    whole = torch.ones_like(ramp)
    assert losses.gradient_loss(ramp, torch.zeros_like(ramp), whole).item() == pytest.approx(0.1 * 10 / 11, rel=1e-5)


def test_laplacian_weighs_levels_and_forgives_none():
    truth = torch.zeros(1, 1, 32, 32)
    whole = torch.ones_like(truth)
    board = (torch.arange(32)[:, None] + torch.arange(32)) % 2 * 1.0
    # A checkerboard is ±1/2 about a flat 1/2, so all of it lies in the first level.
    assert losses.laplacian_loss(board[None, None], truth, whole).item() == pytest.approx(0.5)
    broad = F.interpolate(board[None, None, :8, :8], scale_factor=4)
    fine_only = losses.laplacian_loss(broad, truth, whole, levels=1).item()
    assert losses.laplacian_loss(broad, truth, whole, levels=3).item() > 2 * fine_only
