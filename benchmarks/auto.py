"""Does `auto` find the subject? Compared with true alphas: subjects pasted into other scenes, or a folder's pictures.

    python -m benchmarks.auto [FOLDER]

Whole-picture SAD/1000 of MODNet, U²-NetP, `auto` without MobileSAM, and `auto`; the table is in docs/log/models.md.
FOLDER holds image/ and gt/ as on alphamatting.com; its pictures are reduced to 800 pixels on the long side.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import gradio
import matplotlib.cbook
import numpy as np
import skimage.data

from matting import load_model
from matting.arrays import Alpha, Image, to_float, to_uint8
from matting.composite import composite, cover
from matting.files import read_alpha, read_image
from matting.metrics import sad
from matting.models.auto.model import AutoModel, is_trusted
from matting.models.mobile_sam import Point, Selector
from matting.resize import resize, within
from matting.trimap import make_trimap

PICTURES = Path(gradio.__file__).parent / "media_assets" / "images"
SIZE = (480, 640)
LONGEST = 800


class Scene(NamedTuple):
    """A picture whose alpha is known."""

    name: str
    image: Image
    alpha: Alpha


def subjects() -> Iterator[tuple[str, Image, Alpha]]:
    """People and others from installed packages, cut out by MODNet, or by a click in the middle and `studio`."""
    hopper = read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    for name, photo in (("astronaut", skimage.data.astronaut()), ("hopper", hopper)):
        yield name, photo, load_model("modnet")(photo)
    for name in ("lion.jpg", "cheetah1.jpg"):
        photo = read_image(PICTURES / name)
        selected = Selector(photo).select([Point(photo.shape[1] // 2, photo.shape[0] // 2)])
        yield name, photo, load_model("studio")(photo, make_trimap(selected))
    groot = read_image(PICTURES / "groot.jpeg")
    yield "groot.jpeg", groot, load_model("modnet")(groot)


def pasted() -> Iterator[Scene]:
    """Each subject in front of each scene, at 45 to 100 % of the scene's height, standing on its lower edge."""
    photos = [skimage.data.rocket(), skimage.data.coffee(), skimage.data.stereo_motorcycle()[0]]
    photos += [read_image(PICTURES / name) for name in ("tower.jpg", "bus.png")]
    random = np.random.default_rng(11)
    for name, photo, alpha in subjects():
        for number, scene in enumerate(cover(photo, SIZE) for photo in photos):
            high, wide = within((photo.shape[0], photo.shape[1]), round(SIZE[0] * random.uniform(0.45, 1)))
            left = int(random.integers(0, SIZE[1] - wide + 1))
            whole, foreground = np.zeros(SIZE, np.float32), scene.copy()
            whole[-high:, left : left + wide] = resize(alpha, (high, wide))
            foreground[-high:, left : left + wide] = to_float(resize(photo, (high, wide)))
            yield Scene(f"{name} in scene {number + 1}", to_uint8(composite(foreground, whole, scene)), whole)


def of_folder(folder: Path) -> Iterator[Scene]:
    """The pictures of `folder`."""
    for path in sorted((folder / "image").iterdir()):
        alpha = read_alpha(folder / "gt" / path.name)
        size = within((alpha.shape[0], alpha.shape[1]), LONGEST)
        yield Scene(path.stem, resize(read_image(path), size), resize(alpha, size))


def measure(scenes: Iterator[Scene]) -> None:
    """Print one row per scene, then the mean."""
    auto, rows = AutoModel(), []
    print("| picture | MODNet | U²-NetP | without MobileSAM | `auto` | took |\n|---|---|---|---|---|---|")
    for name, image, alpha in scenes:
        portrait, salient = load_model("modnet")(image), load_model("u2netp")(image)
        choice = auto.choose(image)
        before = portrait if is_trusted(portrait) else salient
        rows.append([sad(each, alpha) for each in (portrait, salient, before, choice.alpha)])
        took = choice.model + ("" if choice.is_sure else ", unsure")
        print(f"| {name} |", " | ".join(f"{value:.1f}" for value in rows[-1]), f"| {took} |", flush=True)
    print("| mean |", " | ".join(f"**{value:.1f}**" for value in np.mean(rows, axis=0)), "| |")


if __name__ == "__main__":
    measure(of_folder(Path(sys.argv[1])) if len(sys.argv) > 1 else pasted())
