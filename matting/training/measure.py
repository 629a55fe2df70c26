"""How good a network is on pictures it does not learn from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from matting.arrays import Alpha, Image, to_uint8
from matting.files import write_file
from matting.metrics import mse, sad
from matting.models.base import impose
from matting.resize import pad_to_multiple
from matting.training.checkpoint import TEST
from matting.training.crops import Picture
from matting.training.pairs import HeldOut
from matting.training.trainees import Trainee

STRIDE = 32


@dataclass(frozen=True)
class Score:
    """Means over the held-out pictures, on unknown pixels, and what the first of them look like."""

    sad: float
    mse: float
    pictures: tuple[Image, ...]
    """Each: image, estimated alpha and true alpha side by side."""
    count: int
    """How many pictures there were."""

    @property
    def numbers(self) -> dict[str, float]:
        """What cards and checkpoints keep of it."""
        return {"sad": self.sad, "mse": self.mse, "pictures": self.count}


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
        count=len(pairs),
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


def test_split_score(
    weights: Mapping[str, torch.Tensor], trainee: Trainee, test: Sequence[HeldOut], folder: Path
) -> dict[str, float]:
    """How the finished `weights` of the run in `folder` do on its test split: looked at once, and kept there."""
    note = folder / TEST
    if note.is_file():
        kept: dict[str, float] = json.loads(note.read_text())
        return kept
    network = trainee.build()
    network.load_state_dict(weights)
    numbers = measure(network, trainee, [trainee.prepared(picture.read()) for picture in test]).numbers
    write_file(note, json.dumps(numbers).encode())
    return numbers


def _side_by_side(alpha: Alpha, picture: Picture) -> Image:
    greys = [np.repeat(to_uint8(values)[..., None], 3, 2) for values in (alpha, picture.alpha)]
    return np.hstack([picture.image, *greys])
