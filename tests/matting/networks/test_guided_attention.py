"""The attention against its definition written out slowly, pixel by pixel, in float64."""

import numpy as np
import pytest
import torch

from matting.networks import guided_attention
from matting.networks.guided_attention import attend, block_size


def patch(array, y, x, *, size, before):
    """The size × size patch of the (C, H, W) `array` that starts `before` pixels above and left of (y, x), mirrored."""
    rows, columns = (
        np.pad(np.arange(length), size, mode="reflect")[size + start - before :][:size]
        for start, length in zip((y, x), array.shape[1:], strict=True)
    )
    return array[:, rows][:, :, columns]


def attend_slowly(guidance, features, unknown):
    """One picture: (G, h, w), (C, 2h, 2w), (h, w) → (C, 2h, 2w)."""
    _, height, width = guidance.shape
    places = [(y, x) for y in range(height) for x in range(width)]
    share = unknown.mean()
    with np.errstate(divide="ignore"):
        sharp = {
            True: np.clip(np.sqrt(share / (1 - share)), 0.1, 10),
            False: np.clip(np.sqrt((1 - share) / share), 0.1, 10),
        }
    looks = [patch(guidance, *place, size=3, before=1).ravel() for place in places]
    near = [bool(patch(unknown[None], *place, size=3, before=1).max()) for place in places]
    pasted = np.zeros((features.shape[0], 2 * height + 2, 2 * width + 2))
    for index, (y, x) in enumerate(places):
        scores = np.array(
            [
                sharp[near[other]] * looks[index] @ looks[other] / max(np.linalg.norm(looks[other]), 1e-4)
                for other in range(len(places))
            ]
        )
        if near[index]:
            scores[index] -= 1e4
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        for weight, other in zip(weights, places, strict=True):
            value = patch(features, 2 * other[0], 2 * other[1], size=4, before=1)
            pasted[:, 2 * y : 2 * y + 4, 2 * x : 2 * x + 4] += weight * value
    return pasted[:, 1:-1, 1:-1] / 4


def make(height, width, *, count=1, seed=0, share=0.4):
    random = np.random.default_rng(seed)
    guidance = random.standard_normal((count, 5, height, width))
    features = random.standard_normal((count, 3, 2 * height, 2 * width))
    unknown = (random.random((count, 1, height, width)) < share).astype(np.float64)
    return guidance, features, unknown


def run(arrays, dtype=torch.float32):
    with torch.inference_mode():
        return attend(*(torch.from_numpy(array).to(dtype) for array in arrays)).float().numpy()


@pytest.mark.parametrize("size", [(2, 2), (2, 5), (5, 4), (7, 6)])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("memory", [1, 5_000, 2**26])
def test_equals_the_definition_whatever_the_blocks(monkeypatch, size, share, memory):
    monkeypatch.setattr(guided_attention, "BLOCK_BYTES", memory)
    arrays = make(*size, share=share)
    expected = attend_slowly(*(array[0] for array in arrays[:2]), arrays[2][0, 0])
    assert np.abs(run(arrays)[0] - expected).max() < 1e-5


def test_a_batch_is_its_pictures(monkeypatch):
    arrays = make(6, 7, count=3)
    together = run(arrays)
    for index in range(3):
        assert np.abs(together[index] - run([array[index : index + 1] for array in arrays])[0]).max() < 1e-6


def test_views_that_are_not_contiguous_are_read_right():
    arrays = make(6, 8)
    expected = run(arrays)
    views = [np.ascontiguousarray(array.transpose(0, 3, 2, 1)).transpose(0, 3, 2, 1) for array in arrays]
    assert not views[0].flags.c_contiguous
    assert np.array_equal(run(views), expected)


def test_a_picture_of_one_colour_looks_everywhere_alike():
    guidance, features, unknown = make(4, 4)
    expected = attend_slowly(np.zeros_like(guidance[0]), features[0], unknown[0, 0])
    assert np.abs(run((np.zeros_like(guidance), features, unknown))[0] - expected).max() < 1e-5


def test_gradients_through_blocks_are_those_of_one_block(monkeypatch):
    def gradients(memory):
        monkeypatch.setattr(guided_attention, "TRAINING_BLOCK_BYTES", memory)
        guidance, features, unknown = (torch.from_numpy(array).float() for array in make(6, 5, count=2))
        inputs = guidance.requires_grad_(), features.requires_grad_()
        weight = torch.linspace(-1, 1, features.numel()).view(features.shape)
        return torch.autograd.grad((attend(*inputs, unknown) * weight).sum(), inputs)

    for whole, blocks in zip(gradients(2**30), gradients(20_000), strict=True):
        assert whole.abs().max() > 0.1
        assert (whole - blocks).abs().max() < 1e-5


def test_gradients_are_those_of_finite_differences():
    guidance, features, unknown = (torch.from_numpy(array) for array in make(3, 3))

    def total(direction):
        # In float64 but for the scores, whose float32 limits how fine the differences can be.
        return float((attend(guidance + direction, features, unknown)[:, 0] ** 2).sum())

    leaf = guidance.clone().requires_grad_()
    (gradient,) = torch.autograd.grad((attend(leaf, features, unknown)[:, 0] ** 2).sum(), leaf)
    direction = torch.from_numpy(np.random.default_rng(1).standard_normal(guidance.shape))
    step = 1e-2
    difference = (total(step * direction) - total(-step * direction)) / (2 * step)
    assert difference == pytest.approx(float((gradient * direction).sum()), rel=2e-2)


@pytest.mark.parametrize(("dtype", "most"), [(torch.bfloat16, 0.03), (torch.float16, 0.004)])
def test_low_precision_stays_near(dtype, most):
    arrays = make(8, 8)
    rounded = [torch.from_numpy(array).to(dtype).double().numpy() for array in arrays]
    expected = run(rounded)
    assert np.abs(run(rounded, dtype) - expected).max() < most * np.abs(expected).max()


@pytest.mark.parametrize(
    ("height", "width", "scores"), [(1, 1, 1), (40, 60, 100_000), (140, 244, 4_000_000), (9, 2, 1)]
)
def test_blocks_stay_within_the_budget_and_are_even(height, width, scores):
    rows, columns = block_size(height, width, scores=scores)
    assert rows * columns * height * width <= max(scores, height * width)
    assert 1 <= rows <= height
    assert 1 <= columns <= width
    last = (height - 1) % rows + 1, (width - 1) % columns + 1
    assert rows - last[0] < -(-height // rows)
    assert columns - last[1] < -(-width // columns)
