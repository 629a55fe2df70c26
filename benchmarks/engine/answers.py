"""The error and the time of the answers to a stroke, the first and the last one, and how far both are from *Finish*.

    python -m benchmarks.engine.answers [--model studio]

Six strokes of unknown on each of five generated scenes of 1.2 megapixels, and on three photos of hair of 12 megapixels.
Errors are means of |alpha - truth|, distances means of |alpha - finished alpha|, both over the unknown pixels around a
stroke. Seconds are processor time of one thread, from the stroke on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time
from typing import Annotated

import numpy as np
import typer

from annotation.correction.resolving import Solve, answer, refine
from annotation.correction.session import Session
from annotation.strokes.boxes import EMPTY, is_empty
from annotation.strokes.stroke import Stroke
from annotation.studio import FOLLOWING, follow_strokes
from benchmarks.generated.photo import hair_photo
from matting import load_model
from matting.arrays import UNKNOWN, Alpha, Image, Trimap
from matting.solving.box import Box
from matting.training.augment import photographed
from matting.training.synthetic import synthesise
from matting.trimap import make_trimap

KINDS = ("solid", "fur", "hair", "foliage", "rods")
STROKES = 6
COLUMNS = "error, from Finish, further off than 0.1, seconds, p95"


def scenes() -> Iterator[tuple[Image, Trimap, Alpha]]:
    """Pictures, their trimaps and true alphas."""
    for seed, kind in enumerate(KINDS):
        scene = synthesise(100 + seed, (960, 1280), kind=kind)
        yield photographed(scene.composite(), np.random.default_rng(seed)), make_trimap(scene.alpha), scene.alpha
    for seed in range(3):
        photo = hair_photo(3000, 4000, seed=seed)
        yield photo.image, photo.trimap, photo.alpha


def strokes(trimap: Trimap) -> Iterator[Stroke]:
    """Strokes of unknown that begin in the band of `trimap`."""
    random = np.random.default_rng(0)
    rows, columns = np.nonzero(trimap == UNKNOWN)
    for number in range(STROKES):
        at, steps = int(random.integers(len(rows))), random.integers(-25, 26, (6, 2))
        points = tuple((int(columns[at] + x), int(rows[at] + y)) for x, y in steps.cumsum(axis=0))
        yield Stroke(f"{number}", "brush", "unknown", max(3, trimap.shape[0] // 150), points)


@dataclass(frozen=True)
class Scene:
    """A picture with some strokes, what it is truly and what finishing it gives."""

    session: Session
    truth: Alpha
    finished: Alpha

    def answered(self, box: Box, solve: Solve) -> Iterator[tuple[float, ...]]:
        """COLUMNS of the first and of the last answer to a stroke in `box`."""
        session, begun = self.session, process_time()
        session.fresh, session.waiting, session.outskirts = box, [], EMPTY
        patch = answer(session, solve)
        assert patch
        yield *self.judged(patch.box), process_time() - begun
        while refine(session, solve, is_idle=False):
            pass
        yield *self.judged(patch.box), process_time() - begun

    def judged(self, box: Box) -> tuple[float, ...]:
        """The first three of COLUMNS for the unknown pixels in `box`."""
        is_unknown = self.session.trimap[box.slices] == UNKNOWN
        alpha, true, final = (each[box.slices][is_unknown] for each in (self.session.alpha, self.truth, self.finished))
        away = np.abs(alpha - final)
        return float(np.abs(alpha - true).mean()), float(away.mean()), float((away > 0.1).mean())


def main(model: Annotated[str, typer.Option(help="The model that re-solves.")] = FOLLOWING) -> None:
    """Print a line for the first answers in pictures of each size, and one for the last."""
    solve = follow_strokes if model == FOLLOWING else load_model(model)
    small = hair_photo(120, 160)
    solve(small.image, small.trimap)
    print(f"MP: {COLUMNS}")
    found: dict[float, list[list[tuple[float, ...]]]] = {}
    for image, trimap, truth in scenes():
        session = Session(image, trimap)
        painted = list(strokes(trimap))
        for stroke in painted:
            session.add(stroke)
        scene = Scene(session, truth, load_model(model)(image, session.trimap))
        boxes = [box for box in map(session.place, painted) if not is_empty(box)]
        found.setdefault(trimap.size / 1e6, []).extend(list(scene.answered(box, solve)) for box in boxes)
    for megapixels, both in found.items():
        for name, rows in zip(("first", "last"), np.swapaxes(both, 0, 1), strict=True):
            error, away, far, seconds = rows.mean(axis=0)
            late = np.percentile(rows[:, 3], 95)
            print(f"{megapixels:.1f} {name}: {error:.4f}, {away:.4f}, {far:.2%}, {seconds:.3f}, {late:.3f}")


if __name__ == "__main__":
    typer.run(main)
