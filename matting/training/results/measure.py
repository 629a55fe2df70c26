"""Measuring a network on pictures from which it does not learn."""

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
    """Mean scores over the held-out pictures, and the first few answers.

    Unknown pixels count; for a network without a trimap, all pixels do.
    """

    sads: tuple[float, ...]
    """For each picture, the SAD of what users get: the network's alpha, finished as its model does it."""
    mse: float
    pictures: tuple[Image, ...]
    """Each: image, estimated alpha and true alpha side by side."""
    network_sad: float
    """SAD of the network's own alpha."""

    @property
    def sad(self) -> float:
        """The mean of `sads`."""
        return float(np.mean(self.sads))

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers that cards and checkpoints keep."""
        return {"sad": self.sad, "mse": self.mse, "network_sad": self.network_sad, "pictures": len(self.sads)}


def measure(network: nn.Module, trainee: Trainee, held_out: Sequence[Picture], *, shown: int = 4) -> Score:
    """The score of `network` on `held_out`, at least one whole picture of any size. The network's mode is restored."""
    was_training = network.training
    network.eval()
    own = [infer(network, trainee, picture) for picture in held_out]
    network.train(was_training)
    finished = [trainee.finished(picture, alpha) for picture, alpha in zip(held_out, own, strict=True)]
    judged = [as_judged(trainee, picture) for picture in held_out]
    return Score(
        sads=tuple(_each(sad, finished, judged)),
        mse=float(np.mean(_each(mse, finished, judged))),
        pictures=tuple(map(_side_by_side, finished[:shown], held_out)),
        network_sad=float(np.mean(_each(sad, own, judged))),
    )


def _each(metric: Callable[..., float], alphas: Sequence[Alpha], truths: Sequence[Picture]) -> list[float]:
    pairs = zip(alphas, truths, strict=True)
    return [metric(alpha, picture.alpha, picture.trimap) for alpha, picture in pairs]


def as_judged(trainee: Trainee, picture: Picture) -> Picture:
    """`picture` with the pixels that count as unknown: for a network without a trimap, all of them."""
    if trainee.ask is None:
        return picture
    return replace(picture, trimap=np.full_like(picture.trimap, UNKNOWN))


@torch.no_grad()
def infer(network: nn.Module, trainee: Trainee, picture: Picture) -> Alpha:
    """The alpha (H, W) of `picture` by `network`; if the network gets a trimap, known pixels are imposed."""
    if trainee.ask is not None:
        return trainee.ask(network, picture)
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
