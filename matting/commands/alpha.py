"""`python -m matting alpha`: photos → alphas, and on request cut-outs and composites."""

from pathlib import Path
from typing import Annotated

import typer

from matting.arrays import Image
from matting.batches.alphas import Alphas, Kind, Results
from matting.batches.kinds import DilateOption, EachOption, ErodeOption, KindOption, open_kind
from matting.batches.opening import open_model
from matting.batches.ray_run import RayOption
from matting.batches.running import Photos, pictures, run
from matting.batches.shards import EVERYTHING, ShardOption, read_shard
from matting.composite.backgrounds import Background
from matting.environment.terminal import stop
from matting.files import read_image
from matting.files.listing import by_stem, composed, is_folder
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
    trimap: Annotated[
        Path | None,
        typer.Option(
            parser=place,
            metavar="PATH",
            help="The trimap of a single photo, or a folder of trimaps named like the photos. Without it, "
            "a model that needs one gets the automatic trimap.",
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
    ray: RayOption = False,
) -> None:
    """Write the alpha of each photo. Files left out or unreadable are named on stderr, and the exit status is then
    1."""
    if bits not in (8, 16):
        raise stop(f"--bits is 8 or 16, but got {bits}")
    part = read_shard(shard)
    paths, left_out = pictures(images, output)
    trimaps = _trimap_files(trimap, paths)
    results = Results(output, bits, with_cutout=with_cutout, with_each=each, over=_background(background))
    estimator = open_model(model, exact=exact)
    empty = _plate(plate, estimator)
    sought = _kind(kind, estimator, trimap, erode, dilate, each=each)
    if estimator.needs_trimap and trimap is None and not sought:
        open_model("auto")
    work = Alphas(results, model, exact, empty, sought, trimap, trimaps)
    run(paths, work, overwrite=overwrite, left_out=left_out, shard=part, on_ray=ray)


def _kind(
    kind: str | None, model: Model, trimap: Path | None, inner: int | None, outer: int | None, *, each: bool
) -> Kind | None:
    """What is looked for in every photo, its weights fetched; None if no kind is asked for."""
    if kind is None:
        if each or inner is not None or outer is not None:
            raise stop("--each, --erode and --dilate are for --class, which says what to look for")
        return None
    if trimap is not None:
        raise stop("--class makes the trimaps by itself; leave out --trimap")
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


def _trimap_files(trimap: Path | None, paths: list[Path]) -> dict[Path, Path] | None:
    """Each photo's trimap file, by the photo's stem where a folder is given; None without --trimap."""
    if trimap is None:
        return None
    if is_folder(trimap):
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
