"""The new backgrounds a person can choose."""

from collections.abc import Callable
from dataclasses import dataclass

from annotation.ui.uploads import accepted
from matting.arrays import Colours, Image
from matting.composite import blur, checkerboard, colour_background, cover
from matting.files import read_image

DEFAULT_COLOUR = "#2f9e6e"


@dataclass(frozen=True)
class Scenery:
    """A choice of background: its kind, and what the kinds need."""

    kind: str = "Transparent"
    colour: str = DEFAULT_COLOUR
    picture: str | None = None
    linear: bool = False

    def behind(self, image: Image) -> Colours:
        """The background (H, W, 3) for the photo `image`; ValueError where it is incomplete or unreadable."""
        return BACKGROUNDS[self.kind](self, image)


def _colour(scenery: Scenery, image: Image) -> Colours:
    return colour_background(as_hex(scenery.colour), image.shape[:2])


def _picture(scenery: Scenery, image: Image) -> Colours:
    if not scenery.picture:
        return checkerboard(image.shape[:2])
    return cover(read_image(accepted(scenery.picture, "photo")), image.shape[:2])


BACKGROUNDS: dict[str, Callable[[Scenery, Image], Colours]] = {
    "Transparent": lambda _, image: checkerboard(image.shape[:2]),
    "Colour": _colour,
    "Blur": lambda _, image: blur(image),
    "Picture": _picture,
}


def as_hex(colour: str) -> str:
    """The browser's colour picker also writes rgba(1, 2, 3, 1)."""
    if colour.startswith("rgb"):
        red, green, blue = (round(float(part)) for part in colour.partition("(")[2].rstrip(")").split(",")[:3])
        return f"#{red:02x}{green:02x}{blue:02x}"
    return colour
