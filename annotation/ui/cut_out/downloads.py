"""The download buttons: one for what is seen, and a small one for each kind of file.

Each file is made at full size when it is asked for, under the photo's own name.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from annotation.correction.full_size import PARTS, FullSize, pngs_apart
from annotation.ui.cancelling import waited_for
from annotation.ui.cut_out.backgrounds import Scenery
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.one_by_one import number_of
from annotation.ui.errors import shows_errors
from annotation.ui.events import Part

CLICK = "() => document.querySelector('#download-file').click()"

FILES = {
    "Cut-out": ("cutout",),
    "Composite": ("composite",),
    "Alpha": ("alpha",),
    "All as ZIP": tuple(PARTS),
}
"""By the name of a button, what it downloads."""


class Downloads(NamedTuple):
    """What `build` draws."""

    main: Part
    """Downloads what is seen."""
    buttons: dict[str, gr.Button]
    download: Part
    """The hidden button that the browser downloads from."""

    @property
    def all_buttons(self) -> list[Part]:
        """Every button that needs a result."""
        return [self.main, *self.buttons.values()]


def build() -> Downloads:
    """The button for what is seen. `build_files` adds those for each kind of file."""
    main = gr.Button("Download", variant="primary", interactive=False, min_width=160, elem_id="download")
    return Downloads(main, {}, gr.DownloadButton("Download", elem_id="download-file", visible="hidden"))


def build_files(drawn: Downloads) -> None:
    """A small button per kind of file."""
    gr.Markdown("Other files", elem_classes="dataset-note")
    with gr.Row():
        drawn.buttons.update({name: file_button(name, size="sm", interactive=False) for name in FILES})


def file_button(name: str, **options: Any) -> gr.Button:
    """The button that downloads the file called `name` in FILES."""
    return gr.Button(f"↓ {name}", min_width=90, **options)


def wire(drawn: Downloads, job: Part, scenery: list[Part]) -> None:
    """On a click, make the file and let the browser download it."""
    for name, button in {"": drawn.main, **drawn.buttons}.items():
        event = button.click(
            maker(name), [job, *scenery], drawn.download,
            show_progress_on=button, concurrency_id="edges", api_visibility="private",
        )  # fmt: skip
        event.success(None, js=CLICK, api_visibility="private")


def maker(name: str) -> Callable[..., str]:
    """The handler that writes the file called `name` in FILES and returns its path; "" is what is seen."""

    @shows_errors
    def make(
        job: Job | None, kind: str, colour: str, picture: str | None, linear: bool, request: gr.Request | None = None
    ) -> str:
        if job is None:
            raise ValueError("There is nothing to download yet; drop a photo first.")
        scenery = Scenery(kind, colour, picture, linear)
        wanted = name or ("Cut-out" if scenery.is_nothing else "Composite")
        with waited_for(request, unheard):
            full = FullSize(job.image, job.alpha, job.trimap, scenery.chosen, linear)
            return str(write(job, full, FILES[wanted]))

    return make


def unheard(share: float) -> None:
    """Ignores the progress of what takes only seconds."""


def write(job: Job, full: FullSize, parts: tuple[str, ...]) -> Path:
    """One part as STEM_PART.png, several as STEM.zip, in the job's folder; of one of several things with its number."""
    files, number = pngs_apart(full, parts), number_of(job)
    stem = f"{job.stem}-{number}" if number else job.stem
    if len(files) == 1:
        path = job.folder / f"{stem}_{parts[0]}.png"
        path.write_bytes(files[0])
        return path
    path = job.folder / f"{stem}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # PNGs do not shrink further
        for part, file in zip(parts, files, strict=True):
            archive.writestr(f"{stem}_{part}.png", file)
    return path
