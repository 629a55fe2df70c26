"""A small app around the editor, for browser tests: `python -m tests.annotation.editor.app FOLDER PORT [PHOTO]`."""

import hashlib
import sys
from pathlib import Path

import gradio as gr
import numpy as np
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from annotation.correction.workspace import Workspace
from annotation.editor.component import read_opened, trimap_editor
from annotation.editor.routes import routes
from annotation.store import Drafts, open_store
from matting.arrays import Alpha, Image, Trimap
from matting.models import load_model


def picture(height=240, width=320):
    """A soft blob on a gradient, its alpha, and a trimap of it with an unknown band."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot((x - width / 2) / width, (y - height / 2) / height)
    alpha = np.clip((0.3 - distance) * 25 + 0.5, 0, 1).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 6, (height, width, 3))
    subject = np.stack([220 - 60 * distance, 120 + 100 * distance, 60 + 0 * x], axis=2)
    backdrop = np.stack([40 + 50 * x / width, 80 + 60 * y / height, 150 - 40 * x / width], axis=2)
    image = alpha[:, :, None] * subject + (1 - alpha[:, :, None]) * backdrop + noise
    trimap = np.full((height, width), 128, np.uint8)
    trimap[distance < 0.24] = 255
    trimap[distance > 0.36] = 0
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), alpha, trimap


def quick_solve(image: Image, trimap: Trimap) -> Alpha:
    """A stand-in for a solver, fast and dependent on its surroundings only."""
    grey = image.mean(axis=2)
    low, high = grey[trimap == 0].mean(), grey[trimap == 255].mean()
    alpha = np.clip((grey - low) / (high - low + 1e-3), 0, 1)
    return np.where(trimap == 128, alpha, trimap / 255).astype(np.float32)


def told(workspace, request):
    """The trimap that the server holds of a work, as its digest."""
    session = workspace.open_drafts[request.path_params["work"]].session
    with session.lock:
        return PlainTextResponse(hashlib.sha256(session.trimap.tobytes()).hexdigest())


def main():
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3 and sys.argv[3] != "shared":
        from matting.files import read_image

        image = read_image(sys.argv[3])
        trimap = picture(*image.shape[:2])[2]
    else:
        image, _, trimap = picture()
    solve = quick_solve
    if "shared" in sys.argv:
        solve = load_model("shared")

    workspace = Workspace(Drafts(open_store(folder)), solve)

    def new():
        return {"work": workspace.begin(image, trimap, name="blob.png")}

    with gr.Blocks() as demo, gr.Tabs():
        with gr.Tab("Cut out"):
            button = gr.Button("Correct this", elem_id="new")
        with gr.Tab("Correct"):
            editor = trimap_editor()
            opened = gr.Textbox(label="open", elem_id="opened")
        button.click(new, outputs=editor)
        editor.opened(lambda value: read_opened(value).work, inputs=editor, outputs=opened)
    more = [Route("/test/trimap/{work}", lambda request: told(workspace, request)), *routes(workspace)]
    demo.launch(server_port=port, quiet=True, ssr_mode=False, inbrowser=False, app_kwargs={"routes": more})


if __name__ == "__main__":
    main()
