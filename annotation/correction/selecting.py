"""A trimap of what a few foreground and background strokes, or clicks, select.

Strokes are seeds, and colour and edges decide the rest: Rother, Kolmogorov and Blake, "GrabCut: interactive foreground
extraction using iterated graph cuts", SIGGRAPH 2004, as in OpenCV. A network answers clicks: models/mobile_sam.py.
"""

from collections.abc import Sequence
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.strokes.raster import replay
from annotation.strokes.stroke import Stroke, counting
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap
from matting.models.mobile_sam import Point, Selector
from matting.resize import resize, within
from matting.trimap import Widths, default_widths, make_trimap, shrink_trimap

GRABCUT_SIDE = 480
"""The long side, in pixels, at which GrabCut runs: about 0.5 s."""
GRABCUT_ROUNDS = 5
PLACE_WEIGHT = 0.5
"""The weight of position against colour in the first guess: the whole long side counts as this colour difference."""
MOST_SEEDS = 2000
BAND_FACTOR = 2
"""The factor on the default width of the unknown band: the edge of a selection is less exact than that of an alpha."""

_SEEDED = Lock()  # GrabCut's colour models begin with OpenCV's random numbers, one sequence for the whole process


def select(image: Image, strokes: Sequence[Stroke]) -> Trimap:
    """The trimap (H, W) of what the foreground `strokes` touch, with an unknown band around it.

    Raises:
        ValueError: there is no foreground stroke.
    """
    seeds = replay(np.full(image.shape[:2], UNKNOWN, np.uint8), [each for each in strokes if each.kind != "start"])
    if not (seeds == FOREGROUND).any():
        raise ValueError("Paint a foreground stroke on what you want to select, and background strokes around it.")
    size = within((image.shape[0], image.shape[1]), GRABCUT_SIDE)
    subject = grab(resize(image, size), shrink_trimap(seeds, size))
    soft = resize(subject.astype(np.float32), (image.shape[0], image.shape[1]))
    return with_band(soft >= 0.5)


def select_clicked(selector: Selector, points: Sequence[Point]) -> Trimap:
    """The trimap (H, W) of the object at `points`, with an unknown band around it.

    Raises:
        ValueError: the first point is a background one, or nothing is found there.
    """
    if not points[0].is_foreground:
        raise ValueError("Click on the object you want first; then click on what does not belong to it.")
    subject = selector.select(points)
    if not subject.any():
        raise ValueError("Nothing was found there; click in another place, or paint the object.")
    return with_band(subject)


def clicked(strokes: Sequence[Stroke]) -> list[Point]:
    """The clicks that made the trimap below `strokes`, in order; none if it came from elsewhere."""
    points: list[Point] = []
    for stroke in counting(strokes):
        if stroke.kind == "start":
            clicks = [Point(x, y, stroke.label != "background") for x, y in stroke.points]
            points = points + clicks if clicks else []
    return points


def with_band(subject: NDArray[np.bool_]) -> Trimap:
    """The trimap of a (H, W) selection whose edge is only roughly known."""
    widths = default_widths(subject)
    return make_trimap(subject, Widths(BAND_FACTOR * widths.inner, BAND_FACTOR * widths.outer))


def grab(image: Image, seeds: Trimap) -> NDArray[np.bool_]:
    """(H, W) bool: the regions of GrabCut's foreground that hold a foreground seed."""
    labels = np.where(nearer_to_foreground(image, seeds), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[seeds == FOREGROUND] = cv2.GC_FGD
    labels[seeds == BACKGROUND] = cv2.GC_BGD
    if (labels == cv2.GC_FGD).all():
        return np.ones(seeds.shape, bool)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    with _SEEDED:
        cv2.setRNGSeed(0)
        cv2.grabCut(image, labels, (0, 0, 0, 0), background, foreground, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    chosen = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    _, parts = cv2.connectedComponents(chosen.astype(np.uint8), connectivity=4)
    return np.isin(parts, np.unique(parts[seeds == FOREGROUND]))


def nearer_to_foreground(image: Image, seeds: Trimap) -> NDArray[np.bool_]:
    """(H, W) bool: a first guess, by the kind of seed nearest to each pixel in colour and, with less weight, in
    place."""
    from scipy.spatial import cKDTree  # not at the top of the file: it is slow to import

    if not (seeds == BACKGROUND).any():
        return np.zeros(seeds.shape, bool)
    rows, columns = np.indices(seeds.shape) * (PLACE_WEIGHT / max(seeds.shape))
    features = np.dstack([image / 255, rows, columns]).astype(np.float32)
    distances = []
    for kind in (FOREGROUND, BACKGROUND):
        known = features[seeds == kind]
        known = known[:: max(1, len(known) // MOST_SEEDS)]
        distances.append(cKDTree(known).query(features.reshape(-1, 5), workers=2)[0])
    return (distances[0] < distances[1]).reshape(seeds.shape)  # type: ignore[no-any-return]
