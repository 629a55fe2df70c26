"""The error and the time of the answers to a stroke: the first one, and the finer one.

    python -m benchmarks.engine.answers [--model studio]

Six strokes of unknown on each of five generated scenes of 1.2 megapixels and of a photo of hair of 12 megapixels.
Errors are means of |alpha - truth| over the unknown pixels around a stroke. Seconds are processor time of one thread.
"""

from collections.abc import Iterator
from time import process_time
from typing import Annotated

import numpy as np
import typer

from annotation.correction.resolving import FIRST_PIXELS, MOST_PIXELS, REACH, Crop
from annotation.correction.session import Session
from annotation.strokes.boxes import around, common, grown
from annotation.strokes.stroke import Stroke
from annotation.studio import FOLLOWING, follow_strokes
from benchmarks.generated.photo import hair_photo
from matting import load_model
from matting.arrays import UNKNOWN, Alpha, Image, Trimap
from matting.training.augment import photographed
from matting.training.synthetic import synthesise
from matting.trimap import make_trimap

KINDS = ("solid", "fur", "hair", "foliage", "rods")
STROKES = 6


def scenes() -> Iterator[tuple[Image, Trimap, Alpha]]:
    """Pictures, their trimaps and true alphas."""
    for seed, kind in enumerate(KINDS):
        scene = synthesise(100 + seed, (960, 1280), kind=kind)
        yield photographed(scene.composite(), np.random.default_rng(seed)), make_trimap(scene.alpha), scene.alpha
    photo = hair_photo(3000, 4000)
    yield photo.image, photo.trimap, photo.alpha


def crops(image: Image, trimap: Trimap) -> Iterator[Crop]:
    """The crops to solve after some strokes, each painted on the original `trimap`."""
    random = np.random.default_rng(0)
    rows, columns = np.nonzero(trimap == UNKNOWN)
    for _ in range(STROKES):
        at, steps = int(random.integers(len(rows))), random.integers(-25, 26, (6, 2))
        points = tuple((int(columns[at] + x), int(rows[at] + y)) for x, y in steps.cumsum(axis=0))
        session = Session(image, trimap)
        session.add(Stroke("a", "brush", "unknown", max(3, image.shape[0] // 150), points))
        yield Crop(session, common(grown(session.fresh, REACH), around(trimap)))


def main(model: Annotated[str, typer.Option(help="The model that re-solves.")] = FOLLOWING) -> None:
    """Print error and seconds, mean and p95, of both answers."""
    solve = follow_strokes if model == FOLLOWING else load_model(model)
    small = hair_photo(120, 160)
    solve(small.image, small.trimap)
    sizes = {"first": FIRST_PIXELS, "finer": MOST_PIXELS}
    found = {name: list[tuple[float, float]]() for name in sizes}
    for image, trimap, truth in scenes():
        for crop in crops(image, trimap):
            unknown = crop.session.trimap[crop.box.slices] == UNKNOWN
            for name, most in sizes.items():
                begun = process_time()
                patch = crop.patch(crop.solved(solve, most=most), "fine")
                seconds = process_time() - begun
                found[name].append((float(np.abs(patch.alpha - truth[crop.box.slices])[unknown].mean()), seconds))
    for name, pairs in found.items():
        errors, seconds = np.array(pairs).T
        print(f"{name}: error {errors.mean():.4f}, {seconds.mean():.3f} s (p95 {np.percentile(seconds, 95):.3f})")


if __name__ == "__main__":
    typer.run(main)
