"""The panel of one sample: its name, the buttons of a reviewer, its pictures, and what is known about it."""

from typing import Any

import gradio as gr

from annotation.store import Store
from annotation.ui.dataset import provenance as gallery_provenance
from annotation.ui.dataset.steps import PHOTO, VIEWS
from annotation.ui.events import SINGLE_CLICK, Part


def sample_panel(store: Store, chosen: Part) -> dict[str, Any]:
    """The panel of one sample; hidden until one is chosen.

    `seen` is the number of the sample that it shows: a press is about that one, even if another is on its way.
    """
    with gr.Column(scale=6, min_width=420, visible=False, elem_id="sample") as panel:
        name, seen = gr.HTML(), gr.Number(0, precision=0, visible="hidden")
        with gr.Row():
            controls: dict[str, Any] = {
                "previous": _button("previous", "← Previous"),
                "next": _button("next", "Next →"),
                "correct": _button("correct", "Correct (c)"),
                "done": _button("done", "Done (d)"),
                "approve": _button("approve", "Approve (a)", is_main=True),
                "reject": _button("reject", "Reject (r)"),
            }
        slider = gr.ImageSlider(
            show_label=False, interactive=False, max_height=420, format="jpeg", buttons=["fullscreen"]
        )
        kind = gr.Radio(list(VIEWS), value=VIEWS[0], show_label=False, container=False)
        with gr.Row():
            left = gr.Dropdown([(PHOTO, 0)], value=0, label="Left", min_width=240)
            right = gr.Dropdown([(PHOTO, 0)], value=0, label="Right", min_width=240)
        facts = gr.HTML()
        with gr.Row():
            controls["person"] = gr.Textbox("", show_label=False, placeholder="Person", container=False, scale=2)
            for act, label in (("assign", "Assign"), ("restore", "Restore the left one"), ("delete", "Delete")):
                controls[act] = _button(act, label)
            controls["reason"] = gr.Textbox(
                "", show_label=False, placeholder="Reason to reject", container=False, scale=2
            )
            controls["undo"] = gr.Button("Undo delete", size="sm", min_width=90, visible=False)
        gallery_provenance.build(store, chosen, facts)
    shown = {
        "panel": panel,
        "seen": seen,
        "name": name,
        "facts": facts,
        "slider": slider,
        "left": left,
        "right": right,
        "kind": kind,
    }
    return shown | controls


def _button(name: str, label: str, *, is_main: bool = False) -> object:
    return gr.Button(
        label, elem_id=f"sample-{name}", min_width=90, size="sm", variant="primary" if is_main else "secondary",
        elem_classes=SINGLE_CLICK if name in ("approve", "restore") else None,
    )  # fmt: skip
