"""MODNet's losses against closed forms and slow references."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.nn import functional as F

from matting.training.modnet import losses


def pictures(seed=0, size=(2, 1, 64, 96)):
    generator = torch.Generator().manual_seed(seed)
    alpha, truth, detail = (torch.rand(size, generator=generator) for _ in range(3))
    boundary = (torch.rand(size, generator=generator) > 0.5).float()
    foreground, background = torch.rand((2, size[0], 3, *size[2:]), generator=generator)
    semantics = torch.rand((size[0], 1, size[2] // 16, size[3] // 16), generator=generator)
    return alpha, truth, detail, boundary, {"foreground": foreground, "background": background}, semantics


def slowly_coarse(alpha):
    """As the published code: the mean of the four pixels about each cell's centre, under SciPy's Gaussian."""
    height, width = (side // 16 for side in alpha.shape)
    small = np.array([[alpha[16 * y + 7 : 16 * y + 9, 16 * x + 7 : 16 * x + 9].mean() for x in range(width)]
                      for y in range(height)])  # fmt: skip
    spike = np.zeros((3, 3))
    spike[1, 1] = 1
    return ndimage.correlate(small, ndimage.gaussian_filter(spike, 0.8), mode="mirror")


def test_coarse_is_the_published_target():
    alpha = pictures()[0]
    for got, picture in zip(losses.coarse(alpha), alpha, strict=True):
        assert np.abs(got[0].numpy() - slowly_coarse(picture[0].numpy().astype(np.float64))).max() < 1e-3


def test_semantics_err_by_the_mean_square():
    _, truth, _, _, _, semantics = pictures()
    wanted = np.mean([(s[0].numpy() - slowly_coarse(t[0].numpy())) ** 2 for s, t in zip(semantics, truth, strict=True)])
    assert losses.semantic_loss(semantics, truth).item() == pytest.approx(wanted, abs=1e-3)
    flat = torch.full_like(truth, 0.25)
    assert losses.semantic_loss(losses.coarse(flat), flat).item() == 0
    assert losses.semantic_loss(losses.coarse(flat) + 0.5, flat).item() == pytest.approx(0.25)


def test_detail_counts_on_the_boundary_only():
    _, truth, detail, boundary, _, _ = pictures()
    wanted = np.mean((detail - truth).abs().numpy() * (boundary.numpy() == 1))
    assert losses.detail_loss(detail, truth, boundary).item() == pytest.approx(wanted, rel=1e-5)
    elsewhere = torch.where(boundary == 1, truth, detail)
    assert losses.detail_loss(elsewhere, truth, boundary).item() == 0


def test_alpha_is_right_in_itself_and_composed():
    alpha, truth, _, boundary, colours, _ = pictures()
    a, t, b, f, g = (x.numpy().astype(np.float64) for x in (alpha, truth, boundary, *colours.values()))
    composed = np.abs((a * f + (1 - a) * g) - (t * f + (1 - t) * g))
    published = np.abs(a - t).mean() + 4 * np.abs(np.where(b == 1, a, t) - t).mean()
    published += composed.mean() + 4 * (composed * b).mean()
    assert losses.alpha_loss(alpha, truth, boundary, **colours).item() == pytest.approx(published, rel=1e-5)
    assert losses.alpha_loss(truth, truth, boundary, **colours).item() == 0


def test_semantics_and_alpha_learn_from_each_other():
    alpha, _, _, _, _, semantics = pictures()
    alpha.requires_grad_()
    semantics = semantics.clamp_min(0.02).requires_grad_()
    loss = losses.consistency_loss(semantics, alpha)
    distance = semantics - losses.coarse(alpha)
    assert loss.item() == pytest.approx(2 * (distance**2).mean().item(), rel=1e-5)
    loss.backward()
    assert torch.allclose(semantics.grad, 2 * distance / distance.numel(), atol=1e-7)
    assert (alpha.grad != 0).any()
    faint = torch.full((1, 1, 4, 4), 0.005, requires_grad=True)  # what is almost none is to be none
    losses.consistency_loss(faint, torch.full((1, 1, 64, 64), 0.005)).backward()
    assert torch.allclose(faint.grad, torch.full_like(faint, 2 * 0.005 / 16))


def test_only_a_drift_on_the_boundary_counts():
    alpha, before, detail, boundary, _, _ = pictures()
    boundary[0] = 0
    boundary[0, :, :5, :5] = 1  # few pixels, which count as much as the many of the other picture
    drift = ((detail - before).abs() + (alpha - before).abs()).numpy()
    wanted = np.mean([drift[n][boundary[n].numpy() == 1].mean() for n in range(2)])
    assert losses.steadiness_loss(detail, alpha, before, before, boundary).item() == pytest.approx(wanted, rel=1e-5)
    assert losses.steadiness_loss(before, before, before, before, boundary).item() == 0


def test_the_boundary_is_where_the_subject_ends():
    y, x = np.mgrid[:128, :160]
    disc = (np.hypot(x - 80, y - 64) < 40).astype(np.float32)
    alpha = torch.from_numpy(disc)[None, None]
    got = losses.boundary_of(alpha, F.avg_pool2d(alpha, 16))[0, 0].numpy()
    size = 2 * (int(144 * 0.05) // 2) + 1
    wanted = ndimage.grey_dilation(disc, size) != ndimage.grey_erosion(disc, size)
    assert wanted.any() and np.array_equal(got[:, 8:-8] == 1, wanted[:, 8:-8])
    assert not losses.boundary_of(alpha, torch.zeros(1, 1, 8, 10)).any()  # by semantics there is no subject


def test_a_batch_is_the_mean_of_its_parts():
    alpha, truth, detail, boundary, colours, semantics = pictures()

    def every(n):
        part = slice(n, n + 1) if n is not None else slice(None)
        a, t, d, b, s = (x[part] for x in (alpha, truth, detail, boundary, semantics))
        shown = {name: colour[part] for name, colour in colours.items()}
        return torch.stack([
            losses.semantic_loss(s, t), losses.detail_loss(d, t, b), losses.alpha_loss(a, t, b, **shown),
            losses.consistency_loss(s, a), losses.steadiness_loss(d, a, t, t, b),
        ])  # fmt: skip

    assert torch.allclose(every(None), (every(0) + every(1)) / 2, rtol=1e-5)
