"""The fold in which a visitor to a demo gives a sample away."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from annotation.correction.contributing import CONSENT, LICENCES, Gift, contribute
from annotation.correction.workspace import Workspace
from annotation.store import Store
from annotation.ui.cancelling import waited_for
from annotation.ui.correct.steps import opened
from annotation.ui.errors import keeps_error, shows_errors
from annotation.ui.events import EDGE_RUN, Options, Part
from annotation.ui.progress import solving

INTRODUCTION = (
    "Do you like the result? Give the photo and your corrections to the dataset behind this demo, so that models learn "
    "from it. Its owner looks at every contribution first."
)
THANKS = "Thank you. The owner of this demo looks at your contribution before it becomes part of the dataset."
KNOWN = "Thank you. This photo is already in the dataset, so nothing new was kept."
PERSON = {"Yes": True, "No": False}


@dataclass(frozen=True)
class Fold:
    """What `build` draws."""

    fields: list[Part]
    """In the order in which the handler takes them."""
    give: gr.Button


def build() -> Fold:
    """Draw the fold."""
    with gr.Accordion("Contribute this sample", open=False, elem_id="contribute"):
        gr.Markdown(INTRODUCTION)
        licence = gr.Radio(list(LICENCES), label="Licence")
        with gr.Row():
            author = gr.Textbox("", label="Who is to be named, if anybody", max_length=200)
            person = gr.Radio(list(PERSON), label="Can somebody be recognised in it?")
        tags = gr.Textbox("", label="What it shows, in words such as hair or glass", max_length=200)
        agreed = gr.Checkbox(False, label=CONSENT, elem_id="consent")
        give = gr.Button("Contribute this sample", size="md", variant="primary", min_width=180)
    return Fold([licence, author, person, tags, agreed], give)


def giving(fold: Fold, workspace: Workspace, owner: Store, inputs: list[Part], outputs: list[Part]) -> Options:
    """The event of the button, after `inputs` (editor, solver), with the words and the error line as `outputs`."""
    give = keeps_error(giver(workspace, owner), 1)
    return {
        "fn": give,
        "inputs": [*inputs, *fold.fields],
        "outputs": outputs,
        "show_progress_on": outputs[0],
        **EDGE_RUN,
    }


def giver(workspace: Workspace, owner: Store) -> Callable[..., str]:
    """The handler of the button: what became of the sample, in words."""

    @shows_errors
    def give(
        value: object,
        solver: str,
        licence: str | None,
        author: str,
        person: str | None,
        tags: str,
        agreed: bool,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way)
        request: gr.Request | None = None,
    ) -> str:
        open_draft = opened(workspace, value)
        gift = Gift(LICENCES.get(licence or "", ""), author, PERSON.get(person or ""), tags, bool(agreed))
        with waited_for(request, solving(progress)) as on_progress:
            sample = contribute(owner, open_draft, solver, gift, on_progress)
        return THANKS if sample else KNOWN

    return give
