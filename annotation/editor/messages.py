"""The messages on the editor's socket. static/connection/messages.d.ts declares the same for the browser."""

import zlib
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from annotation.correction import open_draft, resolving, uncertainty
from annotation.correction.clicking import State
from annotation.correction.session import Quality
from annotation.strokes.stroke import to_wire
from annotation.web.messages import Message
from matting.arrays import to_uint8

MAX_EXACT = 2**53
"""Whole numbers up to here are exact in JavaScript."""

WireStroke: TypeAlias = dict[str, Any]
"""A stroke in the form of annotation.strokes.stroke.to_wire, which reads and checks it itself."""


class Open(Message):
    """The first message: the draft, the secret that proves it the browser's own, and how many strokes it knows."""

    type: Literal["open"]
    work: str
    secret: str
    tab: str = Field(max_length=40)
    after: int = Field(ge=0, le=MAX_EXACT)


class Painting(Message):
    """A stroke to store."""

    type: Literal["stroke"]
    stroke: WireStroke


class Prepare(Message):
    """Get ready for clicks. Without `download` the answer may be that something has to be downloaded first."""

    type: Literal["prepare"]
    download: bool


class Select(Message):
    """Find the subject again from the strokes; the answer is a stroke of the same id."""

    type: Literal["select"]
    id: str


class Click(Message):
    """Find the subject again with one more click; the answer is a stroke of the same id."""

    type: Literal["click"]
    id: str
    point: tuple[int, int]
    """(x, y) in image pixels."""
    label: Literal["foreground", "background"]


Asked: TypeAlias = Prepare | Select | Click
OPEN = TypeAdapter(Open)
LATER: TypeAdapter[Painting | Asked] = TypeAdapter(Annotated[Painting | Asked, Field(discriminator="type")])
"""Any message but the first."""


class Opened(Message):
    """The draft is open. `strokes` are those after number `after`."""

    type: Literal["opened"] = "opened"
    name: str
    width: int
    height: int
    after: int
    strokes: list[WireStroke]


class Painted(Message):
    """A stroke under its number, the tab's own or another's."""

    type: Literal["painted"] = "painted"
    number: int
    stroke: WireStroke


class Unsaved(Message):
    """A stroke could not be stored; `lasting` if it never can be."""

    type: Literal["unsaved"] = "unsaved"
    id: str | None
    reason: str
    lasting: bool


class Problem(Message):
    """A request could not be carried out; `id` is empty if nobody asked."""

    type: Literal["problem"] = "problem"
    id: str
    reason: str


class Clicking(Message):
    """How far the server is from answering clicks: annotation.correction.clicking.Readiness."""

    type: Literal["clicking"] = "clicking"
    state: State
    share: float
    text: str


class Refused(Message):
    """The connection ends for good."""

    type: Literal["refused"] = "refused"
    reason: str


class Tabs(Message):
    """How many tabs have the draft open."""

    type: Literal["tabs"] = "tabs"
    count: int


class Patch(Message):
    """New alpha for a box of the picture, as `number` strokes make it; a header, followed by its pixels."""

    type: Literal["patch"] = "patch"
    left: int
    top: int
    right: int
    bottom: int
    quality: Quality
    number: int


class Unsure(Message):
    """Where the alpha may be wrong: a map, smaller than the picture, and places, the worst first; a header too."""

    type: Literal["unsure"] = "unsure"
    places: list[tuple[int, int]]
    width: int
    height: int


def message_of(news: open_draft.News) -> Message | bytes:
    """News of a draft as they travel; those with pixels as bytes."""
    match news:
        case open_draft.Painted():
            return Painted(number=news.number, stroke=to_wire(news.stroke))
        case open_draft.Tabs():
            return Tabs(count=news.count)
        case open_draft.Lacking():
            return Problem(id="", reason=news.reason)
        case resolving.Patch():
            return packed(
                Patch(**asdict(news.box), quality=news.quality, number=news.number), to_uint8(news.alpha).tobytes()
            )
        case uncertainty.Unsure():
            height, width = news.map.shape
            return packed(Unsure(places=news.places, width=width, height=height), news.map.tobytes())


def packed(header: Message, pixels: bytes) -> bytes:
    """A message with pixels: the header's length (uint32, little-endian), the header in JSON, the pixels deflated."""
    text = header.model_dump_json().encode()
    return len(text).to_bytes(4, "little") + text + zlib.compress(pixels, 1)
