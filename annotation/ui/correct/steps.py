"""The steps of the Correct tab, as plain functions: take over a photo, download the result, save it to the dataset."""

from collections.abc import Callable

import gradio as gr
import numpy as np

from annotation.correction.finishing import finish, save
from annotation.correction.open_draft import OpenDraft
from annotation.correction.workspace import Workspace
from annotation.editor.component import read_opened
from annotation.store import StaleSaveError, StoreError
from annotation.ui.correct.open_in_correct import show
from annotation.ui.cut_out.backgrounds import Scenery
from annotation.ui.cut_out.downloads import FILES, FullSize, write
from annotation.ui.cut_out.job import Job
from annotation.ui.errors import told
from annotation.ui.progress import solving
from annotation.ui.waiting import waited_for
from matting.arrays import FOREGROUND, UNKNOWN

BEST = "studio"
"""The default for finishing: the most exact model, too slow to follow a brush."""
PLAIN = Scenery()
NEXT = "Mark it as done there to have it exported."


def taker(workspace: Workspace) -> Callable[[Job | None], tuple[object, object]]:
    """The handler that takes the photo of the Cut-out tab as a draft and shows the Correct tab."""

    @told
    def take(job: Job | None) -> tuple[object, object]:
        if job is None:
            raise ValueError("There is nothing to correct yet; drop a photo first.")
        trimap = job.trimap
        if not (trimap == FOREGROUND).any():  # no subject was found: only the person's strokes count
            trimap = np.full_like(trimap, UNKNOWN)
        return show(workspace.begin(job.image, trimap, name=job.stem, alpha=job.alpha, answers=job.answers))

    return take


def maker(workspace: Workspace, name: str) -> Callable[[object, str, Job | None], tuple[str, Job, str]]:
    """The handler that writes the file called `name` in FILES: (its path, the job whose folder it lies in, words)."""

    @told
    def make(
        value: object,
        solver: str,
        before: Job | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way)
        request: gr.Request | None = None,
    ) -> tuple[str, Job, str]:
        open_draft = opened(workspace, value)
        if before:
            before.end()
        with waited_for(request, solving(progress)) as on_progress:
            result = finish(open_draft, solver, on_progress)
            job = Job.begin(open_draft.stored.name or "photo", open_draft.session.image)
            job.keep("trimap", result.trimap)
            job.keep("alpha", result.alpha)
            path = write(job, FullSize(job, PLAIN), FILES[name])
        return str(path), job, f"Downloaded: {path.name}."

    return make


def saver(workspace: Workspace) -> Callable[[object, str], str]:
    """The handler that saves the draft as a sample of the dataset: a sentence that says under which number."""

    @told
    def keep(
        value: object,
        solver: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way)
        request: gr.Request | None = None,
    ) -> str:
        open_draft = opened(workspace, value)
        base = workspace.drafts.base(open_draft.stored.id)
        try:
            with waited_for(request, solving(progress)) as on_progress:
                revision = save(workspace, open_draft, solver, on_progress)
        except StaleSaveError as error:
            reason = error if base is not None else base_unknown(error)
            raise ValueError(f"{reason}, or save again to put yours on top.") from error
        return f"Saved to the dataset: sample {revision.sample}, revision {revision.number}. {NEXT}"

    return keep


def base_unknown(error: StaleSaveError) -> str:
    """Why a draft without a known base does not replace a sample that others have saved."""
    return (
        f"this draft of an older version does not know its base revision, and sample {error.theirs.sample} has "
        f"revision {error.theirs.number}. Yours is kept as revision {error.yours.number}; restore it to make it the "
        "current one"
    )


def opened(workspace: Workspace, value: object) -> OpenDraft:
    """The draft that the editor's value names, if its secret is right; otherwise ValueError for the person."""
    claim = read_opened(value)
    if claim is None:
        raise ValueError("No photo is open here; choose one first.")
    try:
        return workspace.open(claim.work, claim.secret)
    except StoreError as error:
        raise ValueError(str(error)) from error
