"""The matting Laplacian of the pixels that are free to change, as sparse equations in single precision.

Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", TPAMI 2008, equation 12. Only those
windows of 3 × 3 pixels are visited that hold a free pixel. Each pixel's 25 coefficients are written straight to their
place, so it takes 200 bytes per free pixel, and nothing is sorted.
"""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matting.arrays import Alpha, Image

EPSILON = 1e-6
"""Variance of colours in [0, 1] below which a window has no say; as good as the usual 1e-7, see
benchmarks/engine/settling.py.
"""
AROUND = 25
"""The number of pixels that share a window with a pixel: 5 × 5, with the pixel itself in the middle."""

Singles: TypeAlias = NDArray[np.float32]


def equations(image: Image, alpha: Alpha, is_free: NDArray[np.bool_], weights: Singles) -> tuple[Any, Singles]:
    """(A, b) of A x = b for the N pixels of `image` (H, W, 3) where `is_free` (H, W), row by row.

    x is smooth in the Laplacian's sense and joins the fixed pixels' `alpha` (H, W); at the free pixels, `weights` (N,)
    hold it to their `alpha`. A is a sparse (N, N) array.
    """
    places = np.flatnonzero(is_free)
    numbers = np.full(is_free.shape, -1, np.int32)
    numbers.ravel()[places] = np.arange(len(places), dtype=np.int32)
    values = np.zeros((len(places), AROUND), np.float32)
    has_free = cv2.dilate(is_free.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    _add_windows(np.ascontiguousarray(image), numbers, has_free, EPSILON / 9 * 255**2, values)
    columns = np.empty(values.shape, np.int32)
    right = weights * alpha[is_free]
    _take_out_fixed(numbers, places, alpha, values, columns, right)
    values[:, AROUND // 2] += weights
    starts = np.arange(0, values.size + 1, AROUND)
    return csr_array((values.ravel(), columns.ravel(), starts), shape=(len(places), len(places))), right


@njit(cache=True, nogil=True, fastmath=True)
def _add_windows(image, numbers, has_free, epsilon, values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add to each free pixel's row of `values` the terms of the windows around it."""
    apart, drawn = np.empty((9, 3)), np.empty((9, 3))
    for top in range(numbers.shape[0] - 2):
        for left in range(numbers.shape[1] - 2):
            if not has_free[top + 1, left + 1]:
                continue
            _fit(image, top, left, epsilon, apart, drawn)
            for i in range(9):
                number = numbers[top + i // 3, left + i % 3]
                if number < 0:
                    continue
                values[number, 12] += 1
                corner = 12 - 5 * (i // 3) - i % 3
                for j in range(9):
                    alike = drawn[i, 0] * apart[j, 0] + drawn[i, 1] * apart[j, 1] + drawn[i, 2] * apart[j, 2]
                    values[number, corner + 5 * (j // 3) + j % 3] -= np.float32(1 / 9 + alike)


@njit(cache=True, nogil=True, fastmath=True)
def _fit(image, top, left, epsilon, apart, drawn):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Fill `apart` (9, 3) with a window's colours minus their mean, `drawn` with these times (9 · covariance)⁻¹."""
    red = green = blue = 0.0
    for i in range(9):
        for channel in range(3):
            apart[i, channel] = image[top + i // 3, left + i % 3, channel]
        red += apart[i, 0]
        green += apart[i, 1]
        blue += apart[i, 2]
    rr = gg = bb = 9 * epsilon
    rg = rb = gb = 0.0
    for i in range(9):
        apart[i, 0] -= red / 9
        apart[i, 1] -= green / 9
        apart[i, 2] -= blue / 9
        r, g, b = apart[i]
        rr, rg, rb = rr + r * r, rg + r * g, rb + r * b
        gg, gb, bb = gg + g * g, gb + g * b, bb + b * b
    first, second, third = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    scale = 1 / (rr * first + rg * second + rb * third)
    middle, beside, last = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    for i in range(9):
        r, g, b = scale * apart[i, 0], scale * apart[i, 1], scale * apart[i, 2]
        drawn[i, 0] = first * r + second * g + third * b
        drawn[i, 1] = second * r + middle * g + beside * b
        drawn[i, 2] = third * r + beside * g + last * b


@njit(cache=True, nogil=True)
def _take_out_fixed(numbers, places, alpha, values, columns, right):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Fill `columns`, and move the terms of fixed pixels from `values` to the `right` side."""
    height, width = numbers.shape
    for number in range(len(places)):
        top, left = places[number] // width - 2, places[number] % width - 2
        for k in range(25):
            y, x = top + k // 5, left + k % 5
            columns[number, k] = number
            if 0 <= y < height and 0 <= x < width:
                if numbers[y, x] >= 0:
                    columns[number, k] = numbers[y, x]
                else:
                    right[number] -= values[number, k] * alpha[y, x]
                    values[number, k] = 0
