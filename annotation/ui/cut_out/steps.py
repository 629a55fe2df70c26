"""The three steps of the Cut-out tab, as plain functions: find the subject, set its edges, show it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import gradio as gr
import numpy as np

from annotation.correction.full_size import behind, get_ready
from annotation.correction.whole_picture import solve_apart, subject_apart, trimap_apart
from annotation.ui.cancelling import waited_for
from annotation.ui.cut_out.backgrounds import Scenery
from annotation.ui.cut_out.job import EDGES, SUBJECT, Job, SupersededError, view
from annotation.ui.cut_out.one_by_one import choices, keep, others, taken
from annotation.ui.cut_out.partial_results import as_it_comes
from annotation.ui.errors import shows_errors
from annotation.ui.progress import solving
from annotation.ui.uploads import accepted
from annotation.visits.strange_files import read_upload
from matting.arrays import Alpha, Colours, Image, Trimap, to_float, to_uint8
from matting.composite import composite, contrasting_checkerboard
from matting.files.damaged_photos import open_photo
from matting.foreground import estimate_foreground
from matting.models import short_title
from matting.models.auto.model import Choice
from matting.models.base import impose
from matting.models.classical.compiling import READY
from matting.solving.partial_results import Piece, watched
from matting.solving.progress import OnProgress
from matting.trimap import Widths, default_widths, unknown_share
from matting.weights.credit import Answer, Credit

AS_FOUND = "as-found"
"""The solver that leaves the subject model's own alpha as it is."""
UNSURE = "**Click on your subject in the photo.**"
MEANT = "Not what you meant? Click on it in the photo."
TOO_UNKNOWN = 0.3
"""The share of unknown pixels from which the edges are hardly better than a guess."""
WELCOME = "Drop a photo, paste one or take one: the subject is cut out at once."
DRAWN = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif")
"""What every browser draws by itself; for other photos it gets a copy."""

NOTHING_NEW = (gr.skip(),) * 4
"""What `take` would give, if there is nothing to take."""
OVERLAY = {0: (220, 60, 50), 128: (60, 110, 240), 255: (40, 180, 90)}
OVERLAY_STRENGTH = 0.5


@shows_errors
def change_photo(before: Job | None, path: str | None, subject: str) -> tuple[object, ...]:
    """A new photo, or none: (job, the photo as it is drawn, no result, no trimap, summary)."""
    photo = None if path is None else read_upload(open_photo, accepted(path, "photo"))
    if before:
        before.want(EDGES, "")
        before.leave()
    if path is None or photo is None:
        return None, None, None, None, WELCOME
    is_drawn = Path(path).suffix.lower() in DRAWN and not photo.note
    drawn = gr.skip() if is_drawn else view([photo.image])[0]
    job = Job.begin(Path(path).stem, photo.image, photo.note)
    if photo.opacity is not None:
        job.keep("opacity", photo.opacity)
    job.want(SUBJECT, subject)
    return job, drawn, None, None, "Looking for the subject…"


def reopen(before: Job | None, name: str) -> tuple[object, ...]:
    """The cut-out called `name` again, "" is none; GoneError if it is not there any more.

    Gives (job, photo, result, trimap, summary, which of several things).
    """
    job = Job.again(name) if name else None
    if before:
        before.want(EDGES, "")
        before.leave()
    if job is None:
        return None, None, None, None, WELCOME, choices(None)
    return job, view([job.image])[0], gr.skip(), overlay(job.image, job.trimap), line_of(job), choices(job)


def photo_before(job: Job | None) -> Image | None:
    """What the place of the photo shows again after a refused file: (h, w, 3) uint8; None if there was none."""
    return view([job.image])[0] if job else None


@shows_errors
def find_subject(job: Job | None, subject: str, request: gr.Request | None = None) -> tuple[object, ...]:
    """Run the subject model, or take one of the things that it found: what `take` gives."""
    if job is None or subject == job.there(SUBJECT):
        return NOTHING_NEW
    image = job.image
    try:
        with job.making(SUBJECT, subject), waited_for(request, lambda _: job.check_open()):
            if known := taken(job, subject):
                return take(job, *known)
            found = subject_apart(subject, image)
            job.check_open()
            get_ready()
            keep(job, found)
            return take(job, *(taken(job, subject) or (found.alpha, found.credit, _with_advice(found))))
    except SupersededError:
        return NOTHING_NEW


