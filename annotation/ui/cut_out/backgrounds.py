"""The new backgrounds a person can choose."""

from collections.abc import Callable
from dataclasses import dataclass

from annotation.ui.uploads import accepted
from annotation.visits.strange_files import read_upload
from matting.arrays import Colours, Image
from matting.composite import checkerboard, cover
from matting.composite.backgrounds import BLUR, Background
from matting.files import read_image

DEFAULT_COLOUR = "#2f9e6e"
TRANSPARENT = "Transparent"


@dataclass(frozen=True)
class Scenery:
    """A choice of background: its kind, and what the kinds need."""

    kind: str = TRANSPARENT
    colour: str = DEFAULT_COLOUR
    picture: str | None = None
    linear: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is put behind the subject."""
        return self.kind == TRANSPARENT or (self.kind == "Picture" and not self.picture)

    def behind(self, image: Image) -> Colours:
        """The background (H, W, 3) for the photo `image`; ValueError if it is incomplete or unreadable."""
        return BACKGROUNDS[self.kind](self, image)


def _picture(scenery: Scenery, image: Image) -> Colours:
    if not scenery.picture:
        return checkerboard(image.shape[:2])
    picture = read_upload(read_image, accepted(scenery.picture, "photo"))
    return cover(picture, (image.shape[0], image.shape[1]))


BACKGROUNDS: dict[str, Callable[[Scenery, Image], Colours]] = {
    TRANSPARENT: lambda _, image: checkerboard(image.shape[:2]),
    "Colour": lambda scenery, image: Background.of_colour(scenery.colour).behind(image),
    "Blur": lambda _, image: Background.parse(BLUR).behind(image),
    "Picture": _picture,
}
