"""One photo on its way through the Cut-out tab: its arrays on disk, so that a browser session holds only a path."""

import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from annotation.store.credits import from_text, to_text
from annotation.ui.temporary_files import scratch_folder, scratch_home
from matting.arrays import Alpha, Image, Trimap
from matting.resize import resize, within
from matting.weights.credit import Credit

VIEW = 1280
"""Long side in pixels of what is shown; results are computed and downloaded at full size."""


SUBJECT, EDGES = "subject", "edges"
"""The parts of a job, in the order they are made. For each, one text says how it is wanted, one how it was made."""
LEFT, KEPT = "left", 8
"""The mark of a job whose place another photo took, and how many of those are kept."""
NAME = r"[0-9a-f]{32}"


class GoneError(ValueError):
    """What was kept of a photo has been removed, as after a restart or a few days."""

    def __init__(self) -> None:
        super().__init__("This photo is no longer open here; drop it again.")


class SupersededError(Exception):
    """Something newer is wanted from a job, or nothing at all: what runs for it can stop."""


@dataclass(frozen=True)
class Job:
    """A photo with what was found in it. `folder` is the browser session's alone."""

    folder: Path
    stem: str
    """The photo's own name, without suffix; downloads carry it."""

    @classmethod
    def begin(cls, stem: str, image: Image, note: str = "") -> "Job":
        """A new job for `image`, in a folder of its own; `note` is what a person should know about the photo."""
        job = cls(scratch_folder(), stem)
        job.keep("image", image)
        job._write("stem.txt", stem)
        job._write("note.txt", note)
        return job

    @classmethod
    def again(cls, name: str) -> "Job":
        """A copy of the finished job called `name`, for another browser session; GoneError if there is none.

        The two share their files until one of them writes its own again.
        """
        folder = scratch_home() / name
        if not re.fullmatch(NAME, name) or not (folder / "alpha.npy").exists():
            raise GoneError
        copy = cls(scratch_home() / uuid.uuid4().hex, (folder / "stem.txt").read_text(encoding="utf-8"))
        shutil.copytree(folder, copy.folder, copy_function=os.link)
        (copy.folder / LEFT).unlink(missing_ok=True)
        for part in (SUBJECT, EDGES):
            copy.want(part, copy.there(part))
        return copy

    @property
    def name(self) -> str:
        """What `again` takes: whoever knows it may see the job."""
        return self.folder.name

    def leave(self) -> None:
        """Another photo takes the job's place. With a result it is kept for a while, for whoever goes back to it."""
        if (self.folder / "alpha.npy").exists():
            (self.folder / LEFT).touch()
        else:
            self.end()
        left = sorted(scratch_home().glob(f"*/{LEFT}"), key=lambda mark: mark.stat().st_mtime, reverse=True)
        for mark in left[KEPT:]:
            shutil.rmtree(mark.parent, ignore_errors=True)

    def want(self, part: str, how: str) -> None:
        """Say how `part` is wanted now; nothing happens if the job has ended."""
        if self.folder.exists():
            self._write(f"{part}.wanted", how)

    def wanted(self, part: str) -> str:
        """How `part` is wanted."""
        return self._read(f"{part}.wanted")

    def there(self, part: str) -> str:
        """How the present `part` was made; "" if there is none yet."""
        return self._read(f"{part}.there")

    @contextmanager
    def making(self, part: str, how: str) -> Iterator[None]:
        """Inside, `part` is made. If that fails, the present one is wanted again, unless something else is by then."""
        try:
            yield
            if self.folder.exists():
                self._write(f"{part}.there", how)
        except SupersededError:
            raise
        except BaseException:
            if self.wanted(part) == how:
                self.want(part, self.there(part))
            raise

    @property
    def is_settled(self) -> bool:
        """Whether there is a result, and nothing else is wanted."""
        is_made = all(self.wanted(part) == self.there(part) for part in (SUBJECT, EDGES))
        return is_made and (self.folder / "alpha.npy").exists()

    def check(self, edges: str) -> None:
        """SupersededError unless `edges` are still what is wanted."""
        if not self.folder.exists() or self.wanted(EDGES) != edges:
            raise SupersededError

    def check_open(self) -> None:
        """SupersededError once the job has ended, or another photo has its place."""
        if not self.folder.exists() or (self.folder / LEFT).exists():
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
            with self._part_of(name).open("wb") as part:  # a copy of the job may share the present file
                np.save(part, array)
            Path(part.name).replace(self.folder / f"{name}.npy")
        except FileNotFoundError as error:
            raise GoneError from error

    @property
    def image(self) -> Image:
        """(H, W, 3) uint8."""
        return cast(Image, self._load("image"))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the photo; nothing once the job has ended."""
        try:
            height, width = np.load(self.folder / "image.npy", mmap_mode="r").shape[:2]
        except FileNotFoundError:
            return 0, 0
        return int(height), int(width)

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

    def keep_things(self, alphas: Sequence[Alpha], credit: Credit) -> None:
        """Keep the alpha of each thing that was found, in order, and what found them."""
        self.keep("things", np.stack(alphas))
        self._write("things.json", to_text([credit]))

    @property
    def things(self) -> tuple[Sequence[Alpha], Credit | None]:
        """The alphas kept last, (N, H, W), and what found them; none if no kind of thing was looked for."""
        found = from_text(self._read("things.json"))
        return (np.load(self.folder / "things.npy", mmap_mode="r"), found[0]) if found else ((), None)

    def bound(self, alpha: Alpha) -> Alpha:
        """`alpha` (H, W), nowhere more opaque than the photo was."""
        is_opaque = self.lacks("opacity")
        return alpha if is_opaque else cast(Alpha, np.minimum(alpha, cast(Alpha, self._load("opacity"))))

    @property
    def answers(self) -> list[Credit]:
        """What the result so far came from, the first answer first."""
        return from_text(self._read("answers.json"))

    def credit(self, answers: Sequence[Credit]) -> None:
        """Keep what the result so far came from."""
        self._write("answers.json", to_text(answers))

    @property
    def reason(self) -> str:
        """Why the subject is taken to be what it is, in words for a person; "" if no reason was given."""
        return self._read("reason.txt")

    def give_reason(self, reason: str) -> None:
        """Keep why the subject is taken to be what it is."""
        self._write("reason.txt", reason)

    @property
    def note(self) -> str:
        """What a person should know about the photo; "" for nothing."""
        return self._read("note.txt")

    def _read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _write(self, name: str, text: str) -> None:
        part = self._part_of(name)
        part.write_text(text, encoding="utf-8")
        part.replace(self.folder / name)

    def _part_of(self, name: str) -> Path:
        """A name of its own for what is being written: two requests of one page may write the same at once."""
        return self.folder / f"{name}.{uuid.uuid4().hex}.part"

    def _load(self, name: str) -> object:
        try:
            return np.load(self.folder / f"{name}.npy")
        except FileNotFoundError as error:
            raise GoneError from error


def view(arrays: Sequence[NDArray[Any]], *, smooth: bool = True) -> list[NDArray[Any]]:
    """Arrays of one size, each shrunk to what is shown."""
    size = within((arrays[0].shape[0], arrays[0].shape[1]), VIEW)
    return [resize(array, size, smooth=smooth) for array in arrays]
