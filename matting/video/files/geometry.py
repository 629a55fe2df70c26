"""How a stored frame is displayed: with square pixels, then turned and mirrored as its file says."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from av.sidedata.sidedata import Type

from matting.arrays import Stored

MAX_PIXEL_ASPECT = 8
"""The longest pixel that a file may claim, as length by width; real ones stay below two."""


@dataclass(frozen=True)
class Turn:
    """What a display matrix does to a picture: first rows become columns, then the order of either is reversed."""

    is_transposed: bool = False
    reverses_rows: bool = False
    reverses_columns: bool = False

    def applied(self, stored: Stored) -> Stored:
        """`stored` (H, W, …) as it is displayed."""
        turned = stored.swapaxes(0, 1) if self.is_transposed else stored
        step = {False: 1, True: -1}
        upright = turned[:: step[self.reverses_rows], :: step[self.reverses_columns]]
        return cast(Stored, np.ascontiguousarray(upright))


def turn_of(frame: Any) -> Turn:
    """The quarter turns and mirroring nearest to the display matrix of `frame`; no turn if it has none."""
    for side in frame.side_data:
        if side.type == Type.DISPLAYMATRIX:
            (xx, xy, _), (yx, yy, _) = np.frombuffer(bytes(side)[:24], np.int32).reshape(2, 3).tolist()
            if abs(xy) + abs(yx) > abs(xx) + abs(yy):
                return Turn(is_transposed=True, reverses_rows=xy < 0, reverses_columns=yx < 0)
            return Turn(reverses_rows=yy < 0, reverses_columns=xx < 0)
    return Turn()


def in_square_pixels(width: int, height: int, ratio: Fraction | None) -> tuple[int, int]:
    """(width, height) in square pixels of a stored frame whose pixels are `ratio` times as wide as high.

    One side is enlarged, none is shrunk. A `ratio` that no camera has is ignored.
    """
    if not ratio or not Fraction(1, MAX_PIXEL_ASPECT) <= ratio <= MAX_PIXEL_ASPECT:
        return width, height
    return round(width * max(ratio, Fraction(1))), round(height / min(ratio, Fraction(1)))
