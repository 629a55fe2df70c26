"""The base classes of all models.

They enforce the common contract in one place: the checks, the trimap rule, the range of the alpha.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Colours, Image, Trimap, check_image, check_trimap
from matting.foreground import estimate_foreground
from matting.solving.bounded_memory import Needs, on_crops, solve_bounded
from matting.weights import WeightsUsed, used_weights
from matting.weights.credit import Answer, Credit, all_of

KINDS = {FOREGROUND: "foreground", BACKGROUND: "background"}
Follow: TypeAlias = Callable[[Iterable[Image]], Iterator[Alpha]]
"""follow(frames) gives the alpha of each frame in turn; what it carries from frame to frame is local to the call."""


@dataclass(frozen=True)
class Live:
    """The properties of a model that is fast enough for Live.

    It sees small frames and gives alphas of the same small size; the browser restores the edges at full resolution.
    """

    title: str
    """What a person chooses."""
    load: Callable[[], Follow]
    sides: tuple[int, ...]
    """The range of a frame's short side. Below the first its answers are useless."""
    multiple: int
    """Sides of a frame must be multiples of this."""


class Model(ABC):
    """An object that gives an alpha. It keeps no state between calls, so one model serves every browser session."""

    name: str
    """The key in MODELS, as the command line spells it."""
    title: str
    """What a person chooses in the app: "MODNet, portraits"."""
    needs_trimap: bool = False
    needs_both: bool = False
    """Whether it solves from known foreground and known background alike, and so must be given some of each."""
    needs_plate: bool = False
    """Whether it answers only once `with_plate` gave it a picture of the empty background."""
    weights: tuple[str, ...] = ()
    """Names of the weights it loads (keys of matting.weights.WEIGHTS); empty for a solver."""
    is_trainable: bool = False
    """Whether it can also be made from a file that training wrote; matting/training/trainees.py says how."""
    is_for_video: bool = False
    """Whether it is steady enough from frame to frame to be offered for videos."""
    run_up_frames: int | None = 8
    """How many frames it must see before the one at which a video is resumed, to remember what matters; None: all."""
    live: Live | None = None
    """How it follows a live picture; None if it is too slow for that."""
    trained: WeightsUsed | None = None
    """The weights that a person trained, if it was made from these; None if it uses the published `weights`."""

    def weights_used(self) -> tuple[WeightsUsed, ...]:
        """The weights it answers with: file, SHA-256 and licence, for the record; empty for a solver."""
        return (self.trained,) if self.trained else tuple(used_weights(name) for name in self.weights)

    def __call__(self, image: Image, trimap: Trimap | None = None) -> Alpha:
        """The alpha of `image` (H, W, 3) uint8 RGB: (H, W) float32 in [0, 1].

        Where `trimap` (H, W) uint8 of {0, 128, 255} is 0 or 255 the alpha is exactly 0 or 1. Inputs are not changed.

        Raises:
            ValueError: an input is malformed, the model needs a trimap and has none, or the trimap leaves something
                unknown without knowing the foreground and background that the model needs; says what was wanted and
                given.
        """
        self.check(image, trimap)
        if trimap is not None and not (trimap == UNKNOWN).any():
            return impose(trimap, trimap)
        return impose(self.estimate(image, trimap), trimap)

    def cut_out(self, image: Image, trimap: Trimap | None = None) -> tuple[Alpha, Colours]:
        """The alpha, as calling the model gives it, and the foreground (H, W, 3) float32 in [0, 1], straight.

        The foreground is `estimate_foreground`'s, except for models that answer with colours of their own.

        Raises:
            ValueError: as calling the model does.
        """
        alpha = self(image, trimap)
        return alpha, estimate_foreground(image, alpha)

    def check(self, image: Image, trimap: Trimap | None) -> None:
        """ValueError unless the model can be called with these."""
        check_image(image)
        if trimap is not None:
            check_trimap(trimap, image.shape[:2])
        elif self.needs_trimap:
            raise ValueError(f"model {self.name} needs a trimap (H, W) uint8 of 0, 128 and 255, but got None")
        if trimap is not None and self.needs_both and (trimap == UNKNOWN).any():
            check_both(trimap)

    def answer(self, image: Image, trimap: Trimap | None = None) -> Answer:
        """As calling the model, with the credit: the model, its weights, and how long it took."""
        started = perf_counter()
        alpha = self(image, trimap)
        return Answer(alpha, self.credit(perf_counter() - started))

    def credit(self, seconds: float = 0.0) -> Credit:
        """The credit of an alpha of this model."""
        used = self.weights_used()
        licence = all_of(one.licence for one in used)
        return Credit(self.name, used[0].sha256 if used else "", licence, seconds)

    def follow(self, frames: Iterable[Image]) -> Iterator[Alpha]:
        """The alpha of each frame of a video in turn; what is carried from frame to frame is local to this call."""
        return map(self, frames)

    def starting_from(self, alpha: Alpha) -> "Model":  # noqa: ARG002
        """This model for a video whose first frame has this `alpha` (H, W); the same one if it makes no use of that."""
        return self

    @abstractmethod
    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:
        """The model's own alpha (H, W), not yet clipped, known pixels not yet imposed. Inputs are already checked."""


