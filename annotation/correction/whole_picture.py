"""Slow work on a whole picture for which a person waits, each task in another process.

Every function reports through matting.solving.progress, and ends within a second if on_progress raises.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from annotation.correction.memory_needed import check_fits
from annotation.store import EncodedContent, RevisionContent, encode_content
from matting.arrays import UNKNOWN, Alpha, Image, Stored, Trimap
from matting.files import encode_image
from matting.foreground import estimate_foreground
from matting.models import load_listed
from matting.models.auto.model import AutoModel, Choice
from matting.models.base import Model, answer
from matting.models.things import joined, trimap_beside
from matting.models.things.model import ThingsModel
from matting.solving.progress import report
from matting.solving.separate_process import apart
from matting.solving.task_queue import PULSE_SECONDS
from matting.trimap import Widths, make_trimap
from matting.weights.credit import Answer, Credit

Result = TypeVar("Result")

LONG_UNKNOWN_PIXELS = 300_000
"""Unknown pixels above which a solve counts as long."""
LARGE_PIXELS = 4_000_000
"""Pixels above which finding the subject, and making a trimap, colours or a file, takes a second of one core or
more."""


def solve_apart(solver: str, image: Image, trimap: Trimap) -> Answer:
    """The alpha of the whole picture by the listed model `solver`, and its credit; raises what the model raises.

    ValueError before it begins if there is too little memory for a large picture.
    """
    if trimap.size > LARGE_PIXELS:
        check_fits(trimap.size)
    return apart(solve, solver, image, trimap, is_long=bool(np.count_nonzero(trimap == UNKNOWN) > LONG_UNKNOWN_PIXELS))


def png_apart(pixels: Stored) -> bytes:
    """`pixels` as a PNG file."""
    return apart(encode_image, pixels, ".png", is_long=pixels.size > LARGE_PIXELS)


def subject_apart(model: str, image: Image) -> Choice:
    """The subject, as the listed model `model` finds it."""
    return _apart_if_large(image, find_subject, model, image)


def trimap_apart(alpha: Alpha, widths: Widths, others: Alpha | None = None) -> Trimap:
    """See matting.models.things.trimap_beside."""
    return _apart_if_large(alpha, trimap_beside, alpha, others, widths)


def label_apart(model: str, image: Image) -> tuple[EncodedContent, Credit]:
    """See `label`; by the listed model `model`."""
    return _apart_if_large(image, label_by_name, model, image)


def content_apart(image: Image, trimap: Trimap, alpha: Alpha, scribbles: bytes) -> EncodedContent:
    """See `content`."""
    return apart(content, image, trimap, alpha, scribbles, is_long=alpha.size > LARGE_PIXELS)


def _apart_if_large(picture: Image | Alpha, function: Callable[..., Result], *arguments: Any) -> Result:
    """`function(*arguments)`; in this process if `picture` is so small that it is done before another process begins.

    Even for a large picture it takes only seconds, so it does not count as long.
    """
    is_large = picture.shape[0] * picture.shape[1] > LARGE_PIXELS
    return apart(function, *arguments) if is_large else function(*arguments)


@contextmanager
def held(lock: RLock) -> Iterator[None]:
    """Hold `lock` inside the block; while waiting for it, report progress, so that on_progress can end the wait."""
    while not lock.acquire(timeout=PULSE_SECONDS):
        report(0)
    try:
        yield
    finally:
        lock.release()


def solve(solver: str, image: Image, trimap: Trimap) -> Answer:
    """Like `solve_apart`, but in this process."""
    return answer(load_listed(solver), image, trimap, name=solver)


def find_subject(model: str, image: Image) -> Choice:
    """Like `subject_apart`, but in this process."""
    loaded, started = load_listed(model), perf_counter()
    if isinstance(loaded, AutoModel):
        choice = loaded.choose(image)
        *others, last = choice.took_part
        seconds = perf_counter() - started - sum(other.seconds for other in others)
        return replace(choice, took_part=(*others, replace(last, seconds=seconds)))
    if isinstance(loaded, ThingsModel):
        things = loaded.each(image)
        return Choice(joined(things), (loaded.credit(perf_counter() - started),), "", things=tuple(things))
    found = loaded.answer(image)
    return Choice(found.alpha, (found.credit,), "")


def label_by_name(model: str, image: Image) -> tuple[EncodedContent, Credit]:
    """See `label`; by the listed model `model`."""
    return label(load_listed(model), image)


def label(model: Model, image: Image) -> tuple[EncodedContent, Credit]:
    """A first alpha for a photo, a trimap along its edge and clean colours; and where they came from."""
    found = model.answer(image)
    return content(image, make_trimap(found.alpha), found.alpha), found.credit


def content(image: Image, trimap: Trimap, alpha: Alpha, scribbles: bytes | None = None) -> EncodedContent:
    """The content of a revision: trimap, alpha, strokes, and the colours estimated from the alpha."""
    foreground = estimate_foreground(image, alpha)
    return encode_content(RevisionContent(trimap, alpha, foreground, scribbles), alpha.shape[:2])
