"""Where the alpha is most likely wrong, so that a stroke there removes most error.

The error of a pixel is predicted as α(1 − α) + |α − α′|. The first part is what the solver itself leaves open. α′ is a
second opinion: the same solver on the mirrored picture, with a wider unknown band, so that what the trimap calls sure
near the band is judged, too. It is computed small, at most `MAP_SIDE` pixels. What a person has painted is settled.
[How it was chosen](docs/log/editor.md#where-to-stroke-next).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.strokes.raster import replay
from annotation.strokes.stroke import Stroke
from matting.arrays import UNKNOWN, Alpha, Image, Trimap, to_uint8
from matting.models.base import missing
from matting.resize import resize, within
from matting.trimap import distance_to, shrink_trimap

Solve: TypeAlias = Callable[[Image, Trimap], Alpha]

MAP_SIDE = 512
"""The long side of the map, in pixels."""
DOUBTED = 0.04
"""The distance from the unknown band up to which sure pixels are doubted, as a share of the long side."""
PLACE_REACH = 0.012
"""The reach of a place, as a share of the long side: a stroke there settles about this much."""
LEAST_ERROR = 0.005
"""The predicted error from which a place is worth a look."""
MOST_PLACES = 12


@dataclass(frozen=True)
class Unsure:
    """`map` (h, w) uint8, smaller than the picture; `places` (x, y) in image pixels, the most helpful one first."""

    map: NDArray[np.uint8]
    places: list[tuple[int, int]]


def find_unsure(image: Image, alpha: Alpha, trimap: Trimap, solve: Solve, strokes: Sequence[Stroke] = ()) -> Unsure:
    """Where the `alpha` (H, W) of `trimap` is likely wrong, in places the size of a stroke; `strokes` are settled."""
    return places_of(predicted_error(image, alpha, trimap, solve, strokes), trimap.shape)


def predicted_error(
    image: Image, alpha: Alpha, trimap: Trimap, solve: Solve, strokes: Sequence[Stroke] = ()
) -> NDArray[np.float32]:
    """(h, w): the error to expect of `alpha`, on a long side of at most `MAP_SIDE` pixels."""
    size = within((trimap.shape[0], trimap.shape[1]), MAP_SIDE)
    sure = resize(settled(strokes, trimap.shape).astype(np.float32), size) > 0.5
    seen, left_open = resize(alpha, size), resize((alpha * (1 - alpha)).astype(np.float32), size)
    other = second_opinion(resize(image, size), shrink_trimap(trimap, size), sure, solve)
    disagreement = 0 if other is None else np.abs(seen - other)
    error: NDArray[np.float32] = np.where(sure, 0, left_open + disagreement).astype(np.float32)
    return error


def second_opinion(image: Image, trimap: Trimap, sure: NDArray[np.bool_], solve: Solve) -> Alpha | None:
    """The alpha by `solve` of the mirrored picture, with a wider unknown band except in what is `sure`.

    The band stays as it is where widening leaves nothing known; None if nothing is known or unknown.
    """
    for asked in (doubting(trimap, sure), trimap):
        if (asked == UNKNOWN).any() and not missing(asked):
            return mirrored(solve(mirrored(image), mirrored(asked)))
    return None


def settled(strokes: Sequence[Stroke], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W): where a person has painted sure foreground or background, or the alpha itself."""
    painted = [replace(each, label="foreground", does="", value=0) if each.does else each for each in strokes]
    drawn = [each for each in painted if each.kind not in ("start", "island")]
    by_hand: NDArray[np.bool_] = replay(np.full(size, UNKNOWN, np.uint8), drawn) != UNKNOWN
    return by_hand


def doubting(trimap: Trimap, sure: NDArray[np.bool_]) -> Trimap:
    """`trimap` with a wider unknown band, except in what is `sure`."""
    near = distance_to(trimap == UNKNOWN) <= DOUBTED * max(trimap.shape)
    return np.where(near & ~sure, UNKNOWN, trimap).astype(np.uint8)


def mirrored(picture: NDArray) -> NDArray:  # type: ignore[type-arg]
    """The picture (H, W, …) with left and right exchanged."""
    return np.ascontiguousarray(picture[:, ::-1])


def places_of(error: NDArray[np.float32], size: tuple[int, ...]) -> Unsure:
    """The places of an image of `size` (H, W) at which most of the predicted `error` (h, w) lies together."""
    from skimage.feature import peak_local_max  # not at the top of the file: it is slow to import

    spread = max(1.0, PLACE_REACH * max(error.shape))
    smooth = cv2.GaussianBlur(error, (0, 0), spread)
    peaks = peak_local_max(  # type: ignore[no-untyped-call]
        smooth, min_distance=round(2.5 * spread), threshold_abs=LEAST_ERROR, num_peaks=MOST_PLACES, exclude_border=False
    )
    scale = size[0] / error.shape[0], size[1] / error.shape[1]
    places = [(int((x + 0.5) * scale[1]), int((y + 0.5) * scale[0])) for y, x in peaks.tolist()]
    return Unsure(to_uint8(np.clip(2 * smooth, 0, 1)), places)
