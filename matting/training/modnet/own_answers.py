"""A network's own answers to photographs before training, rehearsed so that they are not forgotten.

For networks without a trimap.
"""

from collections.abc import Sequence

import numpy as np

from matting.arrays import Alpha, Image, to_float
from matting.resize import resize
from matting.training.augment import photographed
from matting.training.crops import Crop
from matting.training.modnet.whole_photos import framed
from matting.training.trimaps import random_trimap


class OwnAnswers:
    """A CropSource: most of each photo, as a square of `size`, with the alpha that the network gave before."""

    def __init__(self, photos: Sequence[Image], answers: Sequence[Alpha], *, size: int, seed: int) -> None:
        self.photos, self.answers, self.size, self.seed = tuple(photos), tuple(answers), size, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        rng = np.random.default_rng([self.seed, index, 4])
        which = rng.integers(len(self.photos))
        photo, answer = framed(self.photos[which], self.answers[which], rng)
        size = (self.size, self.size)
        colours, alpha = to_float(resize(photo, size)), np.clip(resize(answer, size), 0, 1)
        image = photographed(colours, rng)
        return Crop(image, random_trimap(alpha, rng), alpha, colours, colours)
