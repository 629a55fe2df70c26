"""How good a network is on pictures it does not learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from matting.arrays import Alpha, Image, to_uint8
from matting.metrics import mse, sad
from matting.models.base import impose
from matting.resize import pad_to_multiple
from matting.training.crops import Picture
from matting.training.trainees import Trainee

STRIDE = 32


@dataclass(frozen=True)
class Score:
    """Means over the held-out pictures, on unknown pixels, and what the first of them look like."""

    sad: float
    mse: float
    pictures: tuple[Image, ...]
    """Each: image, estimated alpha and true alpha side by side."""


def measure(network: nn.Module, trainee: Trainee, held_out: Sequence[Picture], *, shown: int = 4) -> Score:
    """The score of `network` on `held_out` (at least one), whole pictures of any size; its mode is left as it was."""
    was_training = network.training
    network.eval()
    alphas = [infer(network, trainee, picture) for picture in held_out]
    network.train(was_training)
    pairs = list(zip(alphas, held_out, strict=True))
    return Score(
        sad=float(np.mean([sad(alpha, picture.alpha, picture.trimap) for alpha, picture in pairs])),
        mse=float(np.mean([mse(alpha, picture.alpha, picture.trimap) for alpha, picture in pairs])),
        pictures=tuple(_side_by_side(alpha, picture) for alpha, picture in pairs[:shown]),
    )


@torch.no_grad()
def infer(network: nn.Module, trainee: Trainee, picture: Picture) -> Alpha:
    """The alpha (H, W) that `network` gives for `picture`, known pixels imposed."""
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
