"""The process of a job: `python -m matting.training.jobs FOLDER`, at low priority, one at a time."""

import os
import shutil
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from matting.environment.own_process import yield_to_others
from matting.files import write_image
from matting.training.jobs.asked import Asked, sentence
from matting.training.jobs.job import AT_WORK, Job, Stage, list_jobs
from matting.training.labels.doubts import Doubtful

NICENESS = 10
"""By how much it yields to the app: whoever paints or is live goes first."""
TURN = 1.0
"""Seconds between two looks whether it is this job's turn."""
LOOK_SECONDS, GRACE_SECONDS = 0.5, 4.0
"""Between two looks whether it is cancelled; and how long a cancelled job has to reach the end of a step."""
SHOWN = 200
"""Points of a curve, about."""
EVERY = 0.5
"""Seconds between two states that are written."""


CARD = ("licence", "steps", "share", "shares_tried", "is_start", "proof")
"""What of the card the page shows."""


class CancelledError(Exception):
    """Somebody wants the job to end."""


def main(folder: Path) -> None:
    """Do the job in `folder`, unless another process does."""
    job = Job(folder)
    with suppress(Timeout), job.lock:
        Worker(job).work()


def end_when_cancelled(job: Job) -> None:
    """End this process, in whatever code it is, if the job is still at work a while after it was cancelled.

    It may be killed at any moment, so nothing is lost that a checkpoint holds.
    """
    while not job.is_cancelled:
        time.sleep(LOOK_SECONDS)
    time.sleep(GRACE_SECONDS)
    if job.stored_state().stage in AT_WORK:
        os._exit(1)


class Worker:
    """Does a job and writes down how it stands."""

    def __init__(self, job: Job) -> None:
        self.job, self.state, self.written = job, job.stored_state(), 0.0

    def work(self) -> None:
        """All of it. Every end is a state; after a fault of the program the job is one without its process: stopped."""
        from matting.weights import WeightsError

        try:
            self.tell(stage=Stage.WAITING, words="another training is at work; this one is next")
            with self._turn():
                self._learn() if self.job.wish().is_started else self._check()
        except CancelledError:
            self.tell(stage=Stage.CANCELLED, words="", seconds_left=None)
        except (WeightsError, ValueError, OSError, RuntimeError, MemoryError) as error:
            traceback.print_exc()
            self._fail(sentence(error) or type(error).__name__)

    def tell(self, **changes: Any) -> None:
        """Write the state, changed."""
        self.state = self.job.write_state(replace(self.state, **changes))
        self.written = time.monotonic()

    def _fail(self, words: str) -> None:
        with suppress(OSError):  # a full disk takes no state either; without its process the job is stopped
            self.tell(stage=Stage.FAILED, words=words, seconds_left=None)

    def _stop_if_cancelled(self) -> None:
        if self.job.is_cancelled:
            raise CancelledError

    def _turn(self) -> FileLock:
        """The lock of whoever's turn it is, taken once no job that was asked for earlier is at work."""
        lock = FileLock(self.job.folder.parent / ".turn", timeout=0)
        while True:
            self._stop_if_cancelled()
            earlier = [other for other in list_jobs(self.job.folder.parent) if other.name < self.job.name]
            if not any(other.is_alive and other.stored_state().stage in AT_WORK for other in earlier):
                with suppress(Timeout):
                    lock.acquire()
                    return lock
            time.sleep(TURN)

    def _asked(self, **changes: Any) -> Asked:
        wish, folder = self.job.wish(), self.job.folder
        given: dict[str, Any] = {"steps": wish.steps or 1, "licence": wish.licence, "doubtful": wish.doubtful}
        return Asked(folder / "dataset", self.job.weights, folder / "run", wish.model, **{**given, **changes})

    def _check(self) -> None:
        """Look at the labels and measure a step; then a person decides."""
        self.tell(stage=Stage.CHECKING, words="looking at the labels")
        from matting.training.jobs.estimate import estimate
        from matting.training.jobs.running import plan_of, sources_of

        plan = plan_of(self._asked(doubtful=Doubtful.KEEP))
        sources = sources_of(plan)
        doubts = [self._inside(doubt.photo, doubt.alpha, doubt.reason) for doubt in sources.doubts]
        self.tell(words="measuring the time of a step", doubts=doubts)
        self._stop_if_cancelled()
        found = estimate(plan, sources, self.job.wish().minutes)
        self.job.write_wish(steps=found.steps)
        counts = {**sources.counts, "chosen_by": sources.chosen_by}
        self.tell(stage=Stage.READY, words="", estimate={**asdict(found), **counts})

    def _inside(self, photo: Path, alpha: Path, reason: str) -> tuple[str, str, str]:
        folder = self.job.folder
        return photo.relative_to(folder).as_posix(), alpha.relative_to(folder).as_posix(), reason

    def _learn(self) -> None:
        self.tell(stage=Stage.LEARNING, words="looking at the labels", losses=[], sads=[])
        from matting.training.finetune import TrainingProgress
        from matting.training.jobs.running import Done, training

        for told in training(self._asked()):
            self._stop_if_cancelled()
            if isinstance(told, TrainingProgress):
                self._step(told)
            elif isinstance(told, Done):
                lines = told.proof.sentences if told.proof else self.state.lines
                card = {
                    key: told.card[key] for key in ("licence", "steps", "share", "is_start", "proof", "shares_tried")
                }
                self.tell(stage=Stage.DONE, words="", seconds_left=None, lines=lines, card=card)
                self._clear()
            else:
                is_over = 0 < self.state.steps <= self.state.step
                self.tell(words=told, stage=Stage.FINISHING if is_over else Stage.LEARNING)

    def _clear(self) -> None:
        """Remove what only a training that goes on needs: checkpoints, and copies of samples that may be deleted."""
        for name in ("dataset", "run"):
            shutil.rmtree(self.job.folder / name, ignore_errors=True)

    def _step(self, told: Any) -> None:
        losses, sads = self.state.losses, self.state.sads
        if told.step % max(1, told.steps // SHOWN) == 0 or told.step == told.steps:
            losses = [*losses, (told.step, told.loss)]
        if told.score is not None:
            sads = [*sads, (told.step, told.score.sad)]
            write_image(self.job.folder / "picture.jpg", np.vstack(told.score.pictures))
        changes = {"step": told.step, "steps": told.steps, "losses": losses, "sads": sads, "words": "",
                   "seconds_left": told.seconds_left}  # fmt: skip
        if told.score is not None or told.step == told.steps or time.monotonic() - self.written > EVERY:
            self.tell(**changes)
        else:
            self.state = replace(self.state, **changes)


if __name__ == "__main__":
    yield_to_others(NICENESS)
    threading.Thread(target=end_when_cancelled, args=(Job(Path(sys.argv[1])),), daemon=True).start()
    main(Path(sys.argv[1]))
