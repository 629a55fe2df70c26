"""Variations of a cached crop: another part of it, larger or smaller, turned, mirrored, in other light.

The solvers' guess is changed in the same way, and is still about what they would give: turning makes no difference to
them, a linear change of colours passes through compositing, and a third more or less in size matters little.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import UNKNOWN, Trimap, to_float, to_uint8
from matting.resize import resize
from matting.training.crops import Crop, Floats

ZOOM = 4 / 3
"""The most by which a part is enlarged or shrunk."""
GREY = np.full((3, 3), 1 / 3)
"""Turns colours grey."""
AXIS = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]) / np.sqrt(3)
"""The cross product with the grey axis."""


def varied(crop: Crop, rng: np.random.Generator, size: int) -> Crop:
    """A random part of the square `crop`, as a crop of `size` pixels, in other light."""
    part, light = Part.drawn(rng, crop.trimap, size), drawn_light(rng)

    def lit(colours: Floats) -> Floats:
        changed: Floats = np.clip(part.of(colours) @ light, 0, 1).astype(np.float32)
        return changed

    guess = None
    if crop.guess is not None:
        planes = crop.guess.transpose(1, 2, 0)
        planes = np.dstack([part.of(planes[..., :-6]), lit(planes[..., -6:-3]), lit(planes[..., -3:])])
        guess = planes.transpose(2, 0, 1)
    return replace(
        crop,
        image=to_uint8(lit(to_float(crop.image))),
        trimap=part.of(crop.trimap, smooth=False),
        alpha=part.of(crop.alpha),
        foreground=lit(crop.foreground),
        background=lit(crop.background),
        guess=guess,
    )


@dataclass(frozen=True)
class Part:
    """A square of `span` pixels, resized to `size`, turned by quarters and mirrored."""

    top: int
    left: int
    span: int
    size: int
    quarters: int
    is_mirrored: bool

    @classmethod
    def drawn(cls, rng: np.random.Generator, trimap: Trimap, size: int) -> "Part":
        """A random part of the square `trimap`, with unknown pixels in it if there are any; half of them upright."""
        side = trimap.shape[0]
        span = min(side, round(size * ZOOM ** rng.uniform(-1, 1)))
        places = np.flatnonzero(trimap == UNKNOWN)
        place = rng.choice(places) if places.size else rng.integers(trimap.size)
        top, left = (int(np.clip(at - rng.integers(span), 0, side - span)) for at in divmod(int(place), side))
        quarters = int(rng.integers(4)) if rng.random() < 2 / 3 else 0
        return cls(top, left, span, size, quarters, rng.random() < 0.5)

    def of(self, plane: NDArray[Any], *, smooth: bool = True) -> NDArray[Any]:
        """The part of an array (H, W) or (H, W, C)."""
        plane = np.rot90(plane[self.top : self.top + self.span, self.left : self.left + self.span], self.quarters)
        plane = np.ascontiguousarray(plane[:, ::-1] if self.is_mirrored else plane)
        return resize(plane, (self.size, self.size), smooth=smooth)


def drawn_light(rng: np.random.Generator) -> NDArray[np.float64]:
    """(3, 3), drawn at random: colours @ it have another brightness, saturation and hue; grey stays nearly grey."""
    saturation = rng.uniform(0.5, 1.3)
    angle = rng.uniform(-np.pi, np.pi) if rng.random() < 0.5 else rng.normal(0, 0.15)
    return light(saturation, angle, np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.08, 3)))


def light(saturation: float, angle: float, gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, 3): colours @ it have another saturation, are turned by `angle` about the grey axis, and scaled by `gain`."""
    turn = np.eye(3) + np.sin(angle) * AXIS + (1 - np.cos(angle)) * AXIS @ AXIS
    changed: NDArray[np.float64] = (saturation * np.eye(3) + (1 - saturation) * GREY) @ turn * gain
    return changed
