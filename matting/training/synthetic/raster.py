"""Painting strands exactly: anti-aliased, tapered ribbons, composited over a premultiplied float canvas.

This one primitive draws everything that is longer than wide: hair and fur, but also leaves, petals, wires, the barbs of
feathers and the threads of a net. They differ only in the profile of their radius.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
"""Floating-point arrays; functions return float32 and also accept wider types."""


@dataclass(frozen=True)
class Strands:
    """S ribbons of P joints each, in painting order: the last lies on top."""

    points: Floats
    """(S, P, 2) x, y in pixels; pixel centres are at whole numbers."""
    radii: Floats
    """(S, P) half widths in pixels. Below half a pixel, the strand becomes fainter instead of thinner."""
    colours: Floats
    """(S, P, 3) straight RGB in [0, 1]."""
    opacity: Floats
    """(S,) in [0, 1]."""
    shade: Floats
    """(S,) in [-1, 1]: how much brighter one side is than the other, as on a lit cylinder."""


def paint(canvas: Floats, strands: Strands) -> None:
    """Composite `strands` in place over `canvas` (H, W, 4), premultiplied RGBA float32."""
    height, width = canvas.shape[:2]
    coverage = np.zeros((height, width), np.float32)
    colour = np.zeros((height, width, 3), np.float32)
    touched = np.zeros(height * width, np.int32)
    fields = (strands.points, strands.radii, strands.colours, strands.opacity, strands.shade)
    _paint(canvas, *(np.ascontiguousarray(field, np.float32) for field in fields), coverage, colour, touched)  # type: ignore[call-arg]


@njit(cache=True, nogil=True)
def _paint(canvas, points, radii, colours, opacity, shade, coverage, colour, touched):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    width = canvas.shape[1]
    for strand in range(points.shape[0]):
        count = 0
        for joint in range(points.shape[1] - 1):
            count = _cover(
                points[strand, joint : joint + 2],
                radii[strand, joint : joint + 2],
                colours[strand, joint : joint + 2],
                shade[strand],
                coverage,
                colour,
                touched,
                count,
            )
        for index in range(count):
            y, x = touched[index] // width, touched[index] % width
            share = coverage[y, x] * opacity[strand]
            for channel in range(3):
                canvas[y, x, channel] = canvas[y, x, channel] * (1 - share) + colour[y, x, channel] * share
            canvas[y, x, 3] = canvas[y, x, 3] * (1 - share) + share
            coverage[y, x] = 0


@njit(cache=True, nogil=True)
def _cover(ends, radii, colours, shade, coverage, colour, touched, count):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add one segment to the strand's own coverage, in which joints do not count twice."""
    height, width = coverage.shape
    reach = max(radii[0], radii[1]) + 1
    left = max(0, int(np.floor(min(ends[0, 0], ends[1, 0]) - reach)))
    right = min(width - 1, int(np.ceil(max(ends[0, 0], ends[1, 0]) + reach)))
    top = max(0, int(np.floor(min(ends[0, 1], ends[1, 1]) - reach)))
    bottom = min(height - 1, int(np.ceil(max(ends[0, 1], ends[1, 1]) + reach)))
    dx, dy = ends[1, 0] - ends[0, 0], ends[1, 1] - ends[0, 1]
    squared = max(dx * dx + dy * dy, np.float32(1e-6))
    length = np.sqrt(squared)
    for y in range(top, bottom + 1):
        for x in range(left, right + 1):
            px, py = x - ends[0, 0], y - ends[0, 1]
            along = min(max((px * dx + py * dy) / squared, np.float32(0)), np.float32(1))
            distance = np.hypot(px - along * dx, py - along * dy)
            radius = radii[0] + along * (radii[1] - radii[0])
            share = min(max(radius - distance + np.float32(0.5), np.float32(0)), min(1, 2 * radius))
            if share <= coverage[y, x]:
                continue
            if coverage[y, x] == 0:
                touched[count] = y * width + x
                count += 1
            coverage[y, x] = share
            side = (px * dy - py * dx) / (length * max(radius, np.float32(0.5)))
            light = 1 + shade * min(max(side, np.float32(-1)), np.float32(1))
            for channel in range(3):
                value = (colours[0, channel] * (1 - along) + colours[1, channel] * along) * light
                colour[y, x, channel] = min(max(value, np.float32(0)), np.float32(1))
    return count
