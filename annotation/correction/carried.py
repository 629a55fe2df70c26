"""What a revision's strokes did to the alpha itself outlasts the next revision, too: its draft begins with them."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import dropwhile

import numpy as np

from annotation.strokes.raster import replay
from annotation.strokes.retouching import is_retouch
from annotation.strokes.stroke import Stroke, counting
from matting.arrays import Trimap

CARRIED = "carried"
"""The author of strokes that come from an earlier revision."""


def carried(strokes: Iterable[Stroke], trimap: Trimap) -> list[Stroke]:
    """Of a revision's `strokes`, those that a draft of its `trimap` begins with: they leave the trimap as it is.

    A later ordinary stroke is already in the trimap; that it took something back is said by the eraser. There are none
    if a filled island covers what was retouched.
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
