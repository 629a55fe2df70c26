"""From the dataset to a draft and back: taking a sample, finishing its alpha as a whole, saving it as a revision."""

from dataclasses import dataclass
from functools import partial
from io import BytesIO

import numpy as np

from annotation.correction.carried_strokes import carried, own
from annotation.correction.open_draft import Finished, OpenDraft
from annotation.correction.resolving import Patch
from annotation.correction.session import UNSOLVED
from annotation.correction.whole_picture import content_apart, held, solve_apart
from annotation.correction.workspace import Workspace
from annotation.store import Effort, Revision, add_sample, get_revision, get_sample, save_revision
from annotation.store.credits import credited, credits_of, from_text
from annotation.strokes.boxes import EMPTY, around
from annotation.strokes.stroke import counting, from_bytes, to_bytes
from matting.arrays import UNKNOWN, Alpha, Trimap
from matting.files import read_alpha, read_image, read_trimap
from matting.models.base import impose
from matting.models.mobile_sam import MOBILE_SAM
from matting.solving.partial_results import Piece, watched
from matting.solving.progress import OnProgress, reporting_to
from matting.trimap import make_trimap
from matting.weights import used_weights
from matting.weights.credit import Credit


@dataclass(frozen=True)
class Result:
    """A finished photo."""

    trimap: Trimap
    alpha: Alpha
    scribbles: bytes
    """The strokes as a file; see strokes/stroke.py."""
    answers: list[Credit]
    """The answers that led to the alpha, in order."""


def take_sample(workspace: Workspace, number: int) -> str:
    """Make a draft of a sample, from its current revision; the draft's id.

    Raises:
        StoreError: there is no such sample, or it could not be read.
    """
    store = workspace.drafts.store
    sample = get_sample(store, number)
    revision = get_revision(store, number, sample.current) if sample.current else None
    image = read_image(BytesIO(store.files.get(sample.image)))
    alpha = read_alpha(BytesIO(store.files.get(revision.alpha))) if revision and revision.alpha else None
    if revision and revision.trimap:
        trimap = read_trimap(BytesIO(store.files.get(revision.trimap)))
    else:
        trimap = np.full(image.shape[:2], UNKNOWN, np.uint8) if alpha is None else make_trimap(alpha)
    answers = credits_of(revision)
    draft = workspace.begin(
        image, trimap, name=sample.name, alpha=alpha, answers=answers, base=sample.current, sample=sample.id
    )
    if revision and revision.scribbles:
        for stroke in carried(from_bytes(store.files.get(revision.scribbles)), trimap):
            workspace.drafts.append(draft, stroke)
    return draft


def finish(open_draft: OpenDraft, model: str, on_progress: OnProgress) -> Result:
    """The finished photo. `model` solves its alpha as a whole, so no result depends on the order of strokes.

    It is solved once: a save after a download does not solve it again. `on_progress` is called with the share that is
    done, 0 to 1; it stops the solve by raising.

    Raises:
        ValueError: there is no known foreground or background to solve from.
    """
    session = open_draft.session
    with reporting_to(on_progress), held(open_draft.finishing):
        with session.lock:
            trimap, strokes = session.trimap.copy(), list(session.strokes)
        finished = open_draft.finished
        if finished is None or (finished.solver, finished.strokes) != (model, len(strokes)):
            with watched(partial(show_piece, open_draft, trimap)):
                found = solve_apart(model, session.image, trimap)
            settle(open_draft, trimap, found.alpha)
            finished = Finished(model, len(strokes), found.alpha, found.credit)
            open_draft.finished = finished
        alpha = session.finished(finished.alpha, counting(strokes), trimap)
        return Result(trimap, alpha, to_bytes(strokes), [*answers_before(open_draft), finished.credit])


def show_piece(open_draft: OpenDraft, trimap: Trimap, piece: Piece) -> None:
    """Show the browser tabs a piece of the whole picture, solved from `trimap`, unless a stroke has changed it there.

    A first look counts only where nothing was solved before.
    """
    session, place = open_draft.session, piece.box.slices
    alpha = impose(piece.enlarged(session.image), trimap[place])
    with session.lock:
        if not np.array_equal(session.trimap[place], trimap[place]):
            return
        if piece.is_first_look:
            before = session.solved[place]
            np.copyto(alpha, before, where=before != UNSOLVED)
        changed = (session.show if piece.is_first_look else session.put)(piece.box, alpha)
        open_draft.publish(Patch(changed, session.alpha[changed.slices].copy(), "fine", len(session.strokes)))


def settle(open_draft: OpenDraft, trimap: Trimap, alpha: Alpha) -> None:
    """Show `alpha`, the answer for the whole picture with `trimap`, unless a stroke has come since."""
    session = open_draft.session
    with session.lock:
        if np.array_equal(session.trimap, trimap):
            session.waiting, session.outskirts = [], EMPTY
            if not np.array_equal(session.solved, alpha):
                show_piece(open_draft, trimap, Piece(around(trimap), alpha))


def answers_before(open_draft: OpenDraft) -> list[Credit]:
    """The answers before the finished alpha: those that the photo came with, and those to clicks."""
    session = open_draft.session
    with session.lock:
        has_clicks = any(stroke.kind == "start" and stroke.points for stroke in counting(session.strokes))
    clicked = [used_weights(MOBILE_SAM)] if has_clicks else []
    return [
        *from_text(open_draft.stored.answers),
        *(Credit(MOBILE_SAM, used.sha256, used.licence) for used in clicked),
    ]


def save(workspace: Workspace, open_draft: OpenDraft, model: str, on_progress: OnProgress) -> Revision:
    """Finish the photo, see `finish`, and save it as the next revision of its sample.

    Raises:
        ValueError: there is no known foreground or background to solve from.
        StaleSaveError: somebody else saved meanwhile; this save is kept beside theirs.
        StoreError: it could not be saved.
    """
    result = finish(open_draft, model, on_progress)
    session, drafts, draft = open_draft.session, workspace.drafts, open_draft.stored
    with reporting_to(on_progress):
        content = content_apart(session.image, result.trimap, result.alpha, result.scribbles)
    sample = drafts.sample(draft.id)
    if sample is None:
        sample = add_sample(drafts.store, session.image, name=draft.name, source=drafts.files.get(draft.image)).id
    effort = Effort(
        tool="editor",
        minutes=session.seconds / 60,
        strokes=len(own(session.strokes)),
        **credited(result.answers),
    )
    parent = drafts.base(draft.id) or 0
    return save_revision(drafts.store, sample, content, parent=parent, effort=effort, draft=draft.id)