class TrimapModel(Model):
    """A model that works out what a trimap leaves unknown."""

    needs_trimap = True

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:
        """See Model.estimate."""
        return self.solve(image, cast(Trimap, trimap))  # as `check` has seen

    @abstractmethod
    def solve(self, image: Image, trimap: Trimap) -> NDArray[np.floating[Any]]:
        """As `estimate`; there is a trimap, and something in it is unknown."""


class RegionModel(TrimapModel):
    """A model that solves what is around the unknown, region by region: time and memory follow that, not the photo."""

    needs: Needs
    """What its regions take."""

    def __init__(self, *, exact: bool = False) -> None:
        """`exact` solves pictures of any size as a whole, whatever time and memory that takes."""
        self.is_exact = exact

    def solve(self, image: Image, trimap: Trimap) -> NDArray[np.floating[Any]]:
        """See TrimapModel.solve."""
        return self.run(image, trimap) if self.is_exact else self.by_regions(image, trimap)

    def by_regions(self, image: Image, trimap: Trimap) -> NDArray[np.floating[Any]]:
        """The alpha (H, W), each region of the unknown solved by itself."""
        return solve_bounded(image, trimap, on_crops(self.run), self.needs)

    @abstractmethod
    def run(self, image: Image, trimap: Trimap) -> NDArray[np.floating[Any]]:
        """The alpha (H, W) of a picture or a region, solved at once."""


def answer(solve: Callable[[Image, Trimap], Alpha], image: Image, trimap: Trimap, *, name: str) -> Answer:
    """As `Model.answer`; a plain function is credited by `name` alone."""
    if isinstance(solve, Model):
        return solve.answer(image, trimap)
    started = perf_counter()
    alpha = solve(image, trimap)
    return Answer(alpha, Credit(name, seconds=perf_counter() - started))


def impose(alpha: NDArray[Any], trimap: Trimap | None) -> Alpha:
    """`alpha` as float32, clipped to [0, 1], exactly 0 and 1 where the trimap knows it. NaN counts as 0."""
    imposed: Alpha = np.array(alpha, np.float32)
    np.nan_to_num(imposed, copy=False, nan=0.0)
    np.clip(imposed, 0, 1, out=imposed)
    if trimap is not None:
        imposed[trimap == BACKGROUND] = 0
        imposed[trimap == FOREGROUND] = 1
    return imposed


def missing(trimap: Trimap) -> str:
    """Which kinds `trimap` does not know, in words: "foreground", say; "" where it knows both."""
    return " nor ".join(words for kind, words in KINDS.items() if not (trimap == kind).any())


def check_both(trimap: Trimap) -> None:
    """ValueError unless there are foreground and background in `trimap` to solve from."""
    if lacks := missing(trimap):
        raise ValueError(
            f"the trimap holds no known {lacks}, so the edge cannot be worked out; mark some, a stroke is enough"
        )
