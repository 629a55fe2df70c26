"""`python -m matting alpha`: photos → alphas, and on request cut-outs and composites."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from matting.arrays import Alpha, Colours, Image, Trimap, to_uint8, to_uint16
from matting.batches.kinds import DilateOption, EachOption, ErodeOption, KindOption, open_kind
from matting.batches.opening import open_model
from matting.batches.running import pictures, run
from matting.batches.shards import EVERYTHING, ShardOption, read_shard
from matting.composite import composite, cutout
from matting.composite.backgrounds import Background
from matting.environment.terminal import stop
from matting.files import read_image, read_trimap, write_image
from matting.files.listing import by_stem, composed
from matting.foreground import estimate_foreground
from matting.models.auto import AutoModel
from matting.models.base import Model
from matting.models.published.bgmv2 import BGMv2Model
from matting.models.things import joined, trimaps_by_kind
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
    kind: KindOption = None,
    each: EachOption = False,
    erode: ErodeOption = None,
    dilate: DilateOption = None,
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
    results = Results(output, bits, with_cutout=with_cutout, with_each=each, over=_background(background))
    estimator = _before(plate, open_model(model, exact=exact))
    find = _by_kind(kind, estimator, trimap, erode, dilate, each=each)
    automatic = open_model("auto") if estimator.needs_trimap and trimap is None and not find else None

    def process(path: Path) -> None:
        image = read_image(path)
        if find:
            results.write_things(image, [estimator(image, known) for known in find(image)], path.stem)
        else:
            known = make_trimap(automatic(image)) if automatic else _drawn(trimap, trimaps, path)
            results.write_answer(estimator, image, known, path.stem)

    run(paths, results.files, process, overwrite=overwrite, left_out=left_out, shard=part)


@dataclass(frozen=True)
class Results:
    """The files that each photo gives."""

    output: Path
    bits: int
    with_cutout: bool
    with_each: bool
    """Whether each thing gets an alpha of its own, besides the one of all together."""
    over: Background | None
    """What the subject is laid over, if anything."""

    def files(self, stem: str) -> list[Path]:
        """Those that say that a photo is done."""
        return [
            self.output / f"{stem}.png",
            *[self._alone(stem, 1)] * self.with_each,
            *[self.output / "cutout" / f"{stem}.png"] * self.with_cutout,
            *[self.output / "composite" / f"{stem}.png"] * (self.over is not None),
        ]

    def _alone(self, stem: str, number: int) -> Path:
        """The file of the alpha of one thing of several."""
        return self.output / "each" / f"{stem}-{number}.png"

    @property
    def are_coloured(self) -> bool:
        """Whether some of them need the subject's own colours."""
        return self.with_cutout or self.over is not None

    def write_answer(self, model: Model, image: Image, trimap: Trimap | None, stem: str) -> None:
        """Write the files of one photo, from the answer of `model`."""
        if self.are_coloured:
            self.write(image, *model.cut_out(image, trimap), stem)
        else:
            self.write(image, model(image, trimap), None, stem)

    def write_things(self, image: Image, alphas: list[Alpha], stem: str) -> None:
        """Write the files of one photo from the alphas of the things in it."""
        for number, alpha in enumerate(alphas if self.with_each else [], 1):
            self._write_alpha(self._alone(stem, number), alpha)
        whole = joined(alphas)
        self.write(image, whole, estimate_foreground(image, whole) if self.are_coloured else None, stem)

    def write(self, image: Image, alpha: Alpha, foreground: Colours | None, stem: str) -> None:
        """Write the files of one photo; the alpha last, since it says that all are there."""
        if foreground is not None:
            self._write_coloured(image, alpha, foreground, f"{stem}.png")
        self._write_alpha(self.output / f"{stem}.png", alpha)

    def _write_alpha(self, path: Path, alpha: Alpha) -> None:
        write_image(path, (to_uint8 if self.bits == 8 else to_uint16)(alpha))

    def _write_coloured(self, image: Image, alpha: Alpha, foreground: Colours, name: str) -> None:
        """The files that need the subject's own colours."""
        if self.with_cutout:
            write_image(self.output / "cutout" / name, cutout(foreground, alpha))
        if self.over is not None:
            over = self.over.behind(image)
            write_image(self.output / "composite" / name, to_uint8(composite(foreground, alpha, over)))


def _by_kind(
    kind: str | None, model: Model, trimap: Path | None, inner: int | None, outer: int | None, *, each: bool
) -> Callable[[Image], list[Trimap]] | None:
    """What gives the trimaps of the things of `kind` in a photo; None if no kind is asked for."""
    if kind is None:
        if each or inner is not None or outer is not None:
            raise stop("--each, --erode and --dilate are for --class, which says what to look for")
        return None
    if trimap is not None:
        raise stop("--class makes the trimaps by itself; leave out --trimap")
    if not (model.needs_trimap or isinstance(model, AutoModel)):
        raise stop(f"--class takes auto or a model for trimaps; {model.name} finds its own subject")
    open_kind(kind)
    return partial(trimaps_by_kind, kind=kind, inner=inner, outer=outer)


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


def _drawn(given: Path | None, trimaps: dict[Path, Path], photo: Path) -> Trimap | None:
    """The trimap of `photo` that somebody gave; ValueError if they gave only others."""
    if given is not None and photo not in trimaps:
        raise ValueError(f"{given} holds no trimap called {photo.stem}")
    return read_trimap(trimaps[photo]) if photo in trimaps else None


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
        raise stop(f"{trimap} does not exist; --trimap takes a file or a folder")
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
