"""How good a network is on pictures it does not learn from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from matting.arrays import UNKNOWN, Alpha, Image, to_uint8
from matting.files import write_file
from matting.metrics import mse, sad
from matting.models.base import impose
from matting.resize import pad_to_multiple
from matting.training.checkpoint import TEST
from matting.training.crops import Picture
from matting.training.crops.pairs import HeldOut
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
    judged = held_out if trainee.ask is None else [_all_unknown(picture) for picture in held_out]
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


def _all_unknown(picture: Picture) -> Picture:
    """`picture` for a network that is shown no trimap, and answers for every pixel."""
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


def test_split_score(
    weights: Mapping[str, torch.Tensor], trainee: Trainee, test: Sequence[HeldOut], folder: Path, *, steps: int
) -> dict[str, float]:
    """How the `weights` that the run in `folder` gives after `steps` do on its test split: looked at once, and kept."""
    note = folder / TEST
    kept = json.loads(note.read_text()) if note.is_file() else {}
    if kept.get("steps") != steps:  # a run made longer has other weights to judge
        network = trainee.build()
        network.load_state_dict(weights)
        numbers = measure(network, trainee, [trainee.prepared(picture.read()) for picture in test]).numbers
        kept = {"steps": steps, "score": numbers}
        write_file(note, json.dumps(kept).encode())
    score: dict[str, float] = kept["score"]
    return score


def _side_by_side(alpha: Alpha, picture: Picture) -> Image:
    greys = [np.repeat(to_uint8(values)[..., None], 3, 2) for values in (alpha, picture.alpha)]
    return np.hstack([picture.image, *greys])
