"""`python -m matting trimap`: photos, or alphas, → automatic trimaps."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matting.batches.kinds import KindOption, open_kind
from matting.batches.opening import open_model
from matting.batches.ray_run import RayOption
from matting.batches.running import Photos, pictures, run
from matting.batches.shards import EVERYTHING, ShardOption, read_shard
from matting.files import read_image, write_image
from matting.files.places import place
from matting.models import load_model
from matting.models.things.model import PREFIX
from matting.trimap import default_widths, make_trimap


def trimap(
    images: Photos,
    output: Annotated[
        Path, typer.Option("-o", "--output", parser=place, metavar="PATH", help="Folder for the trimaps, as STEM.png.")
    ],
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
    ray: RayOption = False,
) -> None:
    """Write the automatic trimap of each photo: 0 background, 128 unknown, 255 foreground."""
    part = read_shard(shard)
    paths, left_out = pictures(images, output)
    if kind is not None:
        open_kind(kind)
    else:
        open_model(model)
    work = Trimaps(output, model if kind is None else PREFIX + kind, erode, dilate)
    run(paths, work, overwrite=overwrite, left_out=left_out, shard=part, on_ray=ray)


@dataclass(frozen=True)
class Trimaps:
    """The `Work` of this command."""

    output: Path
    model: str
    inner: int | None
    outer: int | None

    def files(self, stem: str) -> list[Path]:
        """See Work."""
        return [self.output / f"{stem}.png"]

    def load(self) -> Callable[[Path], None]:
        """See Work."""
        model = load_model(self.model)

        def process(path: Path) -> None:
            alpha = model(read_image(path))
            (file,) = self.files(path.stem)
            write_image(file, make_trimap(alpha, default_widths(alpha, inner=self.inner, outer=self.outer)))

        return process
