"""The loop: from checkpoint to checkpoint, the rate falling with the time that is spent and not with steps.

So a descent on any machine ends with a rate of nothing, however fast that machine is and however many commands it took.
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
from matting.training.pretraining.learner import Learner
from matting.training.pretraining.pool import Pool

MODEL = "studio"
REPORT_STEPS = 10
"""Steps between two looks at the loss, each of which waits for the device."""
FAULTS = 5
"""Looks in a row that find something that is no number, after which a descent gives up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingReport:
    """Where a descent stands."""

    step: int
    progress: float
    """0 to 1, of its time."""
    loss: float
    """Mean since the last look."""
    rate: float
    steps_a_second: float
    score: dict[str, float] | None = None
    """`error` and `mse` on the pictures that choose, where they were measured."""


@dataclass
class Clock:
    """The time of a descent, in seconds."""

    begun: float
    """When this command began, by `now`."""
    spent: float = 0.0
    """What earlier commands took."""
    now: Callable[[], float] = time.monotonic

    @property
    def elapsed(self) -> float:
        """What all commands took so far."""
        return self.spent + self.now() - self.begun


@dataclass(frozen=True)
class Run:
    """What a descent works with."""

    learner: Learner
    feed: Callable[[int], dict[str, Any]]
    """The batch of a step."""
    held_out: list[dict[str, Any]]
    """What chooses."""
    scores: dict[str, Any] = field(default_factory=dict)
    """"before": how step 0 did; "best": the step that did best, how, and its averaged weights."""
    spent: float = 0.0
    """Seconds of earlier commands."""
    pool: Pool | None = None

    @property
    def canvases(self) -> int:
        """How many were drawn, by earlier commands too."""
        return self.pool.next_number if self.pool else 0

    def judge(self) -> dict[str, float]:
        """Measure, and keep the averaged weights if none before did better."""
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
    """Learn from one batch after the other until this command's minutes or those of the whole descent are over.

    The averaged weights are measured before the first step and every now and then; after that all is written to
    `folder`. What is not a number never gets there: the descent goes back to its last look.

    Raises:
        ValueError: the loss keeps being no number.
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
                raise ValueError(f"the loss is {loss} again and again: lower the rate, {descent.rate}, and begin anew")
            log.warning("the loss is %s: %d steps are undone", loss, count)
            learner.recall()
            continue
        faults, score = 0, None
        learner.remember()
        if looked >= end or looked - measured >= descent.measure_every:
            score, measured = run.judge(), clock.elapsed
            run.save(folder, origin, clock.elapsed)
        yield TrainingReport(learner.step, min(1.0, progress), loss, learner.rate_at(progress), speed, score)
