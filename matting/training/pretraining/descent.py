"""The training loop of a descent, in which the rate falls with the time spent instead of the number of steps.

So the rate ends at zero on every machine, however fast it is and however many commands the descent took.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from matting.training.checkpoint import save_checkpoint
from matting.training.origin import Origin
from matting.training.pretraining.canvas_pool import Pool
from matting.training.pretraining.learner import Learner

MODEL = "studio"
REPORT_STEPS = 10
"""Steps between two checks of the loss; each check waits for the device."""
FAULTS = 5
"""The number of checks in a row with a loss that is not finite, after which a descent gives up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingReport:
    """The progress of a descent."""

    step: int
    progress: float
    """The share of its time that has passed, 0 to 1."""
    loss: float
    """The mean since the last check."""
    rate: float
    steps_a_second: float
    score: dict[str, float] | None = None
    """`error` and `mse` on the pictures for choosing, if they were just measured."""


@dataclass
class Clock:
    """The time of a descent, in seconds."""

    begun: float
    """The time by `now` when this command began."""
    spent: float = 0.0
    """Seconds that earlier commands took."""
    now: Callable[[], float] = time.monotonic

    @property
    def elapsed(self) -> float:
        """Seconds that all commands took so far."""
        return self.spent + self.now() - self.begun


@dataclass(frozen=True)
class Run:
    """The parts of a descent."""

    learner: Learner
    feed: Callable[[int], dict[str, Any]]
    """Gives the batch of a step."""
    held_out: list[dict[str, Any]]
    """The pictures by which the best step is chosen."""
    scores: dict[str, Any] = field(default_factory=dict)
    """"before": the score of step 0; "best": the best step, its score and its averaged weights."""
    spent: float = 0.0
    """Seconds that earlier commands took."""
    pool: Pool | None = None

    @property
    def canvases(self) -> int:
        """The number of canvases drawn so far, in earlier commands too."""
        return self.pool.next_number if self.pool else 0

    def judge(self) -> dict[str, float]:
        """Measure the averaged weights, and keep them if they are the best so far."""
        score = self.learner.measure(self.held_out)
        self.scores.setdefault("before", score)
        if "best" not in self.scores or score["error"] < self.scores["best"]["score"]["error"]:
            average = {name: value.detach().cpu().clone() for name, value in self.learner.average.state_dict().items()}
            self.scores["best"] = {"step": self.learner.step, "score": score, "average": average}
        return score

    def save(self, folder: Path, origin: Origin, spent: float) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {**self.learner.state(), "spent": spent, "scores": self.scores, "canvases": self.canvases}
        save_checkpoint(folder, state, model=MODEL, settings=self.learner.descent, origin=origin)


def descend(run: Run, clock: Clock, *, folder: Path, origin: Origin) -> Iterator[TrainingReport]:
    """Learn from batch after batch until this command's minutes, or those of the whole descent, are over.

    The averaged weights are measured before the first step and at intervals; each time, everything is then written to
    `folder`. If the loss is not finite, the descent returns to its last check, so bad weights are never written.

    Raises:
        ValueError: the loss is not finite again and again.
        OSError: a checkpoint could not be written.
    """
    learner, descent = run.learner, run.learner.descent
    if not run.scores:
        run.judge()
    end = min(descent.whole, clock.spent + 60 * descent.minutes - descent.reserve)
    seen, faults, looked, measured = list[Tensor](), 0, clock.elapsed, clock.elapsed
    learner.remember()
    while looked < end:
        progress = clock.elapsed / descent.whole
        seen.append(learner.learn(run.feed(learner.step), progress))
        if learner.step % REPORT_STEPS and clock.elapsed < end:
            continue
        loss, length = torch.stack(seen).mean(dim=0).tolist()
        count, speed, looked = len(seen), len(seen) / max(clock.elapsed - looked, 1e-6), clock.elapsed
        seen.clear()
        if not math.isfinite(loss + length):
            faults += 1
            if faults == FAULTS:
                raise ValueError(f"the loss is {loss} again and again; lower the rate, {descent.rate}, and start again")
            log.warning("the loss is %s: %d steps are undone", loss, count)
            learner.recall()
            continue
        faults, score = 0, None
        learner.remember()
        if looked >= end or looked - measured >= descent.measure_every:
            score, measured = run.judge(), clock.elapsed
            run.save(folder, origin, clock.elapsed)
        yield TrainingReport(learner.step, min(1.0, progress), loss, learner.rate_at(progress), speed, score)
