"""`--trimap` and `--mask`: pictures that a person gives with the photos."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matting.arrays import Image, Trimap, check_size
from matting.environment.terminal import stop
from matting.files import read_alpha, read_trimap
from matting.files.listing import by_stem, composed, is_folder
from matting.files.places import place
from matting.models.auto import AutoModel
from matting.models.base import Model
from matting.models.published.mgmatting import MGMattingModel
from matting.trimap import default_widths, make_trimap

TrimapOption = Annotated[
    Path | None,
    typer.Option(
        parser=place,
        metavar="PATH",
        help="The trimap of a single photo, or a folder of trimaps named like the photos. Without it, "
        "a model that needs one gets the automatic trimap.",
    ),
]
MaskOption = Annotated[
    Path | None,
    typer.Option(
        parser=place,
        metavar="PATH",
        help="Instead of a trimap: a rough mask or alpha of the subject, from anywhere, or a folder of them. The band "
        "around its edge is worked out; mgmatting takes the mask itself, and works out the whole photo.",
    ),
]


@dataclass(frozen=True)
class Given:
    """Trimaps or masks, one for each photo."""

    place: Path
    """What the person named: a file or a folder."""
    files: dict[Path, Path]
    """photo → its picture there."""
    are_masks: bool = False
    inner: int | None = None
    """The unknown pixels inside a mask's edge; None if they follow from the subject's size."""
    outer: int | None = None
    """The same outside the edge."""

    def apply(self, model: Model, image: Image, photo: Path) -> tuple[Model, Trimap | None]:
        """What to call for `image`, the picture in the file `photo`: `model`, or one that knows the mask; the trimap.

        Raises:
            ValueError: there is none for this photo, or it is of another size.
        """
        what = "mask" if self.are_masks else "trimap"
        if photo not in self.files:
            raise ValueError(f"{self.place} holds no {what} called {photo.stem}")
        if not self.are_masks:
            return model, read_trimap(self.files[photo])
        mask = read_alpha(self.files[photo])
        check_size(mask, image.shape[:2], "mask")
        if isinstance(model, MGMattingModel):
            return model.guided_by(mask), None
        return model, make_trimap(mask, default_widths(mask, inner=self.inner, outer=self.outer))


def read_given(
    trimap: Path | None, mask: Path | None, inner: int | None, outer: int | None, *, paths: list[Path], model: Model
) -> Given | None:
    """What was given for the photos at `paths`; None if nothing was; stops if it cannot be used."""
    if mask is None:
        return None if trimap is None else Given(trimap, _files(trimap, paths, "trimap"))
    if trimap is not None:
        raise stop("--mask takes the place of --trimap; leave one of them out")
    if not (model.needs_trimap or isinstance(model, AutoModel)):
        raise stop(f"--mask is for auto and for models that need a trimap; {model.name} finds its own subject")
    return Given(mask, _files(mask, paths, "mask"), are_masks=True, inner=inner, outer=outer)


def _files(given: Path, paths: list[Path], what: str) -> dict[Path, Path]:
    """Each photo's file, by the photo's stem where a folder is given."""
    if is_folder(given):
        try:
            found = by_stem(given)
        except ValueError as error:
            raise stop(error) from error
        return {path: found[composed(path.stem)] for path in paths if composed(path.stem) in found}
    if not given.is_file():
        raise stop(f"{given} does not exist; --{what} takes a file or a folder")
    if len(paths) > 1:
        raise stop(f"--{what} takes a folder for several photos, but got the file {given} for {len(paths)}")
    return {paths[0]: given}
