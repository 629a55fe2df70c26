"""`python -m matting alpha`: photos → alphas, and on request cut-outs and composites."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matting.arrays import Alpha, Colours, Image, to_uint8, to_uint16
from matting.batches.opening import open_model
from matting.batches.running import pictures, run
from matting.batches.shards import EVERYTHING, ShardOption, read_shard
from matting.composite import composite, cutout
from matting.composite.backgrounds import Background
from matting.environment.terminal import stop
from matting.files import read_image, read_trimap, write_image
from matting.files.listing import by_stem, composed
from matting.models.base import Model
from matting.models.published.bgmv2 import BGMv2Model
from matting.trimap import make_trimap


def alpha(
    images: Annotated[list[Path], typer.Argument(help="Photos, folders of photos, or glob patterns.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the alphas, as STEM.png.")],
    model: Annotated[
        str,
        typer.Option(
            help="A name from `python -m matting models`, or studio:FILE with weights of your own; "
            "auto takes the best solver for --trimap."
        ),
    ] = "auto",
    trimap: Annotated[
        Path | None,
        typer.Option(
            help="The trimap of a single photo, or a folder of trimaps named like the photos. Without it, "
            "a model that needs one gets the automatic trimap."
        ),
    ] = None,
    plate: Annotated[Path | None, typer.Option(help="A picture of the empty background, for bgmv2.")] = None,
    bits: Annotated[int, typer.Option(metavar="8|16", help="Bits per pixel in the alpha files.")] = 8,
    with_cutout: Annotated[
        bool, typer.Option("--cutout", help="Also write RGBA cut-outs with clean straight colours to OUTPUT/cutout.")
    ] = False,
    background: Annotated[
        str | None,
        typer.Option(help="A picture, #RRGGBB or blur; also write the subject composited over it to OUTPUT/composite."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Solve the whole picture at once, not only around what is unknown.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Repeat photos that already have an alpha.")] = False,
    shard: ShardOption = EVERYTHING,
) -> None:
    """Write the alpha of each photo. Files left out or unreadable are named on stderr, and the exit status is then
    1."""
    if bits not in (8, 16):
        raise stop(f"--bits is 8 or 16, but got {bits}")
    part = read_shard(shard)
    paths, left_out = pictures(images, output)
    trimaps = _trimap_files(trimap, paths)
    results = Results(output, bits, with_cutout=with_cutout, over=_background(background))
    estimator = _before(plate, open_model(model, exact=exact))
    automatic = open_model("auto") if estimator.needs_trimap and trimap is None else None

    def process(path: Path) -> None:
        image = read_image(path)
        known = read_trimap(trimaps[path]) if path in trimaps else None
        if trimap is not None and known is None:
            raise ValueError(f"{trimap} holds no trimap called {path.stem}")
        known = make_trimap(automatic(image)) if automatic else known
        if results.are_coloured:
            results.write(image, *estimator.cut_out(image, known), path.stem)
        else:
            results.write(image, estimator(image, known), None, path.stem)

    run(paths, results.folders, process, overwrite=overwrite, left_out=left_out, shard=part)


@dataclass(frozen=True)
class Results:
    """The files that each photo gives."""

    output: Path
    bits: int
    with_cutout: bool
    over: Background | None
    """What the subject is laid over, if anything."""

    @property
    def folders(self) -> list[Path]:
        """The folders that they are written to, one of them for the alphas."""
        return [
            self.output,
            *[self.output / "cutout"] * self.with_cutout,
            *[self.output / "composite"] * (self.over is not None),
        ]

    @property
    def are_coloured(self) -> bool:
        """Whether some of them need the subject's own colours."""
        return self.with_cutout or self.over is not None

    def write(self, image: Image, alpha: Alpha, foreground: Colours | None, stem: str) -> None:
        """Write the files of one photo; the alpha last, since it says that all are there."""
        if foreground is not None:
            self._write_coloured(image, alpha, foreground, f"{stem}.png")
        write_image(self.output / f"{stem}.png", (to_uint8 if self.bits == 8 else to_uint16)(alpha))

    def _write_coloured(self, image: Image, alpha: Alpha, foreground: Colours, name: str) -> None:
        """The files that need the subject's own colours."""
        if self.with_cutout:
            write_image(self.output / "cutout" / name, cutout(foreground, alpha))
        if self.over is not None:
            over = self.over.behind(image)
            write_image(self.output / "composite" / name, to_uint8(composite(foreground, alpha, over)))


def _before(plate: Path | None, model: Model) -> Model:
    """`model`, given the picture of the empty background if it needs one."""
    if not isinstance(model, BGMv2Model):
        if plate is not None:
            raise stop(f"--plate is for {BGMv2Model.name}; {model.name} takes none")
        return model
    if plate is None:
        raise stop(f"{model.name} needs --plate, a picture of the empty background by the same camera")
    try:
        return model.with_plate(read_image(plate))
    except (ValueError, OSError) as error:
        raise stop(error) from error


def _trimap_files(trimap: Path | None, paths: list[Path]) -> dict[Path, Path]:
    """Each photo's trimap file, by the photo's stem where a folder is given."""
    if trimap is None:
        return {}
    if trimap.is_dir():
        try:
            trimaps = by_stem(trimap)
        except ValueError as error:
            raise stop(error) from error
        return {path: trimaps[composed(path.stem)] for path in paths if composed(path.stem) in trimaps}
    if not trimap.is_file():
        raise stop(f"{trimap} is not there; --trimap takes a file or a folder")
    if len(paths) > 1:
        raise stop(f"--trimap takes a folder for several photos, but got the file {trimap} for {len(paths)}")
    return {paths[0]: trimap}


def _background(text: str | None) -> Background | None:
    """The new background; an invalid one ends the command before any photo is processed."""
    if text is None:
        return None
    try:
        background = Background.parse(text)
        _ = background.picture
    except ValueError as error:
        raise stop(error) from error
    return background
