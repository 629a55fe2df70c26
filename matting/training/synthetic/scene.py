"""A whole picture: a subject of one of many kinds, lit, in or out of focus, before a background; alpha is exact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matting.arrays import Alpha, Colours, Image
from matting.composite import composite
from matting.training.augment import graded
from matting.training.synthetic import growths, optics, veils
from matting.training.synthetic.raster import Floats, Strands, paint
from matting.training.synthetic.shapes import body, coverage, lit
from matting.training.synthetic.textures import Generator, Size, noise, random_colour, texture


@dataclass(frozen=True)
class Scene:
    """alpha (H, W), and foreground and background (H, W, 3), all float32 in [0, 1]; foreground is straight."""

    alpha: Alpha
    foreground: Colours
    background: Colours

    def composite(self) -> Colours:
        """(H, W, 3) float32: αF + (1 − α)B, before any noise or rounding."""
        return composite(self.foreground, self.alpha, self.background)


def solid(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """An opaque body, its edge from crisp to slightly soft."""
    return veils.layer(lit(surface, distance, rng), coverage(distance, np.exp(rng.uniform(-0.9, 0.5))))


def grown(layer: Floats, strands: Strands) -> Floats:
    """`layer` with `strands` over it."""
    paint(layer, strands)
    return layer


def _solid(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    return solid(distance, surface, rng)


def _fur(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    return grown(solid(distance, surface, rng), growths.fur(distance, surface, rng))


def _hair(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    layer = solid(distance, surface, rng)
    for _ in range(rng.integers(1, 4)):
        layer = grown(layer, growths.hair(distance, surface, rng))
    return layer


def _foliage(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    layer = np.zeros((*distance.shape, 4), np.float32) if rng.random() < 0.4 else solid(distance - 20, surface, rng)
    if rng.random() < 0.5:
        layer = grown(layer, growths.rods(distance.shape, rng))
    return grown(layer, growths.foliage(distance, rng))


def _feather(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    layer = np.zeros((*distance.shape, 4), np.float32) if rng.random() < 0.6 else solid(distance, surface, rng)
    return grown(layer, growths.feather(distance.shape, rng))


def _net(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    layer = np.zeros((*distance.shape, 4), np.float32)
    if rng.random() < 0.4:
        layer = solid(body(distance.shape, rng), surface, rng)
    layer = grown(layer, growths.net(distance, rng))
    return grown(layer, growths.rods(distance.shape, rng)) if rng.random() < 0.5 else layer


def _rods(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    return grown(solid(distance, surface, rng), growths.rods(distance.shape, rng))


def _smoke(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001 - one signature for all kinds
    return veils.smoke(distance, rng)


def _glass(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001
    return veils.glass(distance, rng)


KINDS: dict[str, tuple[float, Callable[[Floats, Floats, Generator], Floats]]] = {
    "solid": (0.14, _solid),
    "fur": (0.22, _fur),
    "hair": (0.20, _hair),
    "foliage": (0.18, _foliage),
    "feather": (0.04, _feather),
    "net": (0.09, _net),
    "rods": (0.06, _rods),
    "porous": (0.04, veils.porous),
    "smoke": (0.015, _smoke),
    "glass": (0.015, _glass),
}
"""name → (share of the pictures, painter)."""


def straight(layer: Floats) -> tuple[Alpha, Colours]:
    """The alpha and the straight colours of a premultiplied layer; where nothing is, its mean colour."""
    alpha = np.clip(layer[..., 3], 0, 1)
    mean = layer[..., :3].sum((0, 1)) / max(float(alpha.sum()), 1e-3)
    colours = np.where(alpha[..., None] > 1e-4, layer[..., :3] / np.maximum(alpha, 1e-4)[..., None], mean)
    return alpha, np.clip(colours, 0, 1).astype(np.float32)


def subject(size: Size, rng: Generator, photographs: Sequence[Image], kind: str | None = None) -> Floats:
    """A premultiplied (H, W, 4) subject of `kind` (a key of KINDS), or of a random one."""
    if kind is None:
        shares = np.array([share for share, _ in KINDS.values()])
        kind = str(rng.choice(list(KINDS), p=shares / shares.sum()))
    surface = graded(texture(size, rng, photographs), rng)
    return optics.subject_lens(KINDS[kind][1](body(size, rng), surface, rng), rng)


def background(size: Size, rng: Generator, photographs: Sequence[Image], like: Floats) -> Floats:
    """(H, W, 3) behind a subject of mean colour `like` (3,), which one in eight backgrounds resembles."""
    colours = graded(texture(size, rng, photographs, 0.75), rng)
    if rng.random() < 0.2:
        mix = np.clip(0.5 + 0.5 * noise(size, rng.uniform(60, 300), rng), 0, 1)[..., None]
        colours = colours * mix + random_colour(rng) * (1 - mix)
    if rng.random() < 0.125:
        colours = np.clip(colours + 0.7 * (like - colours.mean((0, 1))), 0, 1)
    return optics.background_lens(colours.astype(np.float32), rng)


def synthesise(seed: int, size: Size, *, photographs: Sequence[Image] = (), kind: str | None = None) -> Scene:
    """The scene of `seed`: the same seed, size and photographs give the same arrays, bit for bit."""
    rng = np.random.default_rng(seed)
    alpha, foreground = straight(subject(size, rng, photographs, kind))
    mean = (foreground * alpha[..., None]).sum((0, 1)) / max(float(alpha.sum()), 1e-3)
    return Scene(alpha, foreground, background(size, rng, photographs, mean))
