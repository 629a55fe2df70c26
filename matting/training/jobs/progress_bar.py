"""The steps of a training run on a terminal, or in a log."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from matting.training.finetune import TrainingProgress
    from matting.training.results.measure import Score

PROGRESS_LINES = 20
"""How many lines of progress a run prints where no bar can be drawn."""


class StepsBar:
    """Shows the steps of a run: a bar or, in a log, a line now and then, none before the first step."""

    def __init__(self, steps: int) -> None:
        self.steps, self.between, self.console = steps, max(1, steps // PROGRESS_LINES), Console()
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
        self.bars = Progress(*columns, console=self.console, disable=not self.console.is_terminal)
        self.score: Score | None = None

    def __enter__(self) -> "StepsBar":
        self.bars.start()
        self.bar = self.bars.add_task("making the first crops", total=self.steps)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def show(self, state: "TrainingProgress") -> None:
        """Show that a step is done."""
        self.score = state.score or self.score
        self.bars.update(self.bar, completed=state.step, description=_state_line(state, self.score))
        if not self.console.is_terminal and (state.step % self.between == 0 or state.step == self.steps):
            self.console.print(f"{state.step}/{self.steps} · {_state_line(state, self.score)}")

    def end(self) -> None:
        """Take the bar away."""
        self.bars.stop()


def _state_line(state: "TrainingProgress", score: "Score | None") -> str:
    """The loss, the time left in hours and minutes, and the last SAD."""
    minutes = round(state.seconds_left / 60)
    left = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    parts: list[Any] = [f"loss {state.loss:.4f}", f"{left} left"]
    return " · ".join(parts + ([f"held-out SAD {score.sad:.2f}"] if score else []))
