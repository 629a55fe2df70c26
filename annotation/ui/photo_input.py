"""The place to drop, paste or take a photo."""

from pathlib import Path
from typing import Any

import gradio as gr
import skimage.data
from gradio.data_classes import ImageData

EXAMPLES = [str(Path(skimage.data.__file__).parent / name) for name in ("astronaut.png", "chelsea.png", "coffee.png")]
"""Photographs that come with scikit-image: a person (public domain), a cat and a cup (CC0)."""


class UnopenedImage(gr.Image):
    """A gr.Image that hands over the path of the uploaded file as it is.

    gr.Image itself would open it first, and answer a damaged file with a traceback; `matting.files` reads every
    photo here and says what is wrong with it.
    """

    def preprocess(self, payload: ImageData | None) -> str | None:
        """The path of the uploaded file."""
        return payload.path if payload else None

    def get_block_name(self) -> str:
        """Drawn in the browser as the gr.Image it is."""
        return "image"


def photo_input(label: str, **options: Any) -> UnopenedImage:
    """An input for one photo; a webcam's picture is not mirrored, because it is kept."""
    webcam = gr.WebcamOptions(mirror=False)
    return UnopenedImage(type="filepath", image_mode=None, label=label, webcam_options=webcam, buttons=[], **options)
