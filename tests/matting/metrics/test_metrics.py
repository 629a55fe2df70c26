import numpy as np
import pytest
from scipy import ndimage

from matting.metrics import METRICS, conn, dtssd, evaluate, grad, mad, mse, sad


def slow_grad(alpha, truth, region):
    """The published formula with its two-dimensional kernel."""

    def steepness(values):
        values = values.astype(float)
        values = (values - values.min()) / (values.max() - values.min())
        kernel = np.zeros((9, 9))
        for y, x in np.ndindex(9, 9):
            kernel[y, x] = np.exp(-((y - 4) ** 2 + (x - 4) ** 2) / (2 * 1.4**2)) * -(x - 4)
        kernel /= np.sqrt((kernel**2).sum())
        horizontal = ndimage.convolve(values, kernel, mode="nearest")
        vertical = ndimage.convolve(values, kernel.T, mode="nearest")
        return np.sqrt(horizontal**2 + vertical**2)

    return ((steepness(alpha) - steepness(truth)) ** 2)[region].sum() / 1000


def slow_conn(alpha, truth, region):
    """The published loop over levels, components found by flooding from every pixel."""

    def largest(mask):
        best, seen = set(), set()
        for x in range(mask.shape[1]):
            for y in range(mask.shape[0]):
                if not mask[y, x] or (y, x) in seen:
                    continue
                component, front = {(y, x)}, [(y, x)]
                while front:
                    row, column = front.pop()
                    for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                        inside = 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1]
                        if inside and mask[near] and near not in component:
                            component.add(near)
                            front.append(near)
                seen |= component
                if len(component) > len(best):
                    best = component
        return best

    level = np.full(alpha.shape, -1.0)
    for step in range(1, 11):
        omega = largest((alpha >= np.float32(step / 10)) & (truth >= np.float32(step / 10)))
        for pixel in np.ndindex(alpha.shape):
            if level[pixel] == -1 and pixel not in omega:
                level[pixel] = (step - 1) / 10
    level[level == -1] = 1
    total = 0.0
    for pixel in zip(*np.nonzero(region), strict=True):
        phi = [1 - d * (d >= 0.15) for d in (alpha[pixel] - level[pixel], truth[pixel] - level[pixel])]
        total += abs(phi[0] - phi[1])
    return total / 1000


def random_pairs(count):
    """8-bit blobs and their disturbed copies, with a trimap: what the reference is fed."""
    random = np.random.default_rng(0)
    for _ in range(count):
        height, width = random.integers(12, 40, 2)
        blobs = ndimage.gaussian_filter(random.random((height, width)), random.uniform(0.5, 4))
        truth = np.clip((blobs - blobs.mean()) * random.uniform(2, 30) + 0.5, 0, 1)
        alpha = np.clip(truth * random.uniform(0.6, 1.2) + random.normal(0, random.uniform(0, 0.2), truth.shape), 0, 1)
        trimap = random.choice(np.array([0, 128, 255], np.uint8), truth.shape, p=[0.2, 0.6, 0.2])
        yield *((np.rint(values * 255) / 255).astype(np.float32) for values in (alpha, truth)), trimap


def test_two_hundred_random_pairs_agree_with_the_published_formulas():
    for alpha, truth, trimap in random_pairs(200):
        unknown = trimap == 128
        difference = alpha[unknown].astype(float) - truth[unknown]
        got = evaluate(alpha, truth, trimap)
        assert tuple(got) == METRICS
        assert got["sad"] == pytest.approx(np.abs(difference).sum() / 1000, rel=1e-9)
        assert got["mse"] == pytest.approx((difference**2).sum() / unknown.sum(), rel=1e-9)
        assert got["mad"] == pytest.approx(np.abs(difference).sum() / unknown.sum(), rel=1e-9)
        assert got["grad"] == pytest.approx(slow_grad(alpha, truth, unknown), rel=1e-3)
        assert got["conn"] == pytest.approx(slow_conn(alpha, truth, unknown), rel=1e-3)


