"""Does `auto` take the right model? Photos at hand, people pasted before other scenes, and what it took for each.

    python benchmarks/auto.py [FOLDER …]

Every picture of the installed packages, and of any FOLDER named `people` or `things` given, is shown to `auto`. The
table it prints is docs/log/models.md.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import gradio
import matplotlib.cbook
import numpy as np
import skimage.data

from matting import load_model
from matting.arrays import Image, to_float, to_uint8
from matting.composite import composite, cover
from matting.files import list_images, read_image
from matting.models.auto import AutoModel, look
from matting.resize import resize

GRADIO = Path(gradio.__file__).parent / "media_assets" / "images"


def things() -> Iterator[tuple[str, Image]]:
    """Photos without a person as their subject."""
    for name in ("chelsea", "coffee", "rocket", "retina"):
        yield name, getattr(skimage.data, name)()
    yield "coins", np.dstack([skimage.data.coins()] * 3)
    yield "motorcycle", skimage.data.stereo_motorcycle()[0]
    for name in ("cheetah.jpg", "cheetah1.jpg", "lion.jpg", "bus.png", "groot.jpeg", "tower.jpg"):
        yield name, read_image(GRADIO / name)


def people() -> Iterator[tuple[str, Image]]:
    """Portraits, their heads alone, in grey, and at several sizes before other scenes."""
    hopper = read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    scenes = [image for name, image in things() if name in ("rocket", "coffee", "tower.jpg", "bus.png", "motorcycle")]
    random = np.random.default_rng(0)
    for name, photo in (("astronaut", skimage.data.astronaut()), ("hopper", hopper)):
        yield name, photo
        yield f"{name}, head", photo[: photo.shape[0] // 2, photo.shape[1] // 6 : -photo.shape[1] // 6]
        yield f"{name}, grey", np.repeat(to_uint8(to_float(photo).mean(axis=2, keepdims=True)), 3, axis=2)
        for number, scene in enumerate(scenes):
            yield f"{name} in scene {number + 1}", pasted(photo, scene, random)


def pasted(photo: Image, scene: Image, random: np.random.Generator) -> Image:
    """The person of `photo`, 40 to 100 % as high as a (480, 640) view of `scene`, standing on its lower edge."""
    size = (480, 640)
    side = int(size[0] * random.uniform(0.4, 1))
    left = int(random.integers(0, size[1] - side))
    alpha, foreground = np.zeros(size, np.float32), cover(scene, size)
    alpha[-side:, left : left + side] = resize(load_model("modnet")(photo), (side, side))
    foreground[-side:, left : left + side] = to_float(resize(photo, (side, side)))
    return to_uint8(composite(foreground, alpha, cover(scene, size)))


def main(folders: list[Path]) -> None:
    """Print the table."""
    auto, wrong, total = AutoModel(), 0, 0
    given = [(folder.name, [(file.stem, read_image(file)) for file in list_images([folder])]) for folder in folders]
    print("| photo | is | soft share | took |\n|---|---|---|---|")
    for kind, photos in [("people", people()), ("things", things()), *given]:
        for name, photo in photos:
            soft = look(load_model("modnet")(photo))[1]
            took = auto.choose(photo).model
            is_right = took == {"people": "modnet", "things": "u2netp"}[kind]
            total, wrong = total + 1, wrong + (not is_right)
            print(f"| {name} | {kind} | {soft:.3f} | {took}{'' if is_right else ' (other than expected)'} |")
    print(f"\n{total - wrong} of {total} as expected.")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
