"""Steadier alphas for a video: a model that sees each frame on its own flickers.

`smooth_delayed` removes what only one frame shows, and neither of its neighbours. `smooth_causal` needs no later frame,
which makes it right for a live picture.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image
from matting.resize import resize, within

Item = TypeVar("Item")

AGREEING_ALPHA = 0.1
"""Difference up to which two alphas agree."""
STILL_LEVELS, MOVED_LEVELS = 6.0, 18.0
"""Mean colour change, in grey levels, up to which a pixel counts as still, and above which it has certainly moved."""
KEPT_SHARE = 0.85
"""The share of the last alpha that a still pixel keeps."""
COMPARED_SIDE = 480
"""The long side, in pixels, at which frames are compared."""


class Smoothing(Protocol):
    """(item, alpha) pairs → the same items with steadier alphas; `image` gives the frame of an item."""

    def __call__(  # noqa: D102
        self, pairs: Iterable[tuple[Item, Alpha]], image: Callable[[Item], Image]
    ) -> Iterator[tuple[Item, Alpha]]: ...


def unsmoothed(pairs: Iterable[tuple[Item, Alpha]], image: Callable[[Item], Image]) -> Iterator[tuple[Item, Alpha]]:  # noqa: ARG001
    """The pairs unchanged."""
    return iter(pairs)


def smooth_delayed(pairs: Iterable[tuple[Item, Alpha]], image: Callable[[Item], Image]) -> Iterator[tuple[Item, Alpha]]:  # noqa: ARG001
    """One frame late: where a pixel's two neighbours in time agree with each other but not with it, it gets their mean.

    Source: Ke et al., "MODNet", AAAI 2022, section 3.4 (OFD).
    """
    window: list[tuple[Item, Alpha]] = []
    for pair in pairs:
        window = [*window[-2:], pair]
        if len(window) == 2:
            yield window[0]
        if len(window) == 3:
            (_, before), (item, now), (_, after) = window
            yield item, without_outliers(before, now, after)
    yield from window[-1:]


def without_outliers(before: Alpha, now: Alpha, after: Alpha) -> Alpha:
    """`now` (H, W), replaced by the mean of its neighbours where they agree with each other and both differ from it."""
    differs = np.flatnonzero((cv2.absdiff(now, before) > AGREEING_ALPHA) & (cv2.absdiff(now, after) > AGREEING_ALPHA))
    before, after = before.ravel()[differs], after.ravel()[differs]
    better = now.copy()
    better.ravel()[differs] = np.where(
        np.abs(before - after) <= AGREEING_ALPHA, (before + after) / 2, now.ravel()[differs]
    )
    return better


def smooth_causal(pairs: Iterable[tuple[Item, Alpha]], image: Callable[[Item], Image]) -> Iterator[tuple[Item, Alpha]]:
    """Without delay: alpha moves slowly to its new value where the picture stands still, at once where it moves."""
    seen: Image | None = None
    last: Alpha | None = None
    for item, alpha in pairs:
        small = resize(image(item), within((alpha.shape[0], alpha.shape[1]), COMPARED_SIDE))
        if seen is not None and last is not None:
            alpha = alpha + resize(KEPT_SHARE * _calm(seen, small), alpha.shape) * (last - alpha)
        seen, last = small, alpha
        yield item, alpha


def stillness(before: Image, now: Image) -> NDArray[np.float32]:
    """(H, W) float32 from 0 (certainly moved) to 1 (still), by the mean change of colour around each pixel."""
    size = now.shape[:2]
    small = within(size, COMPARED_SIDE)
    return resize(_calm(resize(before, small), resize(now, small)), size)


def _calm(before: Image, now: Image) -> NDArray[np.float32]:
    """`stillness` of frames that are already at the size for comparing."""
    red, green, blue = cv2.split(cv2.absdiff(before, now))
    around = cv2.blur(cv2.max(cv2.max(red, green), blue).astype(np.float32), (9, 9))
    calm: NDArray[np.float32] = np.clip((MOVED_LEVELS - around) / (MOVED_LEVELS - STILL_LEVELS), 0, 1).astype(
        np.float32
    )
    return calm


def smooth_both(pairs: Iterable[tuple[Item, Alpha]], image: Callable[[Item], Image]) -> Iterator[tuple[Item, Alpha]]:
    """First remove outliers, then steady still pixels: for files, where one frame of delay costs nothing."""
    return smooth_causal(smooth_delayed(pairs, image), image)


SMOOTHINGS: dict[str, Smoothing] = {
    "both": smooth_both,
    "delayed": smooth_delayed,
    "causal": smooth_causal,
    "none": unsmoothed,
}
