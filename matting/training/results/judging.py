"""How good weights between the old and the new ones are, on pictures that no step has seen."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from torch import Tensor, nn

from matting.training.crops import Picture
from matting.training.results.interpolation import between
from matting.training.results.measure import measure
from matting.training.results.proof import Change
from matting.training.trainees import Trainee

Weights = Mapping[str, Tensor]


class Mixtures:
    """The network of `trainee` with any share of the new weights."""

    def __init__(self, old: Weights, new: Weights, trainee: Trainee) -> None:
        self.trainee, self._old, self._new, self._network = trainee, old, new, trainee.build()

    def network(self, share: float) -> nn.Module:
        """The network with that share of the new weights; it is the same object each time."""
        self._network.load_state_dict(between(self._old, self._new, share))
        return self._network


class Judged:
    """Some pictures, on which each share of the new weights is measured once at most. It is a Judge."""

    def __init__(
        self, mixtures: Mixtures, pictures: Sequence[Picture], known: Mapping[float, float] | None = None
    ) -> None:
        """`known` are shares whose SAD the run has measured already."""
        self._mixtures, self._known = mixtures, known or {}
        self._pictures = [mixtures.trainee.prepared(picture) for picture in pictures]
        self._sads: dict[float, tuple[float, ...]] = {}

    def __call__(self, share: float) -> float | None:
        """The SAD of that share; None if there are no pictures."""
        if not self._pictures:
            return None
        return self._known[share] if share in self._known else float(np.mean(self._sads_of(share)))

    def change(self, share: float) -> Change | None:
        """The change in SAD on these pictures from the old weights to that share; None if there are none."""
        return Change.of(self._sads_of(0.0), self._sads_of(share)) if self._pictures else None

    def _sads_of(self, share: float) -> tuple[float, ...]:
        if share not in self._sads:
            score = measure(self._mixtures.network(share), self._mixtures.trainee, self._pictures)
            self._sads[share] = score.sads
        return self._sads[share]


class Judges(NamedTuple):
    """What judges a share of the new weights."""

    validation: Judged
    rehearsal: Judged
    photographs: Judged

    def lost(self, share: float) -> tuple[Change | None, Change | None]:
        """What became of rehearsal pictures and photographs with that share."""
        return self.rehearsal.change(share), self.photographs.change(share)