def _with_advice(found: Choice) -> str:
    if not found.reason:
        return ""
    others = ", ".join(f"{short_title(one.model)} {one.seconds:.1f} s" for one in found.took_part[:-1])
    asked = f" (asked, too: {others})" if others else ""
    return f"{found.reason}{asked}. {MEANT if found.is_sure else UNSURE}"


def take(job: Job, alpha: Alpha, credit: Credit, reason: str) -> tuple[object, ...]:
    """Keep `alpha` as the subject, found for `reason`, whose edges are to be worked out.

    Gives (what was found, slider for the inner width, slider for the outer width, which of several things it is).
    """
    alpha = job.bound(alpha)
    job.keep("subject", alpha)
    job.credit([credit])
    job.give_reason(reason)
    job.want(EDGES, "")
    return line_of(job), *edge_sliders(alpha), choices(job)


def edge_sliders(alpha: Alpha) -> tuple[object, object]:
    """The widths of the unknown band that suit `alpha`: (slider for the inner one, slider for the outer one)."""
    widths = default_widths(alpha)
    most = max(20, 4 * max(widths.inner, widths.outer))
    return gr.Slider(maximum=most, value=widths.inner), gr.Slider(maximum=most, value=widths.outer)


def line_of(job: Job) -> str:
    """What took part in the result, each with its time, and the size of the photo."""
    subject, *edges = [f"**{short_title(one.model)}** {one.seconds:.1f} s" for one in job.answers]
    height, width = job.image.shape[:2]
    parts = [f"{subject}, {job.reason}" if job.reason else subject, *(f"edges: {one}" for one in edges)]
    return " · ".join([*parts, f"{width} × {height}", *filter(None, [job.note])])


def ask_subject(job: Job | None, subject: str) -> None:
    """Another model is to find the subject."""
    if job:
        job.want(SUBJECT, subject)


def ask_edges(job: Job | None, inner: int, outer: int, solver: str) -> None:
    """A control was changed: the edges that are being worked out for its old value are no longer needed.

    While the subject is being looked for, no edges are worked out: they come after it.
    """
    if job and job.wanted(SUBJECT) == job.there(SUBJECT):
        job.want(EDGES, _edges(job, inner, outer, solver))


def _edges(job: Job, inner: int, outer: int, solver: str) -> str:
    """What edges are made from, as a text; the same text means the same edges."""
    return f"{job.there(SUBJECT)} {int(inner)} {int(outer)} {solver}"


@shows_errors
def set_edges(
    job: Job | None,
    inner: int,
    outer: int,
    solver: str,
    kind: str,
    colour: str,
    picture: str | None,
    linear: bool,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 (how Gradio passes its progress bar)
    request: gr.Request | None = None,
) -> Iterator[tuple[object, ...]]:
    """Draw the trimap and solve it: (trimap over the photo, the share still unknown in words, what took part, result).

    While it is being solved, the result is what there is so far, as `show_result` draws it.
    """
    if job is None or job.lacks("subject") or job.wanted(SUBJECT) != job.there(SUBJECT):
        yield (gr.skip(),) * 4
        return
    show, scenery, how = solving(progress), Scenery(kind, colour, picture, linear), _edges(job, inner, outer, solver)
    job.want(EDGES, how)
    if how == job.there(EDGES):
        trimap = job.trimap
        yield overlay(job.image, trimap), _share(trimap, is_solved=solver != AS_FOUND), *_as_before(job, scenery)
        return
    image, alpha, answers = job.image, job.subject, job.answers[:1]

    def follow(share: float) -> None:
        job.check(how)
        show(share)

    work = partial(work_out, image, alpha, others(job), Widths(int(inner), int(outer)), solver, follow, request)
    try:
        with job.making(EDGES, how):
            trimap, found = yield from as_it_comes(work, partial(_unfinished, image, scenery))
            job.check(how)
            job.keep("trimap", trimap)
            job.keep("alpha", job.bound(found.alpha) if found else alpha)
            job.credit([*answers, found.credit] if found else answers)
    except SupersededError:
        yield (gr.skip(),) * 4
        return
    except Exception:
        yield gr.skip(), gr.skip(), *_as_before(job, scenery)
        raise
    yield overlay(image, trimap), _share(trimap, is_solved=solver != AS_FOUND), line_of(job), gr.skip()


