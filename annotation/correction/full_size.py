"""Results at the photo's own size, as files.

Colours and files are made in one task in another process: the app itself holds the photo, the alpha and the files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotation.correction.ready_process import have_ready
from annotation.correction.whole_picture import LARGE_PIXELS
from matting.arrays import Alpha, Colours, Image, Stored, Trimap, to_uint8, to_uint16
from matting.composite import checkerboard, composite, cover, cutout
from matting.composite.backgrounds import Background
from matting.files import encode_image
from matting.foreground import estimate_foreground
from matting.solving.separate_process import apart

Chosen = Background | Image | None
"""What is put behind a subject: what a Background says, a picture (h, w, 3) uint8, or nothing, shown as squares."""


def behind(image: Image, chosen: Chosen) -> Colours:
    """The background (H, W, 3) float32 for the photo `image`."""
    if isinstance(chosen, Background):
        return chosen.behind(image)
    size = (image.shape[0], image.shape[1])
    return checkerboard(size) if chosen is None else cover(chosen, size)


@dataclass(frozen=True)
class FullSize:
    """Results at the photo's own size, each computed once and only if asked for."""

    image: Image
    alpha: Alpha
    trimap: Trimap
    chosen: Chosen = None
    linear: bool = False

    @cached_property
    def foreground(self) -> Colours:
        """(H, W, 3) float32, straight colours."""
        return estimate_foreground(self.image, self.alpha)

    @property
    def composite(self) -> Colours:
        """(H, W, 3) float32 over the chosen background."""
        return composite(self.foreground, self.alpha, behind(self.image, self.chosen), linear=self.linear)


PARTS: dict[str, Callable[[FullSize], Stored]] = {
    "cutout": lambda full: cutout(full.foreground, full.alpha),
    "composite": lambda full: to_uint8(full.composite),
    "alpha": lambda full: to_uint16(full.alpha),
    "trimap": lambda full: full.trimap,
    "foreground": lambda full: to_uint8(full.foreground),
}


def pngs(full: FullSize, parts: Sequence[str]) -> list[bytes]:
    """The named parts as PNG files."""
    return [encode_image(PARTS[part](full), ".png") for part in parts]


def pngs_apart(full: FullSize, parts: Sequence[str]) -> list[bytes]:
    """As `pngs`, in another process."""
    return apart(pngs, full, parts, is_long=full.alpha.size > LARGE_PIXELS)


def get_ready() -> None:
    """Have a process ready that makes colours and files, so that the first of them need not wait; returns at once."""
    alpha = np.full((8, 8), 0.5, np.float32)
    some = FullSize(np.zeros((8, 8, 3), np.uint8), alpha, np.zeros((8, 8), np.uint8))
    have_ready(pngs_apart, some, ["cutout"])
