"""The kinds of subject. To add one, write a file here with a painter, and add a line below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from matting.arrays import Image
from matting.training.synthetic import veils
from matting.training.synthetic.layers import solid
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.subjects import bodies
from matting.training.synthetic.subjects.curls import curls, fair_hair
from matting.training.synthetic.subjects.cutouts import cut_out
from matting.training.synthetic.subjects.glassware import glassware
from matting.training.synthetic.subjects.mesh import mesh
from matting.training.synthetic.subjects.plastic import plastic
from matting.training.synthetic.subjects.sheer import sheer
from matting.training.synthetic.subjects.slits import slits
from matting.training.synthetic.subjects.thicket import thicket
from matting.training.synthetic.subjects.threads import threads
from matting.training.synthetic.subjects.twigs import twigs
from matting.training.synthetic.subjects.wire import wire
from matting.training.synthetic.textures import Generator

Painter: TypeAlias = Callable[[Floats, Floats, Generator], Floats]
"""(signed distance of a body (H, W), surface colours (H, W, 3), random generator) → premultiplied layer (H, W, 4)."""


@dataclass(frozen=True)
class Subject:
    """A kind of subject: how often it is drawn, its painter, and what its scene needs."""

    share: float
    paint: Painter
    is_sharp_behind: bool = False
    """Whether it has small holes, and needs a sharp background with high contrast."""
    refracts: bool = False
    """Whether it shows what is behind it displaced."""


def subjects(photographs: Sequence[Image]) -> dict[str, Subject]:
    """Name → kind of subject; cut-outs take their shapes from `photographs`, if there are any."""
    return {
        "solid": Subject(0.08, solid),
        "fur": Subject(0.15, bodies.furry),
        "hair": Subject(0.13, bodies.hairy),
        "foliage": Subject(0.11, bodies.leafy),
        "feather": Subject(0.03, bodies.feathery),
        "net": Subject(0.05, bodies.netted),
        "rods": Subject(0.03, bodies.with_rods),
        "porous": Subject(0.02, veils.porous),
        "smoke": Subject(0.02, bodies.smoke),
        "glass": Subject(0.02, bodies.glass),
        "mesh": Subject(0.06, mesh),
        "threads": Subject(0.08, threads),
        "twigs": Subject(0.05, twigs),
        "curls": Subject(0.08, curls),
        "fair hair": Subject(0.06, fair_hair),
        "sheer": Subject(0.04, sheer),
        "cut-out": Subject(0.04, partial(cut_out, photographs=photographs)),
        "wire": Subject(0.11, wire, is_sharp_behind=True),
        "slits": Subject(0.04, slits, is_sharp_behind=True),
        "thicket": Subject(0.09, thicket, is_sharp_behind=True),
        "glassware": Subject(0.05, glassware, refracts=True),
        "plastic": Subject(0.05, plastic, refracts=True),
    }


KINDS = tuple(subjects(()))
"""The names of all kinds."""
