"""A click on the photo: the subject is what was clicked, whatever the models took for it."""

from functools import lru_cache
from time import perf_counter

import gradio as gr
import numpy as np

from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import edge_sliders, line_of
from annotation.ui.errors import shows_errors
from matting.files.drawn_size import drawn_size
from matting.models.agreed_mask import soft_edged
from matting.models.credit import Credit
from matting.models.mobile_sam import MOBILE_SAM, Point, Selector
from matting.weights import used_weights


@shows_errors
def find_clicked(job: Job | None, photo: str | None, event: gr.SelectData) -> tuple[object, object, object]:
    """Take what was clicked for the subject; what `find_subject` gives.

    The first click starts anew. Of the later ones, one on the subject takes something away, any other adds something.

    Raises:
        ValueError: there is nothing to be found.
        WeightsError: the weights of MobileSAM cannot be had.
    """
    if job is None or photo is None:
        return gr.skip(), gr.skip(), gr.skip()
    started, image = perf_counter(), job.image
    scale = image.shape[1] / drawn_size(photo)[1]
    x, y = (min(int(place * scale), most - 1) for place, most in zip(event.index, image.shape[1::-1], strict=True))
    point = Point(x, y, not job.points or bool(job.subject[y, x] < 0.5))
    selection = _selector(job).select([*job.points, point])
    if not selection.any():
        raise ValueError("Nothing can be told apart there; click in the middle of your subject.")
    alpha = soft_edged(selection, image)
    job.keep("subject", alpha)
    job.put_points([*job.points, point])
    used = used_weights(MOBILE_SAM)
    job.credit([Credit(MOBILE_SAM, used.sha256, used.licence, perf_counter() - started)])
    job.give_reason("what you clicked on. Click beside it to add something, on it to take something away.")
    return line_of(job), *edge_sliders(alpha)


@lru_cache(maxsize=4)
def _selector(job: Job) -> Selector:
    """The photo of a job, encoded once for all its clicks; a few MB each."""
    return Selector(np.ascontiguousarray(job.image))
