"""Photos that are dropped anywhere on the page, or several at once where one is worked on."""

from pathlib import Path

import gradio as gr

from annotation.studio import Studio
from annotation.ui.events import EACH, QUIET

SCRIPT = Path(__file__).with_name("photo_drop.js")


def build(studio: Studio) -> None:
    """Put what the browser does on the page, and what it cannot say by itself."""
    script = SCRIPT.read_text(encoding="utf-8") + "\ntakeDrops(count => trigger('click', { count }));\n"
    drops = gr.HTML("", js_on_load=script, visible="hidden")
    elsewhere = "" if studio.visits else " To bring many in, go to the Dataset tab."

    def tell(event: gr.EventData) -> None:
        count = int(event.count)
        gr.Info(f"You dropped {count} files. One photo is worked on at a time here: the first was taken.{elsewhere}")

    drops.click(tell, None, None, **QUIET | EACH)
