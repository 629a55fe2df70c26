"""The fold of the Dataset tab that brings photos in, with their alphas if there are any."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import gradio as gr
from gradio.events import Dependency

from annotation.plurals import counted
from annotation.store import FACTS, Provenance, State, Store, StoreError, count_unlabelled
from annotation.transfer.importing import Imported, ImportOptions, parts_of
from annotation.ui.cancelling import GivenUpError, Switches, cancel_button, waited_for
from annotation.ui.cut_out.downloads import unheard
from annotation.ui.dataset.place import Place
from annotation.ui.dataset.provenance import fields, provenance_of
from annotation.ui.dataset.steps import Query, progress_html
from annotation.ui.errors import error_line, keeps_error, shows_errors, with_warnings
from annotation.ui.events import PRIVATE, Part
from annotation.ui.progress import BAR_HEIGHT, counting
from annotation.ui.uploads import UploadError, accepted
from matting.files import SUFFIXES
from matting.video.files import VIDEO_SUFFIXES

FOLDERS = Path(__file__).with_name("folder_drop.js")
"""What a folder goes through in the browser."""
UNSTATED = ("", False, *(fact.choices[0] if fact.choices else "" for fact in FACTS.values()))
"""What the fields say before anybody has stated anything: the shoot, whether alphas are trusted, and FACTS."""


def build(store: Store, progress: Part) -> Dependency:
    """Draw the fold's content; the set's progress shows in `progress`. Gives the event that has imported something."""
    gr.Markdown(
        "Choose photos, a folder, a zip of a folder, or a video, of which one frame per second is taken. Alphas come "
        "in too: in cut-outs, in any layout that is exported here, or under the names of the photos in a folder called "
        "alpha beside them. A photo that is already there is not added again."
    )
    suffixes = sorted({*SUFFIXES, *VIDEO_SUFFIXES, ".zip", ".tar"})
    with gr.Row():
        with gr.Column(scale=2):
            files = gr.File(
                file_count="multiple", file_types=suffixes, show_label=False, height=150, elem_id="bring-in"
            )
            gr.Button("Choose a folder, or drop one above", size="sm", elem_id="choose-folder")
            gr.HTML("", js_on_load=FOLDERS.read_text(encoding="utf-8"), visible="hidden")
        with gr.Column(scale=3):
            origin = fields()
            group = gr.Textbox(
                "", label="Shoot", placeholder="a name of your own",
                info="Photos of one shoot look alike: all of them are learned from, or all are tested with.",
            )  # fmt: skip
            trust_alphas = gr.Checkbox(label="Trust the alphas: accept those that look like label maps")
    with gr.Row():
        start, cancel = gr.Button("Import", variant="primary", size="sm"), cancel_button()
    told_here = gr.Markdown(elem_classes="dataset-note", min_height=BAR_HEIGHT)
    problem = error_line()
    switches = Switches([start], cancel)
    stated = [group, trust_alphas, *origin]
    imported: Dependency = switches.begin(start).then(
        keeps_error(partial(bring_in, store), 3 + len(stated)),
        [files, *stated],
        [told_here, files, progress, *stated, problem],
        show_progress_on=told_here,
        concurrency_limit=1,
        **PRIVATE,
    )
    switches.end(imported)
    return imported


@shows_errors
def bring_in(
    store: Store,
    files: list[str] | None,
    group: str = "",
    trust_alphas: bool = False,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 (how Gradio passes its progress bar)
    request: gr.Request | None = None,
    *origin: str,
) -> tuple[object, ...]:
    """Import the uploaded files, of the `origin` that the fields say: (what came of it, no files, set's progress, and
    the fields, empty again: what they say is not meant for the next photos, unless these have to be tried again)."""
    if not files:
        raise ValueError("Choose photos, a zip or a video first")
    provenance = provenance_of(*origin) if origin else Provenance()
    options = ImportOptions(provenance=provenance, group=group, trust_alphas=trust_alphas)
    whole: list[Path] = []
    failed: list[str] = []
    for file in files:  # a fault in one keeps no other out
        try:
            whole.append(accepted(file))
        except UploadError as error:
            failed.append(str(error))
    done: list[Imported] = []
    for name, bring in parts_of(whole, uploaded=True):
        try:
            with waited_for(request, unheard) as on_progress:
                done.append(bring(store, replace(options, on_progress=counting(progress, name, on_progress))))
        except StoreError as error:
            failed.append(str(error))
        except GivenUpError:
            failed.append(f"cancelled: nothing of {name} is imported")
            break
    words = words_of(done, provenance, group)
    if any(each.new for each in done) and count_unlabelled(store):
        words += (
            f" *Label automatically*, below, gives a first alpha to those that have none. [Show what is to do]({TO_DO})"
        )
    told = [line for one in done for line in (*one.revised, *one.problems, *one.left_out, *one.doubtful, *one.notes)]
    fields_now = [gr.skip()] * len(UNSTATED) if failed else UNSTATED
    return with_warnings(words, [*failed, *told]), None, progress_html(store), *fields_now


TO_DO = f"#dataset{Place(query=Query(states=(State.TO_DO,))).text}"
"""The address of the samples to do."""


def words_of(done: Sequence[Imported], stated: Provenance, group: str) -> str:
    """What came of an import: photos, alphas and revisions, and what is stated of the new samples."""
    new, alphas, revised = (sum(counts) for counts in zip((0, 0, 0), *map(counts_of, done), strict=True))
    there = sum(len(each.samples) for each in done) - new
    words = f"**{counted(new, 'new sample')}**" + (f", {alphas or 'none'} with an alpha." if new else ".")
    if there:
        words += f" {counted(there, 'photo')} {'was' if there == 1 else 'were'} already there"
        words += f", {revised} with a new revision now." if revised else "."
    answers = [(fact.title, fact.shown(getattr(stated, name)), fact.unstated) for name, fact in FACTS.items()]
    facts = [f"{title} *{answer}*" for title, answer, unstated in answers if answer != unstated]
    facts += [f"Shoot *{group}*"] if group else []
    return f"{words} Stated of the new ones: {', '.join(facts)}." if new and facts else words


def counts_of(one: Imported) -> tuple[int, int, int]:
    """How many samples are new, how many of those came with an alpha, and how many older ones have a new revision."""
    return one.new, one.alphas, len(one.revised)