def work_out(
    image: Image,
    subject: Alpha,
    beside: Alpha | None,
    widths: Widths,
    solver: str,
    follow: OnProgress,
    request: gr.Request | None,
    hand_on: Callable[[tuple[Trimap, Alpha | None]], None],
) -> tuple[Trimap, Answer | None]:
    """The trimap of the `subject`, and what `solver` makes of it; both are handed on as they come.

    What is surely `beside` it, another thing of its kind, is background.

    The answer is None if the subject's alpha stays as it was found.
    """
    with waited_for(request, follow):
        trimap = trimap_apart(subject, widths, beside)
        if solver == AS_FOUND:
            return trimap, None
        hand_on((trimap, None))
        so_far = impose(subject, trimap)

        def see(piece: Piece) -> None:
            place = piece.box.slices
            so_far[place] = impose(piece.enlarged(image), trimap[place])
            hand_on((trimap, so_far))

        with watched(see):
            return trimap, solve_apart(solver, image, trimap)


def _unfinished(image: Image, scenery: Scenery, made: tuple[Trimap, Alpha | None]) -> tuple[object, ...]:
    """What `set_edges` gives on the way; the bar is where the line was."""
    trimap, so_far = made
    result = gr.skip() if so_far is None else _pair(image, so_far, scenery)
    return overlay(image, trimap), _share(trimap, is_solved=True), "", result


def _as_before(job: Job, scenery: Scenery) -> tuple[object, object]:
    """(line, result) as they were."""
    if job.lacks("alpha"):
        return gr.skip(), gr.skip()
    return line_of(job), _pair(job.image, job.alpha, scenery)


def _share(trimap: Trimap, *, is_solved: bool) -> str:
    """How much of the photo is unknown, with a warning if too little is known for good edges."""
    share = unknown_share(trimap)
    words = f"**{share:.1%}** of the photo is unknown."
    if is_solved and share > TOO_UNKNOWN:
        return f"⚠️ {words} That is too much for good edges: click on your subject in the photo first."
    return words


@shows_errors
def show_result(job: Job | None, kind: str, colour: str, picture: str | None, linear: bool) -> object:
    """(photo, composite over the chosen background), both (h, w, 3) uint8 at the size they are shown."""
    if job is None or job.lacks("alpha"):
        return gr.skip()
    return _pair(job.image, job.alpha, Scenery(kind, colour, picture, linear))


def _pair(image: Image, alpha: Alpha, scenery: Scenery) -> tuple[Image, Image]:
    """See `show_result`."""
    image, alpha = view([image, alpha])
    return image, over(image, alpha, scenery)


def over(image: Image, alpha: Alpha, scenery: Scenery) -> Image:
    """The subject over what was chosen, (h, w, 3) uint8; over nothing, in front of squares against which its edge
    stands out."""
    colours = _colours(image, alpha)
    ground = contrasting_checkerboard(colours, alpha) if scenery.is_nothing else behind(image, scenery.chosen)
    return to_uint8(composite(colours, alpha, ground, linear=scenery.linear))


def _colours(image: Image, alpha: Alpha) -> Colours:
    """The subject's colours; the photo's own while the estimate is still being compiled: nobody waits for that."""
    return estimate_foreground(image, alpha) if READY.is_set() else to_float(image)


def overlay(image: Image, trimap: Trimap) -> Image:
    """The trimap's three colours over the photo, at the size it is shown: (h, w, 3) uint8."""
    (small,) = view([image])
    (labels,) = view([trimap], smooth=False)
    palette = np.zeros((256, 3), np.uint8)
    for label, colour in OVERLAY.items():
        palette[label] = colour
    return to_uint8((1 - OVERLAY_STRENGTH) * to_float(small) + OVERLAY_STRENGTH * to_float(palette[labels]))
