"""Does it help to correct what is suggested? `studio` learns from as many suggested samples as from random ones.

    OMP_NUM_THREADS=1 python -m benchmarks.training.suggested OUT [--count 8] [--steps 120] [--seeds 2]

The photos to choose from, and those of the test, are of all the kinds: some that the shipped weights have seen, some
that they have not. All samples have their true alphas, since a person corrects what is chosen. A run that is already
there is not repeated. Prints a line for each run.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from annotation.labelling.suggesting import choose, disagreement, look_of
from benchmarks.training.domains import draw
from matting.files import read_image
from matting.files.links import link_or_copy
from matting.files.picture_kinds import read_true_alpha
from matting.training.jobs.request import Request
from matting.training.jobs.running import Done, training
from matting.training.labels.doubts import Doubtful
from matting.training.results.proof import Change
from matting.trimap import make_trimap

KINDS = ("felt", "tattered", "veil", "known fur", "known hair", "known twigs", "known curls", "known net")
SAMPLES, TESTED = 10, 4
"""The samples of each kind (8 to choose from, 2 for validation), and its test pictures."""


@dataclass(frozen=True)
class Photo:
    """One that may be chosen."""

    kind: str
    folder: Path
    stem: str

    def file(self, content: str) -> Path:
        """Its file of that content: fg, alpha or merged."""
        return self.folder / "train" / content / f"{self.stem}.png"


def photos(out: Path) -> list[Photo]:
    """All photos to choose from; their kinds are drawn if they are not there."""
    found = []
    for kind in KINDS:
        draw(folder := out / "kinds" / kind, kind, samples=SAMPLES)
        found += [Photo(kind, folder, path.stem) for path in sorted((folder / "train" / "fg").iterdir())]
    return found


def suggested(pool: list[Photo], count: int) -> list[int]:
    """What the app suggests when nothing is labelled; the trimap is the automatic one of the true alpha."""
    images = [read_image(photo.file("merged")) for photo in pool]
    trimaps = [make_trimap(read_true_alpha(photo.file("alpha"))) for photo in pool]
    doubts = {number: disagreement(image, trimap)
              for number, (image, trimap) in enumerate(zip(images, trimaps, strict=True))}  # fmt: skip
    return choose(doubts, {number: look_of(image) for number, image in enumerate(images)}, [], count)


def dataset(out: Path, folder: Path, chosen: list[Photo]) -> Path:
    """The chosen photos as an export, with validation and test of all kinds."""
    shutil.rmtree(folder, ignore_errors=True)
    for photo in chosen:
        for content in ("fg", "alpha", "merged"):
            link_or_copy(photo.file(content), folder / "train" / content / f"{photo.kind} {photo.stem}.png")
    for kind in KINDS:
        for split, count in (("validation", SAMPLES), ("test", TESTED)):
            for place in sorted((out / "kinds" / kind / split).iterdir()):
                for path in sorted(place.iterdir())[:count]:
                    link_or_copy(path, folder / split / place.name / f"{kind} {path.name}")
    return folder


def main(out: Path, count: int = 8, steps: int = 120, seeds: Annotated[int, typer.Option(min=1)] = 2) -> None:
    """Train on the suggested ones, and on `seeds` random choices."""
    pool = photos(out)
    choices = {"suggested": suggested(pool, count)}
    for seed in range(seeds):
        choices[f"random {seed}"] = np.random.default_rng(seed).choice(len(pool), count, replace=False).tolist()
    for name, numbers in choices.items():
        kinds = [pool[number].kind for number in numbers]
        typer.echo(f"{name}: {', '.join(f'{kinds.count(kind)} {kind}' for kind in KINDS if kind in kinds)}")
        data = dataset(out, out / name / "dataset", [pool[number] for number in numbers])
        request = Request(
            data, out / name / "weights.safetensors", out / name / "run", steps=steps, doubtful=Doubtful.KEEP
        )
        card = next(news for news in training(request) if isinstance(news, Done)).card
        test = Change.from_numbers(card["proof"]["test"]["sad"])
        typer.echo(f"{name}: {100 * card['share']:g} % of the new weights, SAD on test {test.words}")


if __name__ == "__main__":
    typer.run(main)
