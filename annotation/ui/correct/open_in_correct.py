"""Opening a photo and its alpha from another tab in the Correct tab."""

import gradio as gr
import numpy as np

from annotation.correction.workspace import Workspace
from matting.arrays import FOREGROUND, UNKNOWN, Image, Trimap
from matting.trimap import default_widths, make_trimap
from matting.weights.credit import Answer


def take_over(workspace: Workspace, image: Image, found: Answer, *, name: str) -> str:
    """Make a draft of `image` and the alpha that was found, as the Cut-out tab would; the draft's id."""
    trimap = startable(make_trimap(found.alpha, default_widths(found.alpha)))
    return workspace.begin(image, trimap, name=name, alpha=found.alpha, answers=[found.credit])


def startable(trimap: Trimap) -> Trimap:
    """`trimap`; all unknown if no subject was found: only the person's strokes count."""
    return trimap if (trimap == FOREGROUND).any() else np.full_like(trimap, UNKNOWN)


def show(draft: str) -> tuple[object, object]:
    """(the editor's value, the tabs) that open `draft` in the Correct tab."""
    return {"work": draft}, gr.Tabs(selected="Correct")
