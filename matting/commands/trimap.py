"""`python -m matting trimap`: photos, or alphas, → automatic trimaps."""

from pathlib import Path
from typing import Annotated

import typer

from matting.arrays import Alpha
from matting.batches.kinds import KindOption, open_kind
from matting.batches.opening import open_model
from matting.batches.running import pictures, run
from matting.batches.shards import EVERYTHING, ShardOption, read_shard
from matting.files import read_image, write_image
from matting.trimap import Widths, default_widths, make_trimap


def trimap(
    images: Annotated[list[Path], typer.Argument(help="Photos, folders of photos, or glob patterns.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the trimaps, as STEM.png.")],
    model: Annotated[
        str, typer.Option(help="The model that finds the subject; see `python -m matting models`.")
    ] = "auto",
    kind: KindOption = None,
    erode: Annotated[
        int | None, typer.Option(min=0, help="Unknown pixels inside the subject's edge; default 1.2 % of its size.")
    ] = None,
    dilate: Annotated[
        int | None, typer.Option(min=0, help="Unknown pixels outside the subject's edge; default 1.6 % of its size.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Repeat photos that already have a trimap.")] = False,
    shard: ShardOption = EVERYTHING,
) -> None:
    """Write the automatic trimap of each photo: 0 background, 128 unknown, 255 foreground."""
    part = read_shard(shard)
    paths, left_out = pictures(images, output)
    estimator = open_kind(kind) if kind is not None else open_model(model)

    def process(path: Path) -> None:
        alpha = estimator(read_image(path))
        write_image(output / f"{path.stem}.png", make_trimap(alpha, _widths(alpha, erode, dilate)))

    run(paths, lambda stem: [output / f"{stem}.png"], process, overwrite=overwrite, left_out=left_out, shard=part)


def _widths(alpha: Alpha, erode: int | None, dilate: int | None) -> Widths:
    """The requested widths, or the defaults."""
    default = default_widths(alpha)
    return Widths(default.inner if erode is None else erode, default.outer if dilate is None else dilate)
