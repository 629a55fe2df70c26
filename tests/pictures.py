"""Picture files no editor writes, byte by byte, and photos of no one: what the tests of reading are made of."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def gradient(height=24, width=32, channels=3):
    """(height, width, channels) uint8 without two equal rows, columns or channels."""
    y, x = np.mgrid[:height, :width]
    planes = [7 * y + 3 * x, 255 - 5 * y - x, 2 * x + 4 * y + 30, 60 + 6 * y][:channels]
    return np.stack(planes, axis=-1).clip(0, 255).astype(np.uint8)


def smooth(height, width, seed=0):
    """A (height, width, 3) uint8 photo of nothing: smooth colours, so that lossy formats keep them."""
    small = np.random.default_rng(seed).integers(60, 200, (3, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def saved(array, kind, mode=None, **options):
    """The bytes of `array`, or of a Pillow picture, saved by Pillow."""
    picture = array if isinstance(array, Image.Image) else Image.fromarray(array)
    buffer = io.BytesIO()
    (picture.convert(mode) if mode else picture).save(buffer, format=kind, **options)
    return buffer.getvalue()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(values, colour, *, bits=16, extra=b"", size=None, rows=None):
    """A PNG of (H, W[, C]) integers, written here: colour 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA."""
    height, width = size or values.shape[:2]
    if rows is None:
        stored = values.astype(">u2" if bits == 16 else np.uint8)
        rows = b"".join(b"\0" + row.tobytes() for row in stored)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(values, *, sample_format=1, photometric=1, big_endian=False, extra_samples=()):
    """A TIFF of one uncompressed strip of (H, W[, C]) numbers, written here."""
    order = ">" if big_endian else "<"
    channels = 1 if values.ndim == 2 else values.shape[2]
    pixels = values.astype(values.dtype.newbyteorder(order)).tobytes()
    bits = values.dtype.itemsize * 8
    after = 8 + len(pixels)
    entries = [
        (256, 4, [values.shape[1]]),
        (257, 4, [values.shape[0]]),
        (258, 3, [bits] * channels),
        (259, 3, [1]),
        (262, 3, [photometric]),
        (273, 4, [8]),
        (277, 3, [channels]),
        (278, 4, [values.shape[0]]),
        (279, 4, [len(pixels)]),
        *([(338, 3, list(extra_samples))] if extra_samples else []),
        (339, 3, [sample_format] * channels),
    ]
    spill = after + 2 + 12 * len(entries) + 4
    table, spilled = struct.pack(order + "H", len(entries)), b""
    for tag, kind, numbers in entries:
        packed = struct.pack(order + {3: "H", 4: "I"}[kind] * len(numbers), *numbers)
        if len(packed) > 4:
            place = struct.pack(order + "I", spill + len(spilled))
            spilled += packed
        else:
            place = packed.ljust(4, b"\0")
        table += struct.pack(order + "HHI", tag, kind, len(numbers)) + place
    magic = b"MM\0*" if big_endian else b"II*\0"
    return magic + struct.pack(order + "I", after) + pixels + table + struct.pack(order + "I", 0) + spilled


def matrix_profile(columns, gamma, description=b"made here"):
    """An ICC v2 RGB profile: `columns` (3, 3) from linear RGB to XYZ under D50, one power curve for all channels."""

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    def xyz(triple):
        return b"XYZ \0\0\0\0" + b"".join(map(fixed, triple))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(description) + 1) + description + b"\0" * 79
    tags = {
        b"desc": text + b"\0" * (-len(text) % 4),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **{name: xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), np.transpose(columns), strict=True)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + b"".join(map(fixed, (0.9642, 1.0, 0.8249)))
    return header.ljust(128, b"\0") + table + body
