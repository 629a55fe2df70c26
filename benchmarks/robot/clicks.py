"""What clicks select, compared with true alphas: IoU after each click, the candidates of a first click, CPU seconds.

    python -m benchmarks.robot.clicks FOLDER [--clicks 3]

FOLDER holds image/ and gt/ as on alphamatting.com; an alpha of at least ½ counts as the subject. The first click is in
the deepest place of the subject, each later one in the deepest place that is wrong, as a person would choose. Pictures
are reduced to 800 pixels on the long side.
"""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.files import read_alpha, read_image
from matting.models.mobile_sam import Point, Selector, networks
from matting.resize import resize, within

LONGEST = 800


def deepest(region: NDArray[np.bool_]) -> tuple[int, int]:
    """(x, y) of the pixel of `region` (H, W) furthest from the outside, which begins at the picture's border."""
    depth = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x), int(y)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float(np.count_nonzero(one & other) / max(1, np.count_nonzero(one | other)))


def measure(image: Path, alpha: Path, clicks: int) -> tuple[list[float], list[float], list[float]]:
    """(IoU after each click; IoU of the highest-scored and of the best candidate; CPU seconds: encoding, per click)."""
    picture, truth = read_image(image), read_alpha(alpha)
    size = within((truth.shape[0], truth.shape[1]), LONGEST)
    subject = resize(truth, size) >= 0.5
    began = time.process_time()
    selector = Selector(resize(picture, size))
    encoded = time.process_time()
    points, found = [Point(*deepest(subject))], []
    for _ in range(clicks):
        selection = selector.select(points)
        found.append(overlap(selection, subject))
        wrong = deepest(selection != subject)
        points.append(Point(*wrong, is_foreground=bool(subject[wrong[1], wrong[0]])))
    seconds = [encoded - began, (time.process_time() - encoded) / clicks]
    logits, scores, _ = selector.candidates([selector.shown(points[0])])
    each = [overlap(selector.enlarge(selector.mask(candidate)), subject) for candidate in logits]
    return found, [each[int(scores.argmax())], max(each)], seconds


def main() -> None:
    """Measure every picture, then the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clicks", type=int, default=3)
    options = parser.parse_args()
    networks()
    rows = []
    for image in sorted((options.folder / "image").iterdir()):
        found, others, seconds = measure(image, options.folder / "gt" / image.name, options.clicks)
        rows.append([*found, *others, *seconds])
        print(image.stem, *(f"{value:.3f}" for value in rows[-1]), flush=True)
    for name, numbers in (("mean", np.mean(rows, axis=0)), ("median", np.median(rows, axis=0))):
        print(name, *(f"{value:.3f}" for value in numbers))


if __name__ == "__main__":
    main()
