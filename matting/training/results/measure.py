"""How good a network is on pictures it does not learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from matting.arrays import UNKNOWN, Alpha, Image, to_uint8
from matting.metrics import mse, sad
from matting.models.base import impose
from matting.resize import pad_to_multiple
from matting.training.crops import Picture
from matting.training.trainees import Trainee

STRIDE = 32


@dataclass(frozen=True)
class Score:
    """Means over the held-out pictures, and what the first of them look like.

    What counts are the unknown pixels; all of them where a network is shown no trimap.
    """

    sad: float
    """Of what users get: the network's alpha, finished as its model does it."""
    mse: float
    pictures: tuple[Image, ...]
    """Each: image, estimated alpha and true alpha side by side."""
    count: int
    """How many pictures there were."""
    network_sad: float
    """Of the network alone."""

    @property
    def numbers(self) -> dict[str, float]:
        """What cards and checkpoints keep of it."""
        return {"sad": self.sad, "mse": self.mse, "network_sad": self.network_sad, "pictures": self.count}


def measure(network: nn.Module, trainee: Trainee, held_out: Sequence[Picture], *, shown: int = 4) -> Score:
    """The score of `network` on `held_out` (at least one), whole pictures of any size; its mode is left as it was."""
    was_training = network.training
    network.eval()
    own = [infer(network, trainee, picture) for picture in held_out]
    network.train(was_training)
    finished = [trainee.finished(picture, alpha) for picture, alpha in zip(held_out, own, strict=True)]
    judged = [as_judged(trainee, picture) for picture in held_out]
    return Score(
        sad=_mean(sad, finished, judged),
        mse=_mean(mse, finished, judged),
        pictures=tuple(map(_side_by_side, finished[:shown], held_out)),
        count=len(held_out),
        network_sad=_mean(sad, own, judged),
    )


def _mean(metric: Callable[..., float], alphas: Sequence[Alpha], truths: Sequence[Picture]) -> float:
    pairs = zip(alphas, truths, strict=True)
    return float(np.mean([metric(alpha, picture.alpha, picture.trimap) for alpha, picture in pairs]))


def as_judged(trainee: Trainee, picture: Picture) -> Picture:
    """`picture` with unknown what counts: all of it for a network that is shown no trimap."""
    if trainee.ask is None:
        return picture
    return replace(picture, trimap=np.full_like(picture.trimap, UNKNOWN))


@torch.no_grad()
def infer(network: nn.Module, trainee: Trainee, picture: Picture) -> Alpha:
    """The alpha (H, W) that `network` gives for `picture`; of a network that is shown trimaps, known pixels imposed."""
    if trainee.ask is not None:
        return trainee.ask(network, picture.image)
    height, width = picture.trimap.shape
    guess = None if picture.guess is None else pad_to_multiple(picture.guess.transpose(1, 2, 0), STRIDE)
    padded = Picture(
        pad_to_multiple(picture.image, STRIDE),
        pad_to_multiple(picture.trimap, STRIDE),
        pad_to_multiple(picture.alpha, STRIDE),
        guess=None if guess is None else guess.transpose(2, 0, 1),
    )
    device = next(network.parameters()).device
    inputs = {name: torch.from_numpy(array).to(device) for name, array in trainee.encode(padded).items()}
    alpha = network(**inputs)[0, 0, :height, :width].float().cpu().numpy()
    return impose(alpha, picture.trimap)


def _side_by_side(alpha: Alpha, picture: Picture) -> Image:
    greys = [np.repeat(to_uint8(values)[..., None], 3, 2) for values in (alpha, picture.alpha)]
    return np.hstack([picture.image, *greys])
