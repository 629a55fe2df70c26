"""Strokes that change the alpha itself are carried over: a draft begins with those of the revision before it."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import dropwhile

import numpy as np

from annotation.strokes.raster import replay
from annotation.strokes.retouching import is_retouch
from annotation.strokes.stroke import CARRIED, Stroke, counting
from matting.arrays import Trimap


def carried(strokes: Iterable[Stroke], trimap: Trimap) -> list[Stroke]:
    """The `strokes` of a revision with which a draft of its `trimap` begins. They leave the trimap as it is.

    Ordinary strokes are already in the trimap. Those painted after the first retouching may cover some of it, so they
    are carried as eraser strokes. Nothing is carried if a filled island covers retouched pixels.
    """
    paints = [stroke for stroke in counting(list(strokes)) if stroke.kind in ("brush", "polygon")]
    kept = [
        replace(stroke, label=stroke.label if stroke.does else "automatic", author=CARRIED)
        for stroke in dropwhile(lambda stroke: not is_retouch(stroke), paints)
    ]
    return kept if np.array_equal(replay(trimap, kept), trimap) else []


def own(strokes: Iterable[Stroke]) -> list[Stroke]:
    """The strokes that count and were painted on the draft itself."""
    return [stroke for stroke in counting(list(strokes)) if stroke.author != CARRIED]
