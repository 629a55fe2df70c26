"""Strokes and what they are stored as, under the name by which other programs import them."""

from annotation.strokes.stroke import Stroke as Stroke
from annotation.strokes.stroke import from_bytes as from_bytes
from annotation.strokes.stroke import from_wire as from_wire
from annotation.strokes.stroke import seconds_spent as seconds_spent
from annotation.strokes.stroke import to_bytes as to_bytes
from annotation.strokes.stroke import to_wire as to_wire
