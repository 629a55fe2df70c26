"""`python -m matting alpha`: photos → alphas, and on request cut-outs and composites."""

from pathlib import Path
from typing import Annotated

import typer

from matting.arrays import Image
from matting.batches.alphas import Alphas, Kind, Results
from matting.batches.given import MaskOption, TrimapOption, read_given
from matting.batches.kinds import DilateOption, EachOption, ErodeOption, KindOption, open_kind
from matting.batches.opening import open_model
from matting.batches.ray_run import RayOption
from matting.batches.running import Photos, pictures, run
from matting.batches.shards import EVERYTHING, ShardOption, read_shard
from matting.composite.backgrounds import Background
from matting.environment.terminal import stop
from matting.files import read_image
from matting.files.places import place
from matting.models.auto import AutoModel
from matting.models.base import Model
from matting.models.published.bgmv2 import BGMv2Model


def alpha(
    images: Photos,
    output: Annotated[
        Path, typer.Option("-o", "--output", parser=place, metavar="PATH", help="Folder for the alphas, as STEM.png.")
    ],
    model: Annotated[
        str,
        typer.Option(
            help="A name from `python -m matting models`, or studio:FILE with weights of your own; "
            "auto takes the best solver for --trimap."
        ),
    ] = "auto",
    trimap: TrimapOption = None,
    mask: MaskOption = None,
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
    ray: RayOption = False,
) -> None:
    """Write the alpha of each photo. Files left out or unreadable are named on stderr, and the exit status is then
    1."""
    if bits not in (8, 16):
        raise stop(f"--bits is 8 or 16, but got {bits}")
    part = read_shard(shard)
    paths, left_out = pictures(images, output)
    results = Results(output, bits, with_cutout=with_cutout, with_each=each, over=_background(background))
    estimator = open_model(model, exact=exact, has_trimaps=bool(kind or mask or trimap))
    empty = _plate(plate, estimator)
    has_widths = erode is not None or dilate is not None
    if (each and not kind) or (has_widths and not (kind or mask)):
        raise stop("--erode and --dilate are for --class and --mask, --each for --class")
    sought = _kind(kind, estimator, trimap or mask, erode, dilate)
    given = read_given(trimap, mask, erode, dilate, paths=paths, model=estimator)
    if estimator.needs_trimap and not (given or sought):
        open_model("auto", instead=f"; or give {estimator.name} a --trimap, which needs no such file")
    work = Alphas(results, model, exact, empty, sought, given)
    run(paths, work, overwrite=overwrite, left_out=left_out, shard=part, on_ray=ray)


def _kind(kind: str | None, model: Model, given: Path | None, inner: int | None, outer: int | None) -> Kind | None:
    """What is looked for in every photo, its weights fetched; None if no kind is asked for."""
    if kind is None:
        return None
    if given is not None:
        raise stop("--class makes the trimaps by itself; leave out --trimap and --mask")
    if not (model.needs_trimap or isinstance(model, AutoModel)):
        raise stop(f"--class takes auto or a model for trimaps; {model.name} finds its own subject")
    open_kind(kind)
    return Kind(kind, inner, outer)


def _plate(plate: Path | None, model: Model) -> Image | None:
    """The picture of the empty background, for a model that needs it."""
    if not isinstance(model, BGMv2Model):
        if plate is not None:
            raise stop(f"--plate is for {BGMv2Model.name}; {model.name} takes none")
        return None
    if plate is None:
        raise stop(f"{model.name} needs --plate, a picture of the empty background by the same camera")
    try:
        return read_image(plate)
    except (ValueError, OSError) as error:
        raise stop(error) from error


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
