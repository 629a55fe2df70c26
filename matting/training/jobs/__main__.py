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
from matting.training.jobs.job import AT_WORK, Job, Stage, list_jobs
from matting.training.jobs.request import Request, sentence
from matting.training.labels.doubts import Doubtful

NICENESS = 10
"""The process's niceness: whoever paints or is live goes first."""
TAKE_SECONDS = 5.0
"""Seconds in which a job is taken, however many pages look at it; after them another process has it."""
TURN_SECONDS = 1.0
"""Seconds between two checks of whether it is this job's turn."""
CANCEL_SECONDS, GRACE_SECONDS = 0.5, 4.0
"""Seconds between two checks of whether it was cancelled, and seconds that a cancelled job has to finish a step."""
CURVE_POINTS = 200
"""The approximate number of points in the curve of the loss."""
WRITE_SECONDS = 0.5
"""The least seconds between two writes of the state during the steps."""
CARD = ("licence", "steps", "share", "is_start", "proof", "shares_tried")
"""The fields of the card that the page shows."""


class CancelledError(Exception):
    """The job was cancelled."""


def main(folder: Path) -> None:
    """Do the job in `folder`, unless another process is doing it."""
    job = Job(folder)
    with suppress(Timeout), job.lock.acquire(timeout=TAKE_SECONDS):
        Worker(job).work()


def end_when_cancelled(job: Job) -> None:
    """End this process, whatever code it is in, if the job is still at work a while after it was cancelled.

    The process may be killed at any moment: nothing in a checkpoint is lost.
    """
    while not job.is_cancelled:
        time.sleep(CANCEL_SECONDS)
    time.sleep(GRACE_SECONDS)
    if job.stored_state().stage in AT_WORK:
        os._exit(1)


class Worker:
    """Does a job and keeps its state file up to date."""

    def __init__(self, job: Job) -> None:
        self.job, self.state, self.written = job, job.stored_state(), 0.0

    def work(self) -> None:
        """Do the whole job; every end is a stage. After a bug the process is gone, and the job counts as stopped."""
        from matting.weights import WeightsError

        try:
            self.update(stage=Stage.WAITING, words="waiting until another training run has finished")
            with self._turn():
                self._learn() if self.job.wish().is_started else self._check()
        except CancelledError:
            self.update(stage=Stage.CANCELLED, words="", seconds_left=None)
        except (WeightsError, ValueError, OSError, RuntimeError, MemoryError) as error:
            traceback.print_exc()
            self._fail(sentence(error) or type(error).__name__)

    def update(self, **changes: Any) -> None:
        """Change the state and write it."""
        self.state = self.job.write_state(replace(self.state, **changes))
        self.written = time.monotonic()

    def _fail(self, words: str) -> None:
        with suppress(OSError):  # on a full disk the state cannot be written; then the job counts as stopped
            self.update(stage=Stage.FAILED, words=words, seconds_left=None)

    def _stop_if_cancelled(self) -> None:
        if self.job.is_cancelled:
            raise CancelledError

    def _turn(self) -> FileLock:
        """The lock of the job whose turn it is, taken when no earlier job is at work."""
        lock = FileLock(self.job.folder.parent / ".turn", timeout=0)
        while True:
            self._stop_if_cancelled()
            earlier = [other for other in list_jobs(self.job.folder.parent) if other.name < self.job.name]
            if not any(other.is_alive and other.stored_state().stage in AT_WORK for other in earlier):
                with suppress(Timeout):
                    lock.acquire()
                    return lock
            time.sleep(TURN_SECONDS)

    def _request(self, **changes: Any) -> Request:
        wish, folder = self.job.wish(), self.job.folder
        given: dict[str, Any] = {"steps": wish.steps or 1, "licence": wish.licence, "doubtful": wish.doubtful}
        return Request(folder / "dataset", self.job.weights, folder / "run", wish.model, **{**given, **changes})

    def _check(self) -> None:
        """Check the labels and time a step; then a person decides."""
        self.update(stage=Stage.CHECKING, words="whether the labels fit, and how long a step takes")
        from matting.training.jobs.estimate import estimate
        from matting.training.jobs.running import plan_of, sources_of

        plan = plan_of(self._request(doubtful=Doubtful.KEEP))
        sources = sources_of(plan)
        doubts = [self._inside(doubt.photo, doubt.alpha, doubt.reason) for doubt in sources.doubts]
        self.update(words="timing a step", doubts=doubts)
        self._stop_if_cancelled()
        found = estimate(plan, sources, self.job.wish().minutes)
        self.job.write_wish(steps=found.steps)
        counts = {**sources.counts, "chosen_by": sources.chosen_by}
        self.update(stage=Stage.READY, words="", estimate={**asdict(found), **counts})

    def _inside(self, photo: Path, alpha: Path, reason: str) -> tuple[str, str, str]:
        folder = self.job.folder
        return photo.relative_to(folder).as_posix(), alpha.relative_to(folder).as_posix(), reason

    def _learn(self) -> None:
        self.update(stage=Stage.LEARNING, words="checking the labels", losses=[], sads=[])
        from matting.training.finetune import TrainingProgress
        from matting.training.jobs.running import Done, training

        for news in training(self._request()):
            self._stop_if_cancelled()
            if isinstance(news, TrainingProgress):
                self._step(news)
            elif isinstance(news, Done):
                lines = news.proof.sentences if news.proof else self.state.lines
                card = {key: news.card[key] for key in CARD}
                self.update(stage=Stage.DONE, words="", seconds_left=None, lines=lines, card=card)
                self._clear()
            else:
                is_over = 0 < self.state.steps <= self.state.step
                self.update(words=news, stage=Stage.FINISHING if is_over else Stage.LEARNING)

    def _clear(self) -> None:
        """Delete what only an unfinished training run needs: checkpoints, and its copies of the samples."""
        for name in ("dataset", "run"):
            shutil.rmtree(self.job.folder / name, ignore_errors=True)

    def _step(self, progress: Any) -> None:
        losses, sads, is_last = self.state.losses, self.state.sads, progress.step == progress.steps
        if progress.step % max(1, progress.steps // CURVE_POINTS) == 0 or is_last:
            losses = [*losses, (progress.step, progress.loss)]
        if progress.score is not None:
            sads = [*sads, (progress.step, progress.score.sad)]
            write_image(self.job.folder / "picture.jpg", np.vstack(progress.score.pictures))
        changes = {"step": progress.step, "steps": progress.steps, "losses": losses, "sads": sads, "words": "",
                   "seconds_left": progress.seconds_left}  # fmt: skip
        if progress.score is not None or is_last or time.monotonic() - self.written > WRITE_SECONDS:
            self.update(**changes)
        else:
            self.state = replace(self.state, **changes)


if __name__ == "__main__":
    yield_to_others(NICENESS)
    threading.Thread(target=end_when_cancelled, args=(Job(Path(sys.argv[1])),), daemon=True).start()
    main(Path(sys.argv[1]))
