"""A body with one kind of growth on it, or a growth, smoke or glass on its own."""

from matting.training.synthetic import growths, veils
from matting.training.synthetic.layers import empty, grown, solid
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import body
from matting.training.synthetic.textures import Generator


def furry(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Plush, animals, thistles."""
    return grown(solid(distance, surface, rng), growths.fur(distance, surface, rng))


def hairy(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """A head of hair in one to three layers."""
    layer = solid(distance, surface, rng)
    for _ in range(rng.integers(1, 4)):
        layer = grown(layer, growths.hair(distance, surface, rng))
    return layer


def leafy(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Leaves, blades or petals, some with stems, some around a solid core."""
    layer = empty(distance) if rng.random() < 0.4 else solid(distance - 20, surface, rng)
    if rng.random() < 0.5:
        layer = grown(layer, growths.rods(distance.shape, rng))
    return grown(layer, growths.foliage(distance, rng))


def feathery(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """A feather, alone or in front of a body."""
    layer = empty(distance) if rng.random() < 0.6 else solid(distance, surface, rng)
    return grown(layer, growths.feather(distance.shape, rng))


def netted(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """A net, alone or in front of a body, with or without rods that hold it."""
    layer = empty(distance)
    if rng.random() < 0.4:
        layer = solid(body(distance.shape, rng), surface, rng)
    layer = grown(layer, growths.net(distance, rng))
    return grown(layer, growths.rods(distance.shape, rng)) if rng.random() < 0.5 else layer


def with_rods(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """A body with sticks, stems or cables."""
    return grown(solid(distance, surface, rng), growths.rods(distance.shape, rng))


def smoke(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001 - one signature for all kinds
    """See `veils.smoke`."""
    return veils.smoke(distance, rng)


def glass(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001
    """See `veils.glass`."""
    return veils.glass(distance, rng)
