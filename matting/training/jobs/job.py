"""A training run in a process of its own. All that is known about it lies in its folder.

    job.json     the request              state.json   its progress        picture.jpg  an example of its answers
    dataset/     what it learns from      run/         checkpoints         log.txt      the output of the process
    weights.safetensors and weights.proof.html  the result; dataset/ and run/ are deleted then

Every file is replaced as a whole, and the process holds `.lock` while it lives. So the page can be closed and opened,
and the process killed, at any time: the files say how far along the job is, and `start` resumes it.
"""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from matting.environment.own_process import own_environment
from matting.files import write_file
from matting.training.labels.doubts import Doubtful

WEIGHTS = "weights.safetensors"
LOOK_SECONDS = 0.2
"""Seconds after which a lock that is still held is not just looked at."""


class Stage(StrEnum):
    """The stage that a job has reached."""

    WAITING = "waiting"
    """Waiting for its turn."""
    CHECKING = "checking"
    """Checking the labels and timing a step."""
    READY = "ready"
    """Checked; a person decides."""
    LEARNING = "learning"
    FINISHING = "finishing"
    """Choosing weights, and measuring them."""
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    STOPPED = "stopped"
    """Its process is gone: it was killed, or the machine was switched off."""


AT_WORK = (Stage.WAITING, Stage.CHECKING, Stage.LEARNING, Stage.FINISHING)


@dataclass(frozen=True)
class Wish:
    """What a person asked for."""

    title: str
    model: str
    minutes: float
    licence: str = ""
    """The licence of the samples."""
    doubtful: Doubtful = Doubtful.STOP
    is_started: bool = False
    """Whether it may learn, or only check."""
    steps: int = 0
    """The steps that fit into the minutes; 0 before the check."""


@dataclass(frozen=True)
class State:
    """The progress of a job."""

    stage: Stage = Stage.WAITING
    words: str = ""
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    losses: list[tuple[int, float]] = field(default_factory=list)
    sads: list[tuple[int, float]] = field(default_factory=list)
    doubts: list[tuple[str, str, str]] = field(default_factory=list)
    """(photo, alpha, reason); the paths are relative to the job's folder."""
    estimate: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    """The result, in sentences."""
    card: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """The job in `folder`."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of its folder; later jobs come later in the alphabet."""
        return self.folder.name

    @property
    def weights(self) -> Path:
        """The file of weights it makes."""
        return self.folder / WEIGHTS

    @property
    def lock(self) -> FileLock:
        """The lock that its process holds. A look takes it, too, for a moment that others wait for."""
        return FileLock(self.folder / ".lock", timeout=LOOK_SECONDS, poll_interval=LOOK_SECONDS / 10)

    @property
    def is_alive(self) -> bool:
        """Whether a process is working on it, or waiting to."""
        try:
            with self.lock:
                return False
        except Timeout:
            return True

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return (self.folder / "cancel").exists()

    def wish(self) -> Wish:
        """What a person asked for; ValueError if the folder holds no job."""
        try:
            stored = json.loads((self.folder / "job.json").read_text(encoding="utf-8"))
            return Wish(**{**stored, "doubtful": Doubtful(stored["doubtful"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{self.folder} must hold a training run, but does not") from error

    def write_wish(self, **changes: Any) -> Wish:
        """Change what is asked for, and write it."""
        wish = replace(self.wish(), **changes)
        write_file(self.folder / "job.json", json.dumps(asdict(wish)).encode())
        return wish

    def stored_state(self) -> State:
        """The state that its process wrote last."""
        path = self.folder / "state.json"
        if not path.is_file():
            return State()
        stored = json.loads(path.read_text(encoding="utf-8"))
        return State(**{**stored, "stage": Stage(stored["stage"])})

    def state(self) -> State:
        """The state now: a job whose process is gone is cancelled, or stopped if nobody cancelled it."""
        state = self.stored_state()
        if state.stage in AT_WORK and not self.is_alive:
            ended = Stage.CANCELLED if self.is_cancelled else Stage.STOPPED
            return replace(self.stored_state(), stage=ended, seconds_left=None)
        return state

    def write_state(self, state: State) -> State:
        """Replace the state."""
        write_file(self.folder / "state.json", json.dumps(asdict(state)).encode())
        return state

    def cancel(self) -> None:
        """Ask its process to end soon; what was learned so far is kept."""
        (self.folder / "cancel").touch()

    def remove(self) -> None:
        """Delete the folder: what it learned, and its proof. Weights that are in use are a copy, and stay.

        Raises:
            ValueError: it is at work.
        """
        try:
            with self.lock:
                shutil.rmtree(self.folder)
        except Timeout as error:
            raise ValueError("This training run is not over; cancel it first.") from error

    def start(self) -> None:
        """Begin or resume it in a process that outlives this one; do nothing if such a process is at work."""
        if self.is_alive:
            return
        (self.folder / "cancel").unlink(missing_ok=True)
        self.write_state(replace(self.stored_state(), stage=Stage.WAITING, words=""))
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "matting.training.jobs", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=own_environment(),
            )  # fmt: skip
        self._wait_for(process)

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        """Return once the process has taken the job, or has ended."""
        while process.poll() is None and not self.is_alive:
            time.sleep(0.05)


def make_job(trainings: Path, wish: Wish) -> Job:
    """A new job below `trainings`, not started, and still without a dataset."""
    trainings.mkdir(parents=True, exist_ok=True)
    for number in range(1000):
        folder = trainings / f"{time.strftime('%Y%m%d-%H%M%S')}-{number:03d}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        write_file(folder / "job.json", json.dumps(asdict(wish)).encode())
        return Job(folder)
    raise ValueError(f"too many training runs were begun in {trainings} this second; try again")


def list_jobs(trainings: Path) -> list[Job]:
    """The jobs below `trainings`, newest first."""
    return [Job(path.parent) for path in sorted(trainings.glob("*/job.json"), reverse=True)]
