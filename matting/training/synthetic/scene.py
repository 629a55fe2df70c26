"""A whole picture: a subject of one of many kinds, lit, in focus or not, over a background. Its alpha is exact."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matting.arrays import Alpha, Colours, Image
from matting.composite import composite
from matting.resize import resize
from matting.training.augment import graded
from matting.training.synthetic import optics
from matting.training.synthetic.backgrounds import background, displaced, sharp_background
from matting.training.synthetic.layers import straight
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import body
from matting.training.synthetic.subjects import Subject, subjects
from matting.training.synthetic.textures import Generator, Size, texture

LARGER = {1.0: 0.84, 1.5: 0.08, 2.0: 0.08}
"""The factor by which a subject is painted larger and then shrunk → its share of the pictures."""


@dataclass(frozen=True)
class Scene:
    """Alpha (H, W), foreground and background (H, W, 3), all float32 in [0, 1]; the foreground is straight."""

    alpha: Alpha
    foreground: Colours
    background: Colours

    def composite(self) -> Colours:
        """(H, W, 3) float32: αF + (1 − α)B, before any noise or rounding."""
        return composite(self.foreground, self.alpha, self.background)


def synthesise(
    seed: int | Sequence[int],
    size: Size,
    *,
    photographs: Sequence[Image] = (),
    kind: str | None = None,
    photographic: bool = False,
) -> Scene:
    """The scene of `seed`: the same seed, size and photographs give the same arrays, bit for bit.

    `kind` is a key of `subjects`; without it, a random one. If `photographic`, the surface and the background are cut
    from `photographs`; if not, some are generated.
    """
    rng, kinds = np.random.default_rng(seed), subjects(photographs)
    if kind is None:
        shares = np.array([each.share for each in kinds.values()])
        kind = str(rng.choice(list(kinds), p=shares / shares.sum()))
    subject = kinds[kind]
    alpha, foreground = straight(_photographed(subject, size, rng, photographs, 1.0 if photographic else 0.5))
    mean = (foreground * alpha[..., None]).sum((0, 1)) / max(float(alpha.sum()), 1e-3)
    behind = _behind(subject, alpha, mean, rng, photographs, 1.0 if photographic else 0.75)
    return Scene(alpha, foreground, behind)


def _photographed(subject: Subject, size: Size, rng: Generator, photographs: Sequence[Image], share: float) -> Floats:
    """The subject through a lens, premultiplied (H, W, 4); `share` is the chance that its surface is a photograph."""
    larger = float(rng.choice(list(LARGER), p=list(LARGER.values())))
    span = round(size[0] * larger), round(size[1] * larger)
    surface = graded(texture(span, rng, photographs, share), rng)
    layer = resize(subject.paint(body(span, rng), surface, rng), size)
    if rng.random() < (0.06 if subject.is_sharp_behind else 0.14):
        return optics.partly_defocused(layer, rng)
    return optics.subject_lens(layer, rng)


def _behind(
    subject: Subject, alpha: Alpha, mean: Floats, rng: Generator, photographs: Sequence[Image], share: float
) -> Floats:
    """The background (H, W, 3) of a subject whose mean colour is `mean`; `share` is the chance of a photograph."""
    size = (alpha.shape[0], alpha.shape[1])
    if subject.is_sharp_behind and rng.random() < 0.65:
        return sharp_background(size, rng, photographs, max(share, 0.8))
    colours = background(size, rng, photographs, mean, share)
    return displaced(colours, alpha, rng) if subject.refracts and rng.random() < 0.7 else colours
