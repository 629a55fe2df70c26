"""What the Correct tab does, as plain functions: take a photo over, download the result, save it to the dataset."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from annotation.correction.finishing import foreground_apart, held, solve_apart
from annotation.correction.open_work import Finished, OpenWork
from annotation.correction.workspace import Desk
from annotation.editor.component import read_opened
from annotation.store import (
    Effort,
    StaleSaveError,
    StoreError,
    Work,
    Works,
    add_sample,
    get_revision,
    get_sample,
    open_store,
    save_revision,
)
from annotation.store.credits import credited, credits_of, from_text
from annotation.strokes.stroke import counting, to_bytes
from annotation.ui.backgrounds import Scenery
from annotation.ui.downloads import FILES, FullSize, write
from annotation.ui.errors import told
from annotation.ui.job import Job
from annotation.ui.progress import solving
from annotation.ui.waiting import waited_for
from matting.arrays import FOREGROUND, UNKNOWN, Alpha, Trimap
from matting.files import read_alpha, read_image, read_trimap
from matting.models import load_listed as load_model  # names come from a browser
from matting.models.credit import Credit
from matting.models.mobile_sam import WEIGHTS as CLICKS
from matting.trimap import make_trimap
from matting.weights import used_weights

SOLVER = "shared"
"""Re-solves while a person paints; benchmarks/robot_annotator.py tells why."""
BEST = "studio"
"""Finishes, unless the person takes another: the most exact one, too slow to follow a brush."""
PLAIN = Scenery()
NEXT = "Mark it as done there to have it exported."


@cache
def desk_of(data: Path) -> Desk:
    """The one desk of the dataset folder `data`."""
    return Desk(Works(open_store(data)), lambda image, trimap: load_model(SOLVER)(image, trimap))


def take_sample(data: Path, number: int) -> str:
    """Take a sample into work as its current revision left it; the work's id."""
    store = desk_of(data).works.store
    sample = get_sample(store, number)
    revision = get_revision(store, number, sample.current) if sample.current else None
    image = read_image(BytesIO(store.files.get(sample.image)))
    alpha = read_alpha(BytesIO(store.files.get(revision.alpha))) if revision and revision.alpha else None
    if revision and revision.trimap:
        trimap = read_trimap(BytesIO(store.files.get(revision.trimap)))
    else:
        trimap = np.full(image.shape[:2], UNKNOWN, np.uint8) if alpha is None else make_trimap(alpha)
    answers = credits_of(revision)
    return desk_of(data).begin(image, trimap, name=sample.name, alpha=alpha, answers=answers, base=sample.current)


def taker(data: Path) -> Callable[[Job | None], tuple[Any, Any]]:
    """The handler that takes the photo of the Cut-out tab into work and shows the Correct tab."""

    @told
    def take(job: Job | None) -> tuple[Any, Any]:
        if job is None:
            raise ValueError("There is nothing to correct yet; drop a photo first.")
        trimap = job.trimap
        if not (trimap == FOREGROUND).any():  # no subject was found: the person's strokes are all there is
            trimap = np.full_like(trimap, UNKNOWN)
        work = desk_of(data).begin(job.image, trimap, name=job.stem, alpha=job.alpha, answers=job.answers)
        return {"work": work}, gr.Tabs(selected="Correct")

    return take


def maker(data: Path, name: str) -> Callable[[Any, str, Job | None], tuple[str, Job, str]]:
    """The handler that writes the file called `name` in FILES: (its path, the job whose folder it lies in, words)."""

    @told
    def make(
        value: Any,
        solver: str,
        before: Job | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way)
        request: gr.Request | None = None,
    ) -> tuple[str, Job, str]:
        open_work = opened(data, value)
        if before:
            before.end()
        with waited_for(request, solving(progress)):
            trimap, alpha, _ = result_of(open_work, solver)
            job = Job.begin(open_work.work.name or "photo", open_work.session.image)
            job.keep("trimap", trimap)
            job.keep("alpha", alpha)
            path = write(job, FullSize(job, PLAIN), FILES[name])
        return str(path), job, f"Downloaded: {path.name}."

    return make


def saver(data: Path) -> Callable[[Any, str], str]:
    """The handler that saves the work as a sample of the dataset: a sentence that says under which number."""

    @told
    def save(
        value: Any,
        solver: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way)
        request: gr.Request | None = None,
    ) -> str:
        open_work = opened(data, value)
        with waited_for(request, solving(progress)):
            with held(open_work.finishing):  # no other tab finishes it with something else between the two
                trimap, alpha, scribbles = result_of(open_work, solver)
                answers = answers_of(open_work)
            foreground = foreground_apart(open_work.session.image, alpha)
        session, work = open_work.session, open_work.work
        works = desk_of(data).works
        store, base = works.store, works.base(work.id)
        try:
            sample = add_sample(store, session.image, name=work.name, source=store.files.get(work.image))
            effort = Effort(
                tool="editor", minutes=session.seconds / 60, strokes=len(session.strokes), **credited(answers)
            )
            content = Work(trimap, alpha, foreground, scribbles)
            revision = save_revision(store, sample.id, content, parent=base or 0, effort=effort, draft=work.id)
        except StaleSaveError as error:
            told_why = error if base is not None else nobody_noted(error)
            raise gr.Error(f"{told_why}, or save again to put yours on top.", print_exception=False) from error
        except StoreError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return f"Saved to the dataset: sample {sample.id}, revision {revision.number}. {NEXT}"

    return save


def answers_of(open_work: OpenWork) -> list[Credit]:
    """What the finished alpha came from: what the photo was taken over with, what clicks selected, what finished it."""
    session, finished = open_work.session, open_work.finished
    with session.lock:
        has_clicks = any(stroke.kind == "start" and stroke.points for stroke in counting(session.strokes))
    clicked = [used_weights(CLICKS)] if has_clicks else []
    return [
        *from_text(open_work.work.answers),
        *(Credit(CLICKS, used.sha256, used.licence) for used in clicked),
        *([finished.credit] if finished else []),
    ]


def nobody_noted(error: StaleSaveError) -> str:
    """What to tell of a draft from before its base was stored, whose sample has been saved."""
    return (
        f"this draft was begun before it was noted on which revision it is based, and sample {error.theirs.sample} has "
        f"revision {error.theirs.number}. Yours is kept as revision {error.yours.number}; restore it to make it the "
        "current one"
    )


def opened(data: Path, value: Any) -> OpenWork:
    """The work the editor's value names, if its secret is right; ValueError in words for a person if not."""
    claim = read_opened(value)
    if claim is None:
        raise ValueError("No photo is open here; choose one first.")
    try:
        return desk_of(data).open(claim.work, claim.secret)
    except StoreError as error:
        raise ValueError(str(error)) from error


def result_of(open_work: OpenWork, solver: str) -> tuple[Trimap, Alpha, bytes]:
    """(trimap, alpha, strokes as a file): the alpha solved as a whole, as no result may depend on the order of strokes.

    Solved once: who downloads and then saves waits for the first only. matting.solving.progress hears how far it is.

    Raises:
        ValueError: there is no known foreground or background to solve from.
    """
    session = open_work.session
    with held(open_work.finishing):
        with session.lock:
            trimap, strokes = session.trimap.copy(), list(session.strokes)
        finished = open_work.finished
        if finished is None or (finished.solver, finished.strokes) != (solver, len(strokes)):
            found = solve_apart(solver, session.image, trimap)
            finished = Finished(solver, len(strokes), found.alpha, found.credit)
            open_work.finished = finished
    return trimap, finished.alpha, to_bytes(strokes)
