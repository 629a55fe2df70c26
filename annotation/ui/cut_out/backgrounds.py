"""The new backgrounds a person can choose."""

from collections.abc import Callable
from dataclasses import dataclass

from annotation.correction.full_size import Chosen
from annotation.ui.uploads import accepted
from annotation.visits.strange_files import read_upload
from matting.arrays import Image
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

    @property
    def chosen(self) -> Chosen:
        """What is put behind; ValueError if it is incomplete or unreadable."""
        return BACKGROUNDS[self.kind](self)


def _picture(scenery: Scenery) -> Image | None:
    if not scenery.picture:
        return None
    return read_upload(read_image, accepted(scenery.picture, "photo"))


BACKGROUNDS: dict[str, Callable[[Scenery], Chosen]] = {
    TRANSPARENT: lambda _: None,
    "Colour": lambda scenery: Background.of_colour(scenery.colour),
    "Blur": lambda _: Background.parse(BLUR),
    "Picture": _picture,
}
