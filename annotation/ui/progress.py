"""How far something is, in words a person can plan with."""

from time import monotonic

import gradio as gr

from matting.solving.progress import Listener

SOLVING = "Working out the edge"
SHARE_BEFORE_ESTIMATE = 0.05
"""Share of a solve before which the pace says little."""


def solving(progress: gr.Progress) -> Listener:
    """A listener for solving.progress that shows a solve, from now on, in Gradio's bar: share done and time left."""
    begun = monotonic()

    def show(share: float) -> None:
        left = (monotonic() - begun) * (1 - share) / share if share >= SHARE_BEFORE_ESTIMATE else None
        progress(share, desc=SOLVING if left is None else f"{SOLVING}, {duration(left)} left")

    return show


def duration(seconds: float) -> str:
    """`seconds` as "48 s" or "3 min 07 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
