"""How many changed copies of a picture are recognised, how many different pictures are taken for copies, and how long
it takes among many others.

python -m benchmarks.copies [COUNT] [FOLDER …]. The pictures are those of the installed packages, the ones in each
FOLDER, and COUNT generated ones.
"""

import sys
import time
from pathlib import Path

import cv2
import numpy as np
import skimage

from annotation.store.appearances import AppearanceIndex, Place
from annotation.store.tables.samples import Split
from matting.arrays import Image
from matting.files import encode_image, list_images, read_image
from matting.files.likeness import Appearance, appearance_of
from matting.resize import resize, within

SMALLEST = 100
"""The shortest side of a picture in pixels; packages also come with icons."""


def part(image: Image, share: float) -> Image:
    """The image without `share` of its width and height, cut off at a different place for each shape."""
    height, width = image.shape[:2]
    random = np.random.default_rng(height * width)
    rows, columns = round(height * (1 - share)), round(width * (1 - share))
    top, left = random.integers(0, height - rows + 1), random.integers(0, width - columns + 1)
    return image[top : top + rows, left : left + columns]


def smaller(image: Image) -> Image:
    """At half the size, as a JPEG."""
    size = (max(32, image.shape[0] // 2), max(32, image.shape[1] // 2))
    return read_image_bytes(encode_image(resize(np.ascontiguousarray(image), size), ".jpg"))


def read_image_bytes(content: bytes) -> Image:
    """The picture in a file's bytes."""
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return np.ascontiguousarray(decoded[..., ::-1])


COPIES = {
    "mirrored": lambda image: image[:, ::-1],
    "upside down": lambda image: image[::-1],
    "turned by 90°": np.rot90,
    "half the size, JPEG": smaller,
    "a fifth brighter": lambda image: np.clip(image * 1.2 + 10, 0, 255).astype(np.uint8),
    "10 % cut off each side's length": lambda image: part(image, 0.1),
    "30 % cut off": lambda image: part(image, 0.3),
    "30 % cut off, mirrored": lambda image: part(image, 0.3)[:, ::-1],
    "30 % cut off, half the size, JPEG": lambda image: smaller(part(image, 0.3)),
    "50 % cut off": lambda image: part(image, 0.5),
}


def generated(number: int) -> Image:
    """Ellipses in many colours over a soft background, with grain."""
    random = np.random.default_rng(number)
    canvas = resize((random.random((5, 7, 3)) * 255).astype(np.uint8), (240, 320))
    for _ in range(random.integers(20, 80)):
        centre, axes = random.integers(0, (320, 240)), random.integers(3, 60, 2)
        colour = tuple(int(value) for value in random.integers(0, 256, 3))
        cv2.ellipse(canvas, centre.tolist(), axes.tolist(), int(random.integers(180)), 0, 360, colour, -1, cv2.LINE_AA)
    return np.clip(canvas + random.integers(-4, 5, canvas.shape), 0, 255).astype(np.uint8)


def packaged(folders: list[Path]) -> list[Image]:
    """The pictures of the installed packages and of the folders."""
    every = list_images([Path(skimage.data.__file__).parent, *folders])
    found = [read_image(path) for path in every if path.suffix in (".png", ".jpg", ".jpeg")]
    return [image for image in found if min(image.shape[:2]) >= SMALLEST]


def look(image: Image) -> Appearance:
    """The appearance of a sample: that of its thumbnail."""
    return appearance_of(resize(np.ascontiguousarray(image), within(image.shape[:2], 256)))


def main() -> None:
    """Print recognised copies, false matches and times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    photos, looks, kept = packaged([Path(folder) for folder in sys.argv[2:]]), AppearanceIndex(), list[bytes]()
    joined, taken = 0, 0.0

    def place(image: Image, name: str) -> Place:
        return looks.place(name, look(image), lambda numbers: {number: kept[number - 1] for number in numbers})

    for number in range(count + len(photos)):
        image = photos[number] if number < len(photos) else generated(number)
        seen = look(image)
        start = time.perf_counter()
        found = looks.place(str(number), seen, lambda numbers: {number: kept[number - 1] for number in numbers})
        taken = time.perf_counter() - start if number == 0 else 0.9 * taken + 0.1 * (time.perf_counter() - start)
        joined += found.group != str(number)
        kept.append(seen.landmarks)
        looks.add(seen.hashes[0], seen.landmarks, Place(str(number), Split.TRAIN), number=number + 1)
    print(f"{joined} of {count + len(photos)} different pictures taken for copies; looked up in {1000 * taken:.0f} ms")
    for name, change in COPIES.items():
        of_photos = sum(place(change(image), "new").group == str(at) for at, image in enumerate(photos))
        chosen = range(len(photos), len(photos) + min(count, 100))
        of_others = sum(place(change(generated(at)), "new").group == str(at) for at in chosen)
        print(f"| {name} | {of_photos} of {len(photos)} | {of_others} of {len(chosen)} |")


if __name__ == "__main__":
    main()
