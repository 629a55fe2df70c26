"""A new background named by text: a colour, the photo itself out of focus, or a picture."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from matting.arrays import Colours, Image
from matting.composite import blur, colour_background, cover
from matting.files import read_image

BLUR = "blur"
PICKED = re.compile(r"rgba?\(([\d.]+),\s*([\d.]+),\s*([\d.]+)(?:,[^)]*)?\)")
"""The other form in which a browser's colour picker writes a colour."""


@dataclass(frozen=True)
class Background:
    """A background to lay a subject over."""

    text: str
    """As given, a picked colour as #RRGGBB."""

    @classmethod
    def parse(cls, text: str) -> "Background":
        """The background that `text` names: #RRGGBB, rgb(…) as colour pickers write it, "blur", or a picture's path.

        Raises:
            ValueError: it is none of these; a picture is not read yet.
        """
        if text.startswith("#") or PICKED.fullmatch(text.strip()):
            return cls.of_colour(text)
        background = cls(text)
        if background.path is not None and not background.path.is_file():
            raise ValueError(f"a background is #RRGGBB, {BLUR} or a picture, but no file is called {text!r}")
        return background

    @classmethod
    def of_colour(cls, text: str) -> "Background":
        """As `parse`, for what strangers send: a colour and nothing else, so that no file is looked for.

        Raises:
            ValueError: it is not a colour.
        """
        if picked := PICKED.fullmatch(text.strip()):
            parts = [min(255, round(float(part))) for part in picked.groups()]
            return cls("#{:02x}{:02x}{:02x}".format(*parts))
        colour_background(text, (1, 1))
        return cls(text)

    @property
    def path(self) -> Path | None:
        """The picture's file; None if it is not a picture."""
        return None if self.text == BLUR or self.text.startswith("#") else Path(self.text)

    @cached_property
    def picture(self) -> Image | None:
        """The picture (h, w, 3) uint8, read once; None if it is not a picture.

        Raises:
            ImageError: it cannot be read.
        """
        return None if self.path is None else read_image(self.path)

    @property
    def is_fixed(self) -> bool:
        """Whether it is the same behind every picture of one size."""
        return self.text != BLUR

    def behind(self, image: Image) -> Colours:
        """The background for `image` (H, W, 3) uint8: (H, W, 3) float32 sRGB in [0, 1]. ImageError as `picture`."""
        size = (image.shape[0], image.shape[1])
        if self.picture is not None:
            return cover(self.picture, size)
        return blur(image) if self.text == BLUR else colour_background(self.text, size)
