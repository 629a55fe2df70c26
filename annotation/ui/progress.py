"""Progress, in words a person can plan with."""

from collections.abc import Callable

import gradio as gr

from matting.solving.progress import OnProgress, Standing, TimeLeft, standing
from matting.solving.time_left import Pace, duration

BAR_HEIGHT = 60
"""The least height, in pixels, of what Gradio shows its bar on: in less, nothing of it is seen."""
SOLVING = "Working out the edge"


def solving(progress: gr.Progress) -> OnProgress:
    """A listener for solving.progress that shows a solve, from now on, in Gradio's bar: share done and time left."""
    clock = TimeLeft()

    def show(share: float) -> None:
        left = clock.after(share)
        if waits := standing():
            progress(0, desc=waiting_words(waits))
            return
        progress(share, desc=SOLVING if left is None else f"{SOLVING}, {duration(max(1, left))} left")

    return show


def waiting_words(waits: Standing) -> str:
    """Where the work stands in line, and about how long it will wait."""
    place = "you are next" if waits.place == 1 else f"place {waits.place} in line"
    words = f"Waiting for others, {place}"
    return words if waits.seconds is None else f"{words}: about {duration(max(1, waits.seconds))}"


def counting(progress: gr.Progress, name: str, on_progress: OnProgress) -> Callable[[int, int], None]:
    """A listener that shows how many of `name` are done, how fast, and the time left; `on_progress` gets the share."""
    pace = Pace()

    def show(done: int, total: int) -> None:
        progress(done / max(1, total), desc=f"{name}: {pace.words(done, total)}")
        on_progress(done / max(1, total))

    return show
