"""`things:person`, `things:cat` …: every thing of that kind, as a model that finds the subject."""

from matting.arrays import Alpha, Image, Trimap
from matting.models.base import Model
from matting.models.things.finding import find_things, joined
from matting.models.things.kinds import KINDS, check_kind

PREFIX = "things:"


class ThingsModel(Model):
    """Every thing of one kind; the edge of each mask is only fitted to the photo's, for a trimap to be made from it."""

    weights = ("nanodet-g", "mobile-sam")

    def __init__(self, kind: str) -> None:
        """ValueError unless `kind` is one of KINDS."""
        self.kind = check_kind(kind)
        self.name = PREFIX + self.kind
        self.title = title_of(self.kind)

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:  # noqa: ARG002
        """See Model.estimate; ValueError if there is none in the photo."""
        return joined(self.each(image))

    def each(self, image: Image) -> list[Alpha]:
        """The alpha of each, (H, W), from left to right; ValueError if there is none in the photo."""
        things = find_things(image, self.kind)
        if not things:
            raise ValueError(f"no {self.kind} was found in the photo")
        return [thing.alpha for thing in things]


def title_of(kind: str) -> str:
    """What a person chooses: "every person"."""
    return f"every {kind}"


def choices() -> list[tuple[str, str]]:
    """(what a person chooses, the model's name) of all kinds."""
    return [(title_of(kind), PREFIX + kind) for kind in KINDS]
