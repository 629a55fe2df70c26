"""Better or worse: a model before and after training, on pictures used neither to learn nor to choose."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from torch import nn

from matting.arrays import Alpha, Image, to_uint8
from matting.metrics import conn, grad, mse, sad
from matting.resize import resize, within
from matting.training.crops import Picture
from matting.training.results.interpolation import FORGOTTEN
from matting.training.results.intervals import FEWEST, interval_of_mean, pictures_wanted
from matting.training.results.measure import as_judged, infer
from matting.training.trainees import Trainee

MEASURES = {"sad": sad, "mse": mse, "grad": grad, "conn": conn}
SHOWN, SIDE = 6, 320
"""The number of pictures shown side by side, and their long side in pixels."""


@dataclass(frozen=True)
class Change:
    """A measure before and after training, as means over the same pictures. Lower is better."""

    before: float
    after: float
    low: float
    """The change is between `low` and `high` with 95 % confidence."""
    high: float
    pictures: int
    wanted: int
    """The number of pictures like these that would settle whether the model got better."""

    @classmethod
    def of(cls, before: Sequence[float], after: Sequence[float]) -> "Change":
        """The change in a measure with one number per picture, in the same order."""
        differences = np.subtract(after, before).tolist()
        interval, wanted = interval_of_mean(differences), pictures_wanted(differences)
        return cls(float(np.mean(before)), float(np.mean(after)), *interval, len(differences), wanted)

    @classmethod
    def from_numbers(cls, numbers: dict[str, Any]) -> "Change":
        """The change that `numbers` of a card describe."""
        bounds = {name: value for name, value in (("low", -math.inf), ("high", math.inf)) if numbers[name] is None}
        return cls(**(numbers | bounds))

    @property
    def mean(self) -> float:
        """The change of the mean."""
        return self.after - self.before

    @property
    def is_sure(self) -> bool:
        """Whether there are enough pictures, and 0 is outside the interval."""
        return self.pictures >= FEWEST and not self.low <= 0 <= self.high

    def percent(self, change: float) -> str:
        """A change of the mean in per cent: "-12.3 %"."""
        return "–" if not self.before or math.isinf(change) else f"{100 * change / self.before:+.1f} %"

    @property
    def words(self) -> str:
        """The change in words that follow the name of the measure."""
        change = f"{self.before:.4g} → {self.after:.4g} ({self.percent(self.after - self.before)})"
        interval = f"95 % interval {self.percent(self.low)} to {self.percent(self.high)}"
        if self.is_sure:
            return f"{change}, {interval}: {'better' if self.after < self.before else 'worse'}"
        more = max(1, self.wanted - self.pictures)
        if self.pictures < FEWEST:
            return f"{change}: too few pictures to tell ({self.pictures}); at least {more} more are needed"
        return f"{change}, {interval}: not certain yet; about {more} more pictures may settle it"

    @property
    def numbers(self) -> dict[str, Any]:
        """The numbers for cards; None instead of infinity."""
        return {name: None if math.isinf(value) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Shown:
    """A test picture, with the model's alpha before and after, and the true alpha."""

    image: Image
    before: Alpha
    after: Alpha
    truth: Alpha


@dataclass(frozen=True)
class Proof:
    """How training changed a model."""

    test: dict[str, Change]
    """A change for each of MEASURES; empty if there are no test pictures."""
    forgotten: Change | None
    """The change in SAD on the rehearsal pictures; None if there are none."""
    photographs: Change | None = None
    """The change in SAD on photographs of other kinds; None if there are none."""
    shown: tuple[Shown, ...] = ()

    @property
    def numbers(self) -> dict[str, Any]:
        """The numbers for cards."""
        test = {name: change.numbers for name, change in self.test.items()}
        kept = {"forgotten": self.forgotten, "photographs": self.photographs}
        return {"test": test} | {name: change and change.numbers for name, change in kept.items()}

    @property
    def sentences(self) -> list[str]:
        """Sentences for people, one per measure."""
        count = next((change.pictures for change in self.test.values()), 0)
        lines = [f"{name.upper() if name in ('sad', 'mse') else name.title()} on test: {change.words}"
                 for name, change in self.test.items()]  # fmt: skip
        if not count:
            lines = [f"no test pictures, so nothing is proven; at least {FEWEST} are needed (test/merged)"]
        if self.forgotten:
            lines.append(f"generated pictures of other kinds: {_kept(self.forgotten)}")
        if self.photographs:
            lines.append(f"photographs of other subjects, real or composed: {_kept(self.photographs)}")
        return lines


def _kept(change: Change) -> str:
    """In words, how much of what it knew before a model has kept."""
    percent, is_kept = change.percent(change.after - change.before), change.after <= (1 + FORGOTTEN) * change.before
    verdict = "as good as before" if is_kept else f"it became {percent.lstrip('+')} worse"
    return f"{verdict} (SAD {change.before:.4g} → {change.after:.4g}, {percent}, {change.pictures} pictures)"


def prove(
    before: nn.Module,
    after: nn.Module,
    trainee: Trainee,
    test: Sequence[Picture],
    forgotten: Change | None = None,
    photographs: Change | None = None,
) -> Proof:
    """Compare two states of one network, which must be on the same device, on the pictures `test`.

    `forgotten` and `photographs` are what was measured before: see Proof.
    """
    scores: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in MEASURES}
    shown = list[Shown]()
    for picture in map(trainee.prepared, test):
        answers = [answer(network, trainee, picture) for network in (before, after)]
        judged = as_judged(trainee, picture)
        for name, metric in MEASURES.items():
            for values, alpha in zip(scores[name], answers, strict=True):
                values.append(metric(alpha, judged.alpha, judged.trimap))
        if len(shown) < SHOWN:
            shown.append(_small(Shown(picture.image, answers[0], answers[1], picture.alpha)))
    changes = {name: Change.of(*values) for name, values in scores.items() if values[0]}
    return Proof(changes, forgotten, photographs, tuple(shown))


def answer(network: nn.Module, trainee: Trainee, picture: Picture) -> Alpha:
    """The alpha that users get."""
    return trainee.finished(picture, infer(network.eval(), trainee, picture))


def _small(one: Shown) -> Shown:
    size = within((one.truth.shape[0], one.truth.shape[1]), SIDE)
    return Shown(resize(one.image, size), *(resize(alpha, size) for alpha in (one.before, one.after, one.truth)))


def greys(alpha: Alpha) -> Image:
    """`alpha` as a grey RGB picture."""
    return np.repeat(to_uint8(alpha)[..., None], 3, 2)
