"""A stroke, its wire form, and which strokes count. The strokes are the record; a trimap follows from them.

Undo and redo are strokes too, so the record only ever grows and shows everything that was done.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

KINDS = ("brush", "polygon", "island", "start", "undo", "redo")
"""brush: a drag; polygon: a closed outline, filled; island: the unknown island around a point; start: a new automatic
trimap below the strokes; undo and redo: switch an earlier stroke off and on.
"""
LABELS = ("background", "unknown", "foreground", "automatic")
DOES = ("", "alpha", "soften", "sharpen", "erase", "restore")
"""What a brush does to the alpha itself: nothing, like an ordinary stroke; sets it to `value`; softens or sharpens its
edge; or erases or restores what is under the stroke, up to an edge in the photo. See strokes/retouching.py."""
CARRIED = "carried"
"""The author of strokes that a draft has from an earlier revision; see correction/carried_strokes.py."""
MAX_RADIUS = 1000
LOWEST, HIGHEST = -8191, 24575
"""Bounds of coordinates: with a radius ≤ 1000, every product in the rasteriser stays below 2⁵³, exact in JavaScript."""
MAX_POINTS = 20_000
MAX_TIME = 2**53 - 1
"""The largest integer that is exact in JavaScript; with larger ones, the time spent could not be added up."""


@dataclass(frozen=True)
class Stroke:
    """One drag of a brush, or one of the other KINDS, in image pixels; pixel (x, y) has its centre at (x, y)."""

    id: str
    """Chosen by the painter's browser; strokes with the same id are one stroke."""
    kind: str
    label: str = "unknown"
    radius: int = 0
    points: tuple[tuple[int, int], ...] = ()
    """(x, y), … in the order painted; one for an island."""
    target: str = ""
    """undo and redo: the id of the stroke that is switched; start: the name of the stored trimap."""
    time: int = 0
    """When it was finished, in milliseconds since 1970 by the painter's clock."""
    author: str = ""
    does: str = ""
    """One of DOES, for a brush labelled "unknown". Earlier releases read such a stroke as an unknown-region stroke."""
    value: int = 0
    """The alpha that "alpha" sets, 0 to 255."""

    def __post_init__(self) -> None:
        check(self)


def check(stroke: Stroke) -> None:
    """Raise ValueError, saying what was wanted and given, unless every field of `stroke` is within its bounds."""
    texts = (stroke.id, stroke.target, stroke.author)
    if not stroke.id or any(not isinstance(text, str) or len(text) > 80 for text in texts):
        raise ValueError("a stroke's id, target and author must be texts of at most 80 characters, the id not empty")
    if stroke.kind not in KINDS or stroke.label not in LABELS:
        raise ValueError(
            f"a stroke needs a kind of {', '.join(KINDS)} and a label of {', '.join(LABELS)}, "
            f"but got {stroke.kind!r} and {stroke.label!r}"
        )
    if stroke.does not in DOES or (stroke.does and (stroke.kind, stroke.label) != ("brush", "unknown")):
        raise ValueError(
            f"what a stroke does must be one of {', '.join(filter(None, DOES))}, by a brush of the label unknown, "
            f"but got {stroke.does!r} by a {stroke.kind} of the label {stroke.label}"
        )
    bounded = (("radius", stroke.radius, MAX_RADIUS), ("time", stroke.time, MAX_TIME), ("value", stroke.value, 255))
    for name, value, most in bounded:
        if not is_integer(value) or not 0 <= value <= most:
            raise ValueError(f"a stroke needs a {name} of 0 to {most}, but got {str(value)[:80]}")
    if len(stroke.points) > MAX_POINTS:
        raise ValueError(f"a stroke holds at most {MAX_POINTS} points, but got {len(stroke.points)}")
    if any(not is_integer(value) or not LOWEST <= value <= HIGHEST for point in stroke.points for value in point):
        raise ValueError(f"a stroke's points must be whole numbers from {LOWEST} to {HIGHEST}")
    if stroke.kind in ("brush", "polygon", "island") and not stroke.points:
        raise ValueError(f"a {stroke.kind} stroke needs a point, but got none")


def is_integer(value: object) -> bool:
    """Whether `value` is an int and not a bool."""
    return isinstance(value, int) and not isinstance(value, bool)


def to_wire(stroke: Stroke) -> dict[str, Any]:
    """The form sent and stored: the fields, with a flat list of points, each after the first as a difference.

    Fields that only retouching strokes have are left out of other strokes, so these are stored as in earlier versions.
    """
    wire = asdict(stroke)
    if not stroke.does:
        del wire["does"], wire["value"]
    flat: list[int] = []
    before = (0, 0)
    for point in stroke.points:
        flat += (point[0] - before[0], point[1] - before[1])
        before = point
    wire["points"] = flat
    return wire


def from_wire(wire: Mapping[str, Any]) -> Stroke:
    """The stroke in a form by `to_wire`; ValueError if it is malformed."""
    steps = wire.get("points", [])
    if not isinstance(steps, list) or len(steps) % 2 or not all(map(is_integer, steps)):
        raise ValueError("a stroke's points must be a list of whole numbers, two per point")
    points: list[tuple[int, int]] = []
    x = y = 0
    for step_x, step_y in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + step_x, y + step_y
        points.append((x, y))
    names = ("id", "kind", "label", "radius", "target", "time", "author", "does", "value")
    fields = {name: wire[name] for name in names if name in wire}
    if "id" not in fields or "kind" not in fields:
        raise ValueError("a stroke needs an id and a kind")
    return Stroke(**fields, points=tuple(points))


def to_bytes(strokes: Sequence[Stroke]) -> bytes:
    """All `strokes` as a file, with one line of JSON per stroke."""
    return "".join(json.dumps(to_wire(stroke), separators=(",", ":")) + "\n" for stroke in strokes).encode()


def from_bytes(content: bytes) -> list[Stroke]:
    """The strokes in a file by `to_bytes`; ValueError if a line is malformed."""
    return [from_wire(json.loads(line)) for line in content.decode().splitlines()]


def counting(strokes: Sequence[Stroke]) -> list[Stroke]:
    """The strokes that count, in order: without undo and redo, and without those that are switched off."""
    switched_off: set[str] = set()
    for stroke in strokes:
        if stroke.kind == "undo":
            switched_off.add(stroke.target)
        elif stroke.kind == "redo":
            switched_off.discard(stroke.target)
    return [stroke for stroke in strokes if stroke.kind not in ("undo", "redo") and stroke.id not in switched_off]


def seconds_spent(strokes: Sequence[Stroke], *, longest_pause: float = 30.0) -> float:
    """The time from stroke to stroke, added up; a pause counts at most `longest_pause` seconds."""
    times = [stroke.time / 1000 for stroke in strokes]
    return sum(min(max(0.0, later - earlier), longest_pause) for earlier, later in pairwise(times))
