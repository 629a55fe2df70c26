"""The steps of the Correct tab, as plain functions: take over a photo, download the result, save it to the dataset."""

from collections.abc import Callable
from enum import Enum

import gradio as gr

from annotation.correction.finishing import finish, save, take_sample
from annotation.correction.full_size import FullSize
from annotation.correction.open_draft import OpenDraft
from annotation.correction.whole_picture import subject_apart
from annotation.correction.workspace import Workspace
from annotation.editor.component import read_opened
from annotation.store import Filter, StaleSaveError, State, StoreError, next_sample, set_state
from annotation.ui.cancelling import waited_for
from annotation.ui.correct.open_in_correct import show, startable, take_over
from annotation.ui.cut_out.downloads import FILES, unheard, write
from annotation.ui.cut_out.job import Job
from annotation.ui.errors import shows_errors
from annotation.ui.progress import solving
from annotation.ui.uploads import accepted
from annotation.visits.strange_files import read_upload
from matting.files.damaged_photos import open_photo
from matting.weights.credit import Answer

BEST = "studio"
"""The default for finishing: the most exact model."""
NEXT = "Approve it there, or mark it as done, to have it exported."


class Then(Enum):
    """What becomes of a sample that is saved."""

    NOTHING = "Save to the dataset"
    APPROVE = "Save and approve"
    NEXT = "Save and next"
    """It is done, and the next one to do is opened."""


def taker(workspace: Workspace) -> Callable[[Job | None], tuple[object, object]]:
    """The handler that takes the photo of the Cut-out tab as a draft and shows the Correct tab."""

    @shows_errors
    def take(job: Job | None) -> tuple[object, object]:
        if job is None:
            raise ValueError("There is nothing to correct yet; drop a photo first.")
        trimap = startable(job.trimap)
        return show(workspace.begin(job.image, trimap, name=job.stem, alpha=job.alpha, answers=job.answers))

    return take


def opener(workspace: Workspace) -> Callable[[str | None], tuple[object, None]]:
    """The handler that opens a photo from a file: (the editor's value, no photo in the place where it was dropped)."""

    @shows_errors
    def open_file(path: str | None, request: gr.Request | None = None) -> tuple[object, None]:
        if path is None:
            return gr.skip(), None
        file = accepted(path, "photo")
        photo = read_upload(open_photo, file)
        with waited_for(request, unheard):
            found = subject_apart("auto", photo.image)
        if photo.note:
            gr.Info(f"{file.name}: {photo.note}.")
        draft = take_over(workspace, photo.image, Answer(photo.bound(found.alpha), found.credit), name=file.stem)
        return show(draft)[0], None

    return open_file


def maker(workspace: Workspace, name: str) -> Callable[[object, str, Job | None], tuple[str, Job, str]]:
    """The handler that writes the file called `name` in FILES: (its path, the job whose folder it lies in, words)."""

    @shows_errors
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
            path = write(job, FullSize(job.image, job.alpha, job.trimap), FILES[name])
        return str(path), job, f"Downloaded: {path.name}."

    return make


def saver(workspace: Workspace, then: Then = Then.NOTHING) -> Callable[[object, str], tuple[str, object]]:
    """The handler that saves the draft as a sample of the dataset: (a sentence with its link, the editor's value)."""

    @shows_errors
    def keep(
        value: object,
        solver: str,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way)
        request: gr.Request | None = None,
    ) -> tuple[str, object]:
        open_draft = opened(workspace, value)
        base = workspace.drafts.base(open_draft.stored.id)
        try:
            with waited_for(request, solving(progress)) as on_progress:
                revision = save(workspace, open_draft, solver, on_progress)
        except StaleSaveError as error:
            reason = error if base is not None else base_unknown(error)
            raise ValueError(f"{reason}, or save again to put yours on top.") from error
        words = f"Saved to the dataset: [sample {revision.sample}](#dataset/{revision.sample}), "
        words += f"revision {revision.number}"
        if then is Then.NOTHING:
            return f"{words}. {NEXT}", gr.skip()
        store = workspace.drafts.store
        set_state(store, [revision.sample], State.APPROVED if then is Then.APPROVE else State.DONE)
        if then is Then.APPROVE:
            return f"{words}, approved.", gr.skip()
        following = next_sample(store, revision.sample, Filter(states=(State.TO_DO, State.IN_PROGRESS)))
        if following is None:
            return f"{words}, done. No sample after it is left to do.", gr.skip()
        gr.Info(f"Sample {revision.sample} is saved and done. This is sample {following.id}.")
        return "", show(take_sample(workspace, following.id))[0]

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
