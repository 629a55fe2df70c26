"""Frames of the camera and of videos on their way to the Correct tab."""

from pathlib import Path
from typing import Any

import gradio as gr

from annotation.ui.correct_steps import desk_of
from matting.arrays import Alpha, Image
from matting.trimap import default_widths, make_trimap


def take_over(data: Path, image: Image, alpha: Alpha, *, name: str) -> str:
    """Take `image` with the `alpha` a model gave into work, as the Cut-out tab would; the work's id."""
    return desk_of(data).begin(image, make_trimap(alpha, default_widths(alpha)), name=name, alpha=alpha)


def show(work: str) -> tuple[Any, Any]:
    """(the editor's value, the tabs) that open `work` in the Correct tab."""
    return {"work": work}, gr.Tabs(selected="Correct")
