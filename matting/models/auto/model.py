"""The model for a photo about which nothing is known: portrait matting where it is sure, else what the models agree on.

Where a stronger model was fetched, it is taken instead. Given a trimap, it takes the best solver there is.
"""

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import UNKNOWN, Alpha, Image, Trimap
from matting.models.auto.agreed_mask import agreed_mask, soft_edged
from matting.models.auto.strongest import strongest_present
from matting.models.base import Model, missing
from matting.models.mobile_sam import MOBILE_SAM
from matting.models.modnet import MODNetModel
from matting.models.square.u2net import U2NetPModel
from matting.models.studio import StudioModel
from matting.resize import resize
from matting.trimap import make_trimap
from matting.weights import WeightsError, used_weights
from matting.weights.credit import Answer, Credit

log = logging.getLogger(__name__)

MAX_SOFT_SHARE = 0.09
"""MODNet counts as sure while at most this share of what it touches is neither clearly in nor clearly out."""
MIN_SUBJECT_SHARE = 0.002
"""The least share of the picture a subject covers."""
AGREED = 0.8
"""The agreement from which a mask is taken."""
SHRUNK_SIZE = (256, 256)


@dataclass(frozen=True)
class Choice:
    """What was taken for the subject, and why, in words for a person."""

    alpha: Alpha
    took_part: tuple[Credit, ...]
    """Every model that was asked, each with its seconds; the last one gave the alpha."""
    reason: str
    is_sure: bool = True
    """Whether the subject was found; if not, a person's click on it helps most."""
    things: tuple[Alpha, ...] = ()
    """If a kind of thing was looked for, the alpha of each, from left to right."""

    @property
    def credit(self) -> Credit:
        """Who gave the alpha."""
        return self.took_part[-1]

    @property
    def model(self) -> str:
        """The name of the model that gave the alpha."""
        return self.credit.model


class AutoModel(Model):
    """MODNet's answer if it is sure; else the mask of MobileSAM that MODNet or U²-NetP agrees with, else U²-NetP's.

    Before all of them, the strongest model for any subject that a person fetched.

    On people MODNet leaves a thin soft edge; on anything else it leaves debris, much of it half transparent. The share
    of soft pixels tells the two apart: benchmarks/auto.py measures it, docs/log/models.md has the table.
    """

    name = "auto"
    title = "Automatic"
    weights = ("modnet", "u2netp", "mobile-sam", "studio")

    @cached_property  # each is loaded when it is first asked: with a trimap only the solver is
    def _portrait(self) -> MODNetModel:
        return MODNetModel()

    @cached_property
    def _salient(self) -> U2NetPModel:
        return U2NetPModel()

    @cached_property
    def _solver(self) -> StudioModel:
        return StudioModel()

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:
        """See Model.estimate."""
        return self.answer(image, trimap).alpha

    def answer(self, image: Image, trimap: Trimap | None = None) -> Answer:
        """See Model.answer: the credit is that of the model it took.

        Where `trimap` has no known foreground, or no known background, what the subject model is sure of stands in.
        """
        self.check(image, trimap)
        if trimap is None or ((trimap == UNKNOWN).any() and missing(trimap)):
            return self._found(image, trimap)
        return self._solver.answer(image, trimap)

    def _found(self, image: Image, trimap: Trimap | None) -> Answer:
        """The subject model's answer, completed by the solver where `trimap` knows something.

        Raises:
            ValueError: foreground or background is known neither from `trimap` nor from what was found.
        """
        started = perf_counter()
        choice = self.choose(image)
        if trimap is not None:
            known = np.where(trimap == UNKNOWN, make_trimap(choice.alpha), trimap)
            if missing(known):
                raise ValueError(
                    f"the trimap holds no known {missing(trimap)}, and none was found in the photo where it is unknown"
                    "; mark some, a stroke is enough"
                )
            if (trimap != UNKNOWN).any():
                return self._solver.answer(image, known)
        return Answer(choice.alpha, replace(choice.credit, seconds=perf_counter() - started))

    def choose(self, image: Image) -> Choice:
        """The alpha of `image` (H, W, 3) uint8 with the names of the models that took part."""
        try:
            if strong := strongest_present():
                return _by_strongest(strong.answer(image))
        except (ValueError, WeightsError) as error:
            log.warning("%s; the models that come with the app are asked instead", error)
        portrait = self._portrait.answer(image)
        if is_trusted(portrait.alpha):
            reason = f"the portrait model is sure of all but {look(portrait.alpha)[1]:.0%}"
            return Choice(portrait.alpha, (portrait.credit,), reason)
        salient = self._salient.answer(image)
        asked: tuple[Credit, ...] = (portrait.credit, salient.credit)
        started = perf_counter()
        try:
            found = agreed_mask(image, (portrait.alpha, salient.alpha))
        except WeightsError as error:
            log.warning("%s; the salient object is taken instead", error)
            return Choice(salient.alpha, asked, "the portrait model is unsure, so what stands out was taken", False)
        if found:
            used = used_weights(MOBILE_SAM)
            credit = Credit(MOBILE_SAM, used.sha256, used.licence, perf_counter() - started)
            asked = (portrait.credit, credit, salient.credit)
        if found and found.agreement >= AGREED:
            alpha = soft_edged(found.mask, image)
            reason = f"the subject that MODNet and U²-NetP point at; the masks agree by {found.agreement:.0%}"
            return Choice(alpha, (portrait.credit, salient.credit, credit), reason)
        if look(salient.alpha)[0] < MIN_SUBJECT_SHARE:
            return Choice(salient.alpha, asked, "no subject stands out", False)
        return Choice(salient.alpha, asked, "the models do not agree on a subject, so what stands out was taken", False)


def _by_strongest(found: Answer) -> Choice:
    """The choice if a stronger model than those of the app answered."""
    if look(found.alpha)[0] < MIN_SUBJECT_SHARE:
        return Choice(found.alpha, (found.credit,), "no subject stands out", False)
    return Choice(found.alpha, (found.credit,), "the strongest model on this computer")


def is_trusted(portrait: Alpha) -> bool:
    """Whether MODNet's alpha (H, W) is that of a person, so that no other model is asked."""
    covered, soft = look(portrait)
    return covered >= MIN_SUBJECT_SHARE and soft <= MAX_SOFT_SHARE


def look(alpha: Alpha) -> tuple[float, float]:
    """(share of the picture the subject covers, share of what it touches that is soft), both 0 to 1."""
    small = resize(alpha, SHRUNK_SIZE)
    touched = np.count_nonzero(small > 0.1)
    soft = np.count_nonzero((small > 0.1) & (small < 0.9))
    return float((small > 0.5).mean()), soft / touched if touched else 1.0
