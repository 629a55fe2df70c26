"""A person's hand: clicks and strokes miss by as much as people do, always the same for the same seed.

Antonov et al., "RClicks: Realistic Click Simulation for Benchmarking Interactive Segmentation", NeurIPS 2024, compare
475,000 clicks of people with simple rules. People do not click in the middle of what they mean. Of the rules that need
no trained network, a draw with a probability that grows with the distance from the outline comes nearest
(github.com/emb-ai/rclicks, `experiments/eval_cm/eval_cm_all.csv`: KS 0.14 to 0.26; a uniform draw 0.10 to 0.20, their
network 0.48 to 0.55). That network predicts best if each real click is taken for a Gaussian of 5 pixels
(`ablation_cm_sigma_tetris.csv` beside it).

So clicks are drawn like that, and miss by 5 pixels of a screen that shows a picture with a long side of 800. How
strokes miss is assumed: they drift as far as a click misses, on a screen that is zoomed in as far as `N` zooms, and
the brush is up to one step of the keys `[` and `]` too small or too large.
"""

from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.strokes.stroke import Stroke
from benchmarks.robot.clicks import deepest

Mask: TypeAlias = NDArray[np.bool_]
Place: TypeAlias = tuple[int, int]
"""(x, y) in image pixels."""
MISS = 5 / 800
"""The standard deviation of a click, as a share of the long side."""
ZOOM = 3
"""The magnification at which strokes are painted."""
BRUSH_STEP = 1.25
"""The factor between two sizes of the brush."""
DRIFT = 6
"""The number of a stroke's points over which its deviation stays similar."""


class Exact:
    """A hand that never misses: clicks are in the deepest place, strokes as meant."""

    def place(self, region: Mask) -> Place:
        """(x, y) in `region` (H, W), which is not empty."""
        return deepest(region)

    def click(self, meant: Place, size: tuple[int, ...]) -> Place:  # noqa: ARG002
        """Where a click lands if it is `meant` for a place of a picture of `size` (H, W)."""
        return meant

    def stroke(self, meant: Stroke, size: tuple[int, ...]) -> Stroke:  # noqa: ARG002
        """The brush stroke or lasso that is painted when this one is `meant`."""
        return meant


class Person(Exact):
    """A hand that misses as a person's does."""

    def __init__(self, chance: np.random.Generator) -> None:
        self.chance = chance

    def place(self, region: Mask) -> Place:
        """A place drawn with a probability that grows with the distance from the outline."""
        depth = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        likely = depth[1:-1, 1:-1].ravel().astype(np.float64)
        y, x = np.unravel_index(int(self.chance.choice(likely.size, p=likely / likely.sum())), region.shape)
        return int(x), int(y)

    def click(self, meant: Place, size: tuple[int, ...]) -> Place:
        """As above, beside it and within the picture."""
        x, y = np.rint(meant + self.chance.normal(0, MISS * max(size), 2)).astype(int)
        return int(np.clip(x, 0, size[1] - 1)), int(np.clip(y, 0, size[0] - 1))

    def stroke(self, meant: Stroke, size: tuple[int, ...]) -> Stroke:
        """As above, displaced along its way, with a brush too small or too large."""
        drift = self.chance.normal(0, 1, (2, len(meant.points) + 2 * DRIFT))
        weights = np.hanning(2 * DRIFT + 3)[1:-1]
        alike = [np.convolve(axis, weights / np.linalg.norm(weights), "valid") for axis in drift]
        points = np.rint(np.array(meant.points) + MISS * max(size) / ZOOM * np.transpose(alike)).astype(int)
        radius = round(meant.radius * BRUSH_STEP ** self.chance.uniform(-1, 1)) if meant.kind == "brush" else 0
        return replace(
            meant,
            points=tuple((int(x), int(y)) for x, y in points),
            radius=max(1, radius) if meant.kind == "brush" else meant.radius,
        )
