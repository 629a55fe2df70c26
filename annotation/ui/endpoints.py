"""The named endpoints: what other programs may ask, through gradio_client or as the tools of an MCP server.

They do what the Cut-out tab does, by the same code. Gradio publishes their docstrings. All other endpoints are private.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from annotation.correction.full_size import FullSize, pngs_apart
from annotation.correction.whole_picture import png_apart, solve_apart, subject_apart, trimap_apart
from annotation.ui.cancelling import waited_for
from annotation.ui.cut_out.backgrounds import Scenery
from annotation.ui.cut_out.downloads import unheard
from annotation.ui.cut_out.steps import AS_FOUND, work_out
from annotation.ui.errors import shows_errors
from annotation.ui.events import Options
from annotation.ui.photo_input import photo_input
from annotation.ui.uploads import accepted
from annotation.visits.strange_files import read_upload
from matting.arrays import to_uint16
from matting.commands.models import licence
from matting.composite.backgrounds import BLUR
from matting.files import read_trimap
from matting.files.damaged_photos import open_photo
from matting.metrics.comparing import is_present
from matting.models import listed_models
from matting.trimap import Widths, default_widths
from matting.weights.credit import Credit

RUN: Options = {"concurrency_id": "endpoints", "concurrency_limit": 2, "api_visibility": "public"}
"""Two programs are answered at once. The others wait in the queue, and so do not slow down the page."""
WHITE = "#ffffff"

Record = list[dict[str, object]]
"""What took part in a result, in order: model, SHA-256 and licence of its weights, seconds."""


@shows_errors
def cut_out(
    photo: str | None, model: str = "auto", edges: str = AS_FOUND, request: gr.Request | None = None
) -> tuple[str, Record]:
    """Cut the subject out of a photo: an RGBA PNG with straight colours, and what took part in it.

    Args:
        photo: A picture file.
        model: The model that finds the subject, as /models lists them.
        edges: "as-found", or the model that works out the edges; one of those that need a trimap.
    """
    with asked(photo, request) as path:
        full, record = _worked_out(path, model, edges, Scenery(), request)
        return _kept(path, "cutout", *pngs_apart(full, ["cutout"])), record


@shows_errors
def composite(
    photo: str | None,
    background: str = WHITE,
    picture: str | None = None,
    linear: bool = False,
    model: str = "auto",
    edges: str = AS_FOUND,
    request: gr.Request | None = None,
) -> tuple[str, Record]:
    """Lay the subject of a photo over another background: an RGB PNG, and what took part in it.

    Args:
        photo: A picture file.
        background: A colour written #RRGGBB, or "blur" for the photo itself out of focus.
        picture: A picture file to take as the background instead.
        linear: Whether to mix light as a camera does.
        model: The model that finds the subject, as /models lists them.
        edges: "as-found", or the model that works out the edges; one of those that need a trimap.
    """
    kind = "Picture" if picture else "Blur" if background == BLUR else "Colour"
    with asked(photo, request) as path:
        full, record = _worked_out(path, model, edges, Scenery(kind, background, picture, bool(linear)), request)
        return _kept(path, "composite", *pngs_apart(full, ["composite"])), record


@shows_errors
def alpha(
    photo: str | None, trimap: str | None = None, model: str = "auto", request: gr.Request | None = None
) -> tuple[str, Record]:
    """The alpha of a photo: a grey PNG of 16 bits, and what took part in it.

    Args:
        photo: A picture file.
        trimap: A picture file of the same size: 0 background, 128 unknown, 255 foreground. Without it, a subject is
            found.
        model: A model, as /models lists them; some of them need a trimap.
    """
    with asked(photo, request) as path:
        image = read_upload(open_photo, path).image
        if trimap:
            answer = solve_apart(model, image, read_upload(read_trimap, accepted(trimap, "photo")))
            found, credit = answer.alpha, answer.credit
        else:
            choice = subject_apart(model, image)
            found, credit = choice.alpha, choice.credit
        return _kept(path, "alpha", png_apart(to_uint16(found))), _record([credit])


@shows_errors
def trimap(
    photo: str | None,
    model: str = "auto",
    inner: float | None = None,
    outer: float | None = None,
    request: gr.Request | None = None,
) -> tuple[str, Record]:
    """The trimap around the subject of a photo: a PNG of 0, 128 and 255, and what took part in it.

    Args:
        photo: A picture file.
        model: The model that finds the subject, as /models lists them.
        inner: How far the unknown band reaches into the subject, in pixels; by default, as far as suits its size.
        outer: How far it reaches out of the subject, in pixels; by default, as far as suits its size.
    """
    with asked(photo, request) as path:
        choice = subject_apart(model, read_upload(open_photo, path).image)
        usual = default_widths(choice.alpha)
        widths = Widths(usual.inner if inner is None else int(inner), usual.outer if outer is None else int(outer))
        return _kept(path, "trimap", png_apart(trimap_apart(choice.alpha, widths))), _record([choice.credit])


@shows_errors
def models() -> list[dict[str, object]]:
    """All models: name, title, whether one needs a trimap, its weights' licence, and whether they are here.

    The first use of a model whose weights are not here fetches them.
    """
    return [
        {
            "name": name,
            "title": kind.title,
            "needs_trimap": kind.needs_trimap,
            "licence": trained.licence if trained else licence(kind),
            "is_present": is_present(name),
        }
        for name, (kind, trained) in listed_models().items()
    ]


def build() -> None:
    """Declare the endpoints; they are not seen on the page."""
    with gr.Column(visible=False):
        photo, picture, given = (photo_input(label) for label in ("Photo", "Background picture", "Trimap"))
        model, edges = gr.Textbox("auto", label="Model"), gr.Textbox(AS_FOUND, label="Edges")
        background, linear = gr.Textbox(WHITE, label="Background"), gr.Checkbox(False, label="Linear")
        inner, outer = (gr.Number(None, precision=0, label=f"{side} width, px") for side in ("Inner", "Outer"))
        made, record, listed = gr.File(label="PNG"), gr.JSON(label="What took part"), gr.JSON(label="Models")
        for function, inputs, outputs in (
            (cut_out, [photo, model, edges], [made, record]),
            (alpha, [photo, given, model], [made, record]),
            (trimap, [photo, model, inner, outer], [made, record]),
            (composite, [photo, background, picture, linear, model, edges], [made, record]),
            (models, [], [listed]),
        ):
            gr.Button().click(function, inputs, outputs, api_name=function.__name__, **RUN)


@contextmanager
def asked(photo: str | None, request: gr.Request | None) -> Iterator[Path]:
    """The path of the photo that a program sent; inside, its work counts as that of one visitor.

    Raises:
        ValueError: there is none, or it is larger than allowed.
    """
    if not photo:
        raise ValueError("a photo is wanted, but none was given")
    with waited_for(request, unheard):
        yield accepted(photo, "photo")


def _worked_out(
    photo: Path, model: str, edges: str, scenery: Scenery, request: gr.Request | None
) -> tuple[FullSize, Record]:
    """What the Cut-out tab has after its last step, and what took part in it."""
    image = read_upload(open_photo, photo).image
    choice = subject_apart(model, image)
    trimap, solved = work_out(
        image, choice.alpha, None, default_widths(choice.alpha), edges, unheard, request, lambda _: None
    )
    found = solved.alpha if solved else choice.alpha
    full = FullSize(image, found, trimap, scenery.chosen, scenery.linear)
    return full, _record([choice.credit, *([solved.credit] if solved else [])])


def _kept(photo: Path, part: str, png: bytes) -> str:
    """The path of a PNG in Gradio's folder, which is emptied of old files by itself."""
    path: str = save_bytes_to_cache(png, f"{photo.stem}_{part}.png", get_upload_folder())
    return path


def _record(answers: list[Credit]) -> Record:
    return [
        {"model": one.model, "weights": one.weights, "licence": one.licence, "seconds": round(one.seconds, 2)}
        for one in answers
    ]
