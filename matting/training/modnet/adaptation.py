"""Adapting MODNet to photographs without alphas, by making its own answers agree (SOC, section 3.3 of the paper)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from matting.arrays import UNKNOWN, to_float
from matting.files import read_image
from matting.networks.folding import fold_batch_norm
from matting.networks.modnet import MODNet
from matting.resize import resize
from matting.training.crops import Crop
from matting.training.modnet.losses import CONSISTENT_SEMANTICS, boundary_of, consistency_loss, steadiness_loss
from matting.training.modnet.whole_photos import framed

BEFORE = "before."
"""The prefix of the parameters of the copy that stays as it was."""


class AdaptingMODNet(MODNet):
    """The network with a copy of itself from before the adaptation, from which its boundaries must not drift."""

    def __init__(self) -> None:
        super().__init__()
        self.before = MODNet().requires_grad_(False)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Semantics, detail and alpha; in training also detail and alpha of the copy."""
        answers = super().forward(image)
        if not self.training:
            return answers
        with torch.no_grad():
            _, detail, alpha = self.before(image)
        return *answers, detail, alpha


def adapting_modnet() -> AdaptingMODNet:
    """The network in training mode, with its batch norms folded."""
    network = AdaptingMODNet().eval()
    fold_batch_norm(network)
    network.before.requires_grad_(False)  # folding made new parameters
    return network.train()


def adaptation_loss(answers: Sequence[Tensor], _batch: Mapping[str, Tensor], _weights: Mapping[str, float]) -> Tensor:
    """Make semantics and alpha agree, and keep the boundary; `answers` are those of AdaptingMODNet in training."""
    semantics, detail, alpha, detail_before, alpha_before = (answer.float() for answer in answers)
    boundary = boundary_of(alpha, semantics)
    steadiness = steadiness_loss(detail, alpha, detail_before, alpha_before, boundary)
    return CONSISTENT_SEMANTICS * consistency_loss(semantics, alpha) + steadiness


class UnlabelledPhotos:
    """A CropSource of photos without alphas: most of each, as a square of `size`, with all of its trimap unknown."""

    def __init__(self, photos: Sequence[Path], *, size: int, seed: int) -> None:
        if not photos:
            raise ValueError("the adaptation needs at least one photograph, but got none")
        self.photos, self.size, self.seed = tuple(photos), size, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        rng = np.random.default_rng([self.seed, index])
        photo = read_image(self.photos[rng.integers(len(self.photos))])
        part, _ = framed(photo, np.zeros(photo.shape[:2], np.float32), rng)
        size = (self.size, self.size)
        image, colours = resize(part, size), to_float(resize(part, size))
        return Crop(image, np.full(size, UNKNOWN, np.uint8), np.zeros(size, np.float32), colours, colours)
