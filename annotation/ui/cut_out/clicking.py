"""A click on the photo: the subject is what was clicked, whatever the models took it to be."""

import json
from functools import lru_cache
from time import perf_counter

import gradio as gr
import numpy as np

from annotation.ui.cut_out.job import SUBJECT, Job
from annotation.ui.cut_out.steps import NOTHING_NEW, take
from annotation.ui.errors import shows_errors
from matting.files.picture_header import drawn_size
from matting.models.auto.agreed_mask import soft_edged
from matting.models.mobile_sam import MOBILE_SAM, Point, Selector
from matting.weights import used_weights
from matting.weights.credit import Credit


def press(job: Job | None, photo: str | None, event: gr.SelectData) -> None:
    """Ask for the subject that was clicked, for `find_clicked` to find.

    The first click starts anew. A later one on the subject takes something away, any other adds something.
    """
    if job is None or photo is None:
        return
    height, width = job.size
    scale = width / drawn_size(photo)[1]
    x, y = (min(int(place * scale), most - 1) for place, most in zip(event.index, (width, height), strict=True))
    before = clicks(job.wanted(SUBJECT))
    is_beside = not before or job.lacks("subject") or bool(job.subject[y, x] < 0.5)
    job.want(SUBJECT, json.dumps([*before, Point(x, y, is_beside)]))


def clicks(how: str) -> list[Point]:
    """The clicks that a subject is made from; none if a model finds it."""
    return [Point(*point) for point in json.loads(how)] if how.startswith("[") else []


@shows_errors
def find_clicked(job: Job | None) -> tuple[object, ...]:
    """Take what was clicked as the subject; what `take` gives.

    Raises:
        ValueError: there is nothing to be found.
        WeightsError: the weights of MobileSAM cannot be obtained.
    """
    how = job.wanted(SUBJECT) if job else ""
    if job is None or not clicks(how) or how == job.there(SUBJECT):
        return NOTHING_NEW
    started, image = perf_counter(), job.image
    with job.making(SUBJECT, how):
        selection = _selector(job).select(clicks(how))
        if not selection.any():
            raise ValueError("Nothing can be told apart there; click in the middle of your subject.")
        alpha = soft_edged(selection, image)
        used = used_weights(MOBILE_SAM)
        credit = Credit(MOBILE_SAM, used.sha256, used.licence, perf_counter() - started)
        reason = "what you clicked on. Click beside it to add something, on it to take something away."
        return take(job, alpha, credit, reason)


@lru_cache(maxsize=4)
def _selector(job: Job) -> Selector:
    """The photo of a job, encoded once for all its clicks; a few MB each."""
    return Selector(np.ascontiguousarray(job.image))