def test_without_a_trimap_every_pixel_counts():
    alpha, truth, trimap = next(random_pairs(1))
    everywhere = np.full_like(trimap, 128)
    assert evaluate(alpha, truth) == evaluate(alpha, truth, everywhere)
    assert grad(alpha, truth) == pytest.approx(slow_grad(alpha, truth, everywhere == 128), rel=1e-6)


def block(value, *, size=100):
    """A 10 × 10 square of `value` in a picture of 0."""
    alpha = np.zeros((size, size), np.float32)
    alpha[40:50, 40:50] = value
    return alpha


def test_values_known_in_closed_form():
    assert sad(block(0.25), block(1)) == pytest.approx(0.075)
    assert mse(block(0.5), block(1)) == pytest.approx(0.25 * 100 / 10_000)
    assert mad(block(0.5), block(1)) == pytest.approx(0.5 * 100 / 10_000)
    # Every level up to 0.5 is common; the truth stands out above it by 0.5, the prediction not at all.
    assert conn(block(0.5), block(1)) == pytest.approx(0.05)
    # Not counting the background as a component matters here: it is 99 times larger.
    assert conn(block(1), block(0.9)) == 0  # stands out by less than 0.15
    # An island both agree on is as disconnected in one as in the other; one that only the prediction has is an error.
    island = block(1)
    island[0:3, 0:3] = 1
    assert conn(island, island) == 0
    assert conn(island, block(1)) == pytest.approx(0.009)


def test_a_step_has_the_gradient_of_its_kernel():
    step = np.zeros((30, 30), np.float32)
    step[:, 15:] = 0.5  # stretched to 1 before the gradient is taken
    x = np.arange(-4, 5)
    smooth = np.exp(-(x**2) / (2 * 1.4**2))
    slope = x * smooth
    smooth, slope = smooth / np.sqrt((smooth**2).sum()), slope / np.sqrt((slope**2).sum())
    amplitudes = smooth.sum() * np.abs(np.cumsum(slope))
    flat = np.full((30, 30), 0.3, np.float32)
    assert grad(flat, step) == pytest.approx(30 * (amplitudes**2).sum() / 1000)


def test_nothing_unknown_means_nothing_wrong():
    known = np.zeros((100, 100), np.uint8)
    assert evaluate(block(0.2), block(1), known) == dict.fromkeys(METRICS, 0.0)


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_constant_alphas_are_defined(value):
    constant = np.full((7, 5), value, np.float32)
    assert evaluate(constant, constant) == dict.fromkeys(METRICS, 0.0)
    assert all(np.isfinite(list(evaluate(constant, 1 - constant).values())))
    assert evaluate(constant[:1, :1], constant[:1, :1]) == dict.fromkeys(METRICS, 0.0)


def test_malformed_inputs_are_refused():
    with pytest.raises(ValueError, match="100 pixels high and 100 wide"):
        sad(block(1, size=90), block(1))
    with pytest.raises(ValueError, match="100 pixels high and 100 wide"):
        conn(block(1), block(1), np.zeros((90, 100), np.uint8))
    with pytest.raises(ValueError, match="also holds 127"):
        mse(block(1), block(1), np.full((100, 100), 127, np.uint8))
    with pytest.raises(ValueError, match="ranges from"):
        grad(block(1), block(2))


def _sequence(values):
    return [np.full((4, 4), value, np.float32) for value in values]


def test_dtssd_is_the_root_mean_square_error_of_the_change():
    truth = _sequence([0.0, 0.0, 0.0])
    assert dtssd(_sequence([0.5, 0.5, 0.5]), truth) == 0  # wrong, but steady
    assert dtssd(_sequence([0.0, 0.1, 0.0]), truth) == pytest.approx(100 * 0.2 / 3)
    with pytest.raises(ValueError):
        dtssd(_sequence([0.0]), truth)
