"""The model for a photo nobody said anything about: portrait matting where it is sure, else the salient object.

With a trimap there is something to go by, and it takes the best solver there is.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import UNKNOWN, Alpha, Image, Trimap
from matting.models.base import Model, missing
from matting.models.credit import Answer, Credit
from matting.models.modnet import MODNetModel
from matting.models.studio import StudioModel
from matting.models.u2net import U2NetPModel
from matting.resize import resize
from matting.trimap import make_trimap

SURE = 0.09
"""MODNet counts as sure while at most this share of what it touches is neither clearly in nor clearly out."""
SMALLEST = 0.002
"""The least share of the picture a subject covers."""
LOOK = (256, 256)


@dataclass(frozen=True)
class Choice:
    """What `auto` took, and why, in words for a person."""

    alpha: Alpha
    credit: Credit
    reason: str

    @property
    def model(self) -> str:
        """The name of the model that gave the alpha."""
        return self.credit.model


class AutoModel(Model):
    """MODNet's answer if it is sure, U²-NetP's otherwise.

    On people MODNet leaves a thin soft edge; on anything else it leaves debris, much of it half transparent. The share
    of soft pixels tells the two apart: benchmarks/auto.py measures it, docs/log/models.md has the table.
    """

    name = "auto"
    title = "Automatic"
    weights = ("modnet", "u2netp", "studio")

    def __init__(self) -> None:
        self._portrait = MODNetModel()
        self._salient = U2NetPModel()

    @cached_property
    def _solver(self) -> StudioModel:
        return StudioModel()

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:
        """See Model.estimate."""
        return self.answer(image, trimap).alpha

    def answer(self, image: Image, trimap: Trimap | None = None) -> Answer:
        """See Model.answer: the credit is that of the model it took.

        Where `trimap` lacks a kind, what the subject model is sure of stands in for it.
        """
        self.check(image, trimap)
        if trimap is None or ((trimap == UNKNOWN).any() and missing(trimap)):
            return self._found(image, trimap)
        return self._solver.answer(image, trimap)

    def _found(self, image: Image, trimap: Trimap | None) -> Answer:
        """The subject model's answer, completed by the solver where `trimap` knows something.

        Raises:
            ValueError: `trimap` lacks a kind, and so does what was found.
        """
        started = perf_counter()
        choice = self.choose(image)
        if trimap is not None:
            known = np.where(trimap == UNKNOWN, make_trimap(choice.alpha), trimap)
            if missing(known):
                raise ValueError(
                    f"the trimap holds no known {missing(trimap)}, and model {self.name} found none in the photo where "
                    "it is unknown; mark some, a stroke is enough"
                )
            if (trimap != UNKNOWN).any():
                return self._solver.answer(image, known)
        return Answer(choice.alpha, replace(choice.credit, seconds=perf_counter() - started))

    def choose(self, image: Image) -> Choice:
        """The alpha of `image` (H, W, 3) uint8 with the name of the model that gave it."""
        portrait = self._portrait(image)
        covered, soft = look(portrait)
        if covered >= SMALLEST and soft <= SURE:
            return Choice(
                portrait, self._portrait.credit(), f"the portrait model is sure: {soft:.0%} of it is in doubt"
            )
        salient = self._salient(image)
        if look(salient)[0] < SMALLEST:
            return Choice(salient, self._salient.credit(), "no subject stands out")
        return Choice(salient, self._salient.credit(), "the portrait model is unsure, so what stands out was taken")


def look(alpha: Alpha) -> tuple[float, float]:
    """(share of the picture the subject covers, share of what it touches that is soft), both 0 to 1."""
    small = resize(alpha, LOOK)
    touched = np.count_nonzero(small > 0.1)
    soft = np.count_nonzero((small > 0.1) & (small < 0.9))
    return float((small > 0.5).mean()), soft / touched if touched else 1.0
