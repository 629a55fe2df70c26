"""Which photos to correct next: those whose edges two models see differently, unlike what is labelled and each other.

In active learning these two are called uncertainty (here by committee) and diversity: see Settles, "Active Learning
Literature Survey", 2009.
"""

import io
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.store import Filter, Split, State, Store, add_tags, get_revision, get_sample, remove_tags
from annotation.store.search import find_numbers
from matting.arrays import UNKNOWN, Image, Trimap
from matting.files import read_image, read_trimap
from matting.models import load_model
from matting.models.base import missing
from matting.resize import resize, within
from matting.solving.separate_process import apart
from matting.trimap import make_trimap

TAG = "suggested"
"""The tag of the samples that were suggested last."""
MOST = 300
"""The number of photos that are looked at; of more, so many are drawn."""
SIDE = 480
"""The long side, in pixels, to which they are shrunk."""
COMMITTEE = ("studio", "shared")
"""The models whose answers are compared: a network, and a solver that knows only colours and places."""
LAYOUT = (8, 8)

Look = NDArray[np.float32]
"""Where a photo has which colours."""


def suggest(store: Store, count: int, follow: Callable[[int, int], object] = lambda *_: None) -> list[int]:
    """Give `count` samples to do of the training split the tag "suggested", and no others; their numbers.

    There are fewer if the models agree on the rest. `follow(done, in all)` is called first and after each photo; it
    stops the work by raising, and then no tag has changed.

    Raises:
        StoreError: the dataset cannot be read or written.
        WeightsError: the weights of a model are neither here nor to be had.
    """
    photos = _drawn(find_numbers(store, Filter(states=[State.TO_DO], splits=[Split.TRAIN])))
    learned = _drawn(find_numbers(store, Filter(states=[State.DONE, State.APPROVED])))
    disagreements, looks = dict[int, float](), dict[int, Look]()
    follow(0, len(photos))
    for done, number in enumerate(photos, 1):
        image, trimap = _small(store, number)
        disagreements[number], looks[number] = apart(disagreement, image, trimap), look_of(image)
        follow(done, len(photos))
    known = [look_of(read_image(io.BytesIO(store.files.get(get_sample(store, one).thumbnail)))) for one in learned]
    chosen = choose(disagreements, looks, known, count)
    remove_tags(store, find_numbers(store, Filter(text=f"tag:{TAG}")), TAG)
    add_tags(store, chosen, TAG)
    return chosen


def disagreement(image: Image, trimap: Trimap | None) -> float:
    """How differently the models see the unknown pixels: the sum of |Δ alpha|, / 1000. `trimap` is found if None.

    0 if foreground or background is nowhere known: then the edge is not what is to be learned.
    """
    if trimap is None:
        trimap = make_trimap(load_model("auto")(image))
    if missing(trimap):
        return 0.0
    one, other = (load_model(name)(image, trimap) for name in COMMITTEE)
    return float(np.abs(one - other)[trimap == UNKNOWN].sum()) / 1000


def look_of(image: Image) -> Look:
    """The colours of `image` at 8 × 8 places, as alike as people see them: (192,) in CIE Lab."""
    lab = cv2.cvtColor(resize(image, LAYOUT).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab.ravel(), np.float32)


def choose(
    disagreements: Mapping[int, float], looks: Mapping[int, Look], known: Sequence[Look], count: int
) -> list[int]:
    """The `count` samples with the highest products of disagreement and of distance to the nearest look.

    One after the other: those chosen count as known for the next.
    """
    chosen = list[int]()
    nearest = {sample: _nearest(look, known) for sample, look in looks.items()}
    while len(chosen) < count:
        left = {sample: disagreements[sample] * nearest[sample] for sample in looks if sample not in chosen}
        best = max(left, key=lambda sample: left[sample], default=None)
        if best is None or not left[best]:
            break
        chosen.append(best)
        nearest = {sample: min(nearest[sample], _nearest(looks[sample], [looks[best]])) for sample in looks}
    return chosen


def _nearest(look: Look, others: Sequence[Look]) -> float:
    """The distance of `look` to the nearest of `others`; the largest there is if there are none."""
    farthest = 100.0 * look.size**0.5
    return min((float(np.linalg.norm(look - other)) for other in others), default=farthest)


def _small(store: Store, number: int) -> tuple[Image, Trimap | None]:
    """The photo of a sample and its trimap, if it has one, shrunk."""
    sample = get_sample(store, number)
    image = read_image(io.BytesIO(store.files.get(sample.image)))
    size = within((image.shape[0], image.shape[1]), SIDE)
    revision = get_revision(store, number, sample.current) if sample.current else None
    if revision is None or revision.trimap is None:
        return resize(image, size), None
    trimap = read_trimap(io.BytesIO(store.files.get(revision.trimap)))
    return resize(image, size), resize(trimap, size, smooth=False)


def _drawn(numbers: list[int]) -> list[int]:
    """All of `numbers`, or MOST of them, the same ones each time."""
    if len(numbers) <= MOST:
        return numbers
    return sorted(np.random.default_rng(0).choice(numbers, MOST, replace=False).tolist())
