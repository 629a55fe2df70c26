"""One photo on its way through the Cut-out tab: its arrays on disk, so that a browser session holds only a path."""

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from annotation.store.credits import from_text, to_text
from annotation.ui.scratch import scratch_folder
from matting.arrays import Alpha, Image, Trimap
from matting.models.credit import Credit
from matting.resize import resize, within

VIEW = 1280
"""Long side in pixels of what is shown; results are computed and downloaded at full size."""


class GoneError(ValueError):
    """What was kept of a photo has been removed, as after a restart or some days."""

    def __init__(self) -> None:
        super().__init__("This photo is no longer open here; drop it again.")


class SupersededError(Exception):
    """Something newer is wanted of a job, or nothing any more: what runs for it may stop."""


@dataclass(frozen=True)
class Job:
    """A photo with what was found in it. `folder` is the browser session's alone."""

    folder: Path
    stem: str
    """The photo's own name, without suffix; downloads carry it."""

    @classmethod
    def begin(cls, stem: str, image: Image) -> "Job":
        """A new job for `image`, in a folder of its own."""
        job = cls(scratch_folder(), stem)
        job.keep("image", image)
        job.ask()
        return job

    def ask(self) -> None:
        """Say that something new is wanted of the job; nothing happens if it has ended."""
        if self.folder.exists():
            (self.folder / "asked").write_text(uuid.uuid4().hex)

    @property
    def asked(self) -> str | None:
        """What stays the same until something new is wanted; None once the job has ended."""
        try:
            return (self.folder / "asked").read_text()
        except OSError:
            return None

    def check(self, asked: str | None) -> None:
        """SupersededError unless `asked` is still what is wanted."""
        if asked is None or asked != self.asked:
            raise SupersededError

    def check_open(self) -> None:
        """SupersededError once the job has ended."""
        if not self.folder.exists():
            raise SupersededError

    def lacks(self, name: str) -> bool:
        """Whether the job is open and has no array under `name` yet."""
        return self.folder.exists() and not (self.folder / f"{name}.npy").exists()

    def end(self) -> None:
        """Remove everything of the job from the disk."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, name: str, array: NDArray[Any]) -> None:
        """Store an array under `name`, in place of an earlier one; GoneError once the job has ended."""
        try:
            np.save(self.folder / f"{name}.npy", array)
        except FileNotFoundError as error:
            raise GoneError from error

    @property
    def image(self) -> Image:
        """(H, W, 3) uint8."""
        return cast(Image, self._load("image"))

    @property
    def pixels(self) -> int:
        """How many the photo has; 0 once the job has ended."""
        try:
            height, width = np.load(self.folder / "image.npy", mmap_mode="r").shape[:2]
        except FileNotFoundError:
            return 0
        return int(height * width)

    @property
    def subject(self) -> Alpha:
        """(H, W) float32: what the subject model found."""
        return cast(Alpha, self._load("subject"))

    @property
    def trimap(self) -> Trimap:
        """(H, W) uint8."""
        return cast(Trimap, self._load("trimap"))

    @property
    def alpha(self) -> Alpha:
        """(H, W) float32: the result so far."""
        return cast(Alpha, self._load("alpha"))

    @property
    def answers(self) -> list[Credit]:
        """What the result so far came from, the first answer first."""
        noted = self.folder / "answers.json"
        return from_text(noted.read_text(encoding="utf-8")) if noted.exists() else []

    def note(self, answers: Sequence[Credit]) -> None:
        """Keep what the result so far came from."""
        (self.folder / "answers.json").write_text(to_text(answers), encoding="utf-8")

    @property
    def reason(self) -> str:
        """Why the subject is taken to be what it is, in words for a person; "" where nobody said."""
        said = self.folder / "reason.txt"
        return said.read_text(encoding="utf-8") if said.exists() else ""

    def give_reason(self, reason: str) -> None:
        """Keep why the subject is taken to be what it is."""
        (self.folder / "reason.txt").write_text(reason, encoding="utf-8")

    def _load(self, name: str) -> object:
        try:
            return np.load(self.folder / f"{name}.npy")
        except FileNotFoundError as error:
            raise GoneError from error


def view(arrays: Sequence[NDArray[Any]], *, smooth: bool = True) -> list[NDArray[Any]]:
    """Arrays of one size, each shrunk to what is shown."""
    size = within((arrays[0].shape[0], arrays[0].shape[1]), VIEW)
    return [resize(array, size, smooth=smooth) for array in arrays]
