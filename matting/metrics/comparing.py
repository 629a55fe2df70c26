"""Which model suits a picture? Each that is on this computer tries it, with its time, memory and errors."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from matting.arrays import Alpha, Image, Trimap
from matting.environment.memory import Growth, give_back
from matting.metrics import evaluate
from matting.models import listed_models, load_listed, short_title, unload_models
from matting.solving.separate_process import apart
from matting.weights import WEIGHTS
from matting.weights.credit import Answer

AS_FOUND = ""
"""The edges of an entry that leaves the subject model's own alpha as it is."""
SMALL_SIDE = 24
"""Side of the picture on which a model compiles what it needs, before its time counts."""


@dataclass(frozen=True)
class Entry:
    """What is tried: a model that finds the subject, or one that works out the edges of what `subject` found."""

    subject: str
    edges: str = AS_FOUND

    @property
    def model(self) -> str:
        """The model that is measured."""
        return self.edges or self.subject

    @property
    def title(self) -> str:
        """What a person calls it."""
        title = short_title(self.model)
        return f"edges: {title}" if self.edges else title


class Alone(NamedTuple):
    """An answer, and what it took of its process."""

    answer: Answer
    memory_gb: float | None
    processor_seconds: float


@dataclass(frozen=True)
class Measured:
    """What one model gave, and what that took."""

    alpha: Alpha
    seconds: float
    """For the answer alone; the model was loaded and compiled before."""
    memory_gb: float | None
    """What the process grew by at its peak, the loaded model included; None if that can't be told."""
    errors: dict[str, float]
    """The metrics of matting.metrics; empty if the truth is not known."""
    processor_seconds: float = 0.0
    """For the answer, of all cores together: other work on the machine hardly changes it."""

    @property
    def words(self) -> str:
        """Time, memory and error for a person: "1.2 s · 410 MB · SAD 3.14"."""
        memory = None if self.memory_gb is None else _size(self.memory_gb)
        error = f"SAD {self.errors['sad']:.2f}" if self.errors else None
        return " · ".join(filter(None, [f"{self.seconds:.1f} s", memory, error]))


def _size(gb: float) -> str:
    return f"{gb:.1f} GB" if gb >= 1 else f"{gb * 1000:.0f} MB"


def is_present(name: str) -> bool:
    """Whether the listed model can answer without a download."""
    kind, trained = listed_models()[name]
    return trained is not None or all(WEIGHTS[weights].is_present for weights in kind.weights)


def entries(subject: str = "auto") -> list[Entry]:
    """What is compared: each model that finds a subject, then each that works out the edges of what `subject` found."""
    present = [(name, kind.needs_trimap) for name, (kind, _) in listed_models().items() if is_present(name)]
    found = [Entry(name) for name, needs_trimap in present if not needs_trimap and name != "auto"]
    return [*found, *(Entry(subject, name) for name, needs_trimap in present if needs_trimap)]


def measure(
    entry: Entry,
    image: Image,
    trimap: Trimap | None,
    truth: Alpha | None = None,
    *,
    region: Trimap | None = None,
    by: Callable[..., Alone] = apart,
) -> Measured:
    """What the model of `entry` gives for `image`, in another process.

    `trimap` is for those that need one. Errors count the unknown pixels of `region`, or all without one. `by` calls a
    function with its arguments; see matting.solving.separate_process.apart.

    Raises:
        ValueError, WeightsError, OSError: the model cannot solve this.
    """
    found = by(answer_alone, entry.model, image, trimap if entry.edges else None)
    alpha, seconds = found.answer.alpha, found.answer.credit.seconds
    errors = {} if truth is None else evaluate(alpha, truth, region)
    return Measured(alpha, seconds, found.memory_gb, errors, found.processor_seconds)


def answer_alone(name: str, image: Image, trimap: Trimap | None) -> Alone:
    """The answer of the listed model, no other being loaded, and what it took of this process."""
    if trimap is not None:
        load_listed(name)(*_small())
    unload_models()
    gc.collect()
    give_back()  # otherwise what was freed before would be used again, and not count
    growth, model = Growth(), load_listed(name)
    before = process_time()
    answer = model.answer(image, trimap)
    return Alone(answer, growth.peak_gb(), process_time() - before)


def _small() -> tuple[Any, ...]:
    """A picture and its trimap on which everything is compiled."""
    image = np.random.default_rng(0).integers(0, 256, (SMALL_SIDE, SMALL_SIDE, 3), np.uint8)
    row = np.repeat(np.array([0, 128, 255], np.uint8), SMALL_SIDE // 3)
    return image, np.tile(row, (SMALL_SIDE, 1))
