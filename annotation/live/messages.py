"""The messages on the live socket, and their limits.

Browser → server, bytes: a header of 8, then a JPEG. Header: number of the frame (uint32), kind (uint8), three zeros.
Server → browser, bytes: a header of 16, then the alpha, one byte per pixel, deflated; nothing while there is none yet.
Header: number (uint32), model runs so far (uint32), milliseconds of the last one, viewers, width, height (uint16).
All little-endian. Text messages are typed below; static/messages.d.ts declares the same for the browser.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from pydantic import TypeAdapter

from annotation.web.messages import Message, MessageError
from matting.arrays import Alpha, Image, to_uint8
from matting.files import read_image

FRAME, PLATE = 1, 2
"""The kinds: a frame to answer, and a picture of the empty background to keep."""
MAX_FRAME_BYTES = 1_500_000
MAX_FRAME_PIXELS = 1920 * 1088
MIN_FRAME_SIDE = 64
MAX_TEXT_CHARACTERS = 2_000
ASKED = struct.Struct("<IB3x")
ANSWERED = struct.Struct("<IIHHHH")


class Wishes(Message):
    """Settings of a connection from now on; those not named stay."""

    model: str | None = None
    plate: Literal[False] | None = None
    """False forgets the empty background."""


WISHES = TypeAdapter(Wishes)


class Size(Message):
    """The size that frames should have from now on."""

    type: Literal["size"] = "size"
    width: int
    height: int


class Dropped(Message):
    """A frame that gets no answer, because a newer one came."""

    type: Literal["dropped"] = "dropped"
    number: int


class Words(Message):
    """Words for the person: a message was not used, all seats are taken, no frame came in a while, the plate is
    kept."""

    type: Literal["refused", "full", "idle", "plate"]
    text: str


@dataclass(frozen=True)
class Asked:
    """A picture from the browser, still compressed."""

    number: int
    kind: int
    picture: bytes


def parse(message: bytes) -> Asked:
    """The parts of a message, its picture not yet decoded; MessageError if it is malformed or too large."""
    if not ASKED.size < len(message) <= MAX_FRAME_BYTES:
        raise MessageError(f"a message has {ASKED.size + 1} to {MAX_FRAME_BYTES} bytes, but got {len(message)}")
    number, kind = ASKED.unpack_from(message)
    if kind not in (FRAME, PLATE):
        raise MessageError(f"the kind of a message is {FRAME} or {PLATE}, but got {kind}")
    return Asked(number, kind, message[ASKED.size :])


def decode(picture: bytes) -> Image:
    """(H, W, 3) uint8 of a JPEG; MessageError if it is not a JPEG, damaged, too small or too large."""
    if not picture.startswith(b"\xff\xd8\xff"):
        raise MessageError("a frame must be a JPEG")
    try:
        image = read_image(BytesIO(picture), max_pixels=MAX_FRAME_PIXELS)
    except ValueError as error:
        raise MessageError(str(error)) from error
    if min(image.shape[:2]) < MIN_FRAME_SIDE:
        raise MessageError(f"a frame is at least {MIN_FRAME_SIDE} pixels high and wide, but got {image.shape[:2]}")
    return image


def answer(number: int, alpha: Alpha | None, *, runs: int, milliseconds: float, viewers: int) -> bytes:
    """The message that answers frame `number`."""
    height, width = (0, 0) if alpha is None else alpha.shape
    header = ANSWERED.pack(number, runs % 2**32, min(65535, round(milliseconds)), viewers, width, height)
    return header if alpha is None else header + zlib.compress(to_uint8(alpha).tobytes(), 1)
