"""Which model suits a picture? Each that is on this computer tries it, with its time, memory and errors."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from matting.arrays import Alpha, Image, Trimap
from matting.environment.memory import Growth
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


@dataclass(frozen=True)
class Measured:
    """What one model gave, and what that took."""

    alpha: Alpha
    seconds: float
    """For the answer alone; the model was loaded and compiled before."""
    memory_gb: float | None
    """What the process grew by at its peak, the loaded model included; None where that can't be told."""
    errors: dict[str, float]
    """The metrics of matting.metrics; empty where the truth is not known."""

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
    by: Callable[..., tuple[Answer, float | None]] = apart,
) -> Measured:
    """What the model of `entry` gives for `image`, in another process.

    `trimap` is for those that need one. Errors count the unknown pixels of `region`, or all without one. `by` calls a
    function with its arguments; see matting.solving.separate_process.apart.

    Raises:
        ValueError, WeightsError, OSError: the model cannot solve this.
    """
    answer, memory = by(answer_alone, entry.model, image, trimap if entry.edges else None)
    errors = {} if truth is None else evaluate(answer.alpha, truth, region)
    return Measured(answer.alpha, answer.credit.seconds, memory, errors)


def answer_alone(name: str, image: Image, trimap: Trimap | None) -> tuple[Answer, float | None]:
    """(the answer of the listed model, GB that this process grew by at its peak), no other model being loaded."""
    if trimap is not None:
        load_listed(name)(*_small())
    unload_models()
    gc.collect()
    growth = Growth()
    answer = load_listed(name).answer(image, trimap)
    return answer, growth.peak_gb()


def _small() -> tuple[Any, ...]:
    """A picture and its trimap on which everything is compiled."""
    image = np.random.default_rng(0).integers(0, 256, (SMALL_SIDE, SMALL_SIDE, 3), np.uint8)
    row = np.repeat(np.array([0, 128, 255], np.uint8), SMALL_SIDE // 3)
    return image, np.tile(row, (SMALL_SIDE, 1))
