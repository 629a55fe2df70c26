"""Each file here gives the right array or an ImageError of one sentence, soon, and without filling the memory."""

import io
import os
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from matting.files import ImageError, read_alpha, read_image, read_trimap
from tests.pictures import chunk, gradient, png, saved, smooth, tiff

pytestmark = pytest.mark.filterwarnings("ignore::Warning:PIL")

LIMIT = 1.0
"""Seconds of this thread's processor time a file may take."""

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP", "gif": "GIF", "avif": "AVIF"}


def whole_files():
    picture = smooth(60, 80)
    yield from ((name, saved(picture, kind)) for name, kind in FORMATS.items())
    yield "progressive.jpg", saved(picture, "JPEG", progressive=True)
    yield "lzw.tif", saved(picture, "TIFF", compression="tiff_lzw")
    yield "deflate.tif", saved(picture, "TIFF", compression="tiff_adobe_deflate")
    yield "jpeg.tif", saved(picture, "TIFF", compression="jpeg")
    yield "deep.png", png(np.random.default_rng(1).integers(0, 65536, (30, 40, 4)), 6)
    yield "lossless.webp", saved(picture, "WEBP", lossless=True)
    more = [Image.fromarray(smooth(60, 80, seed=seed)) for seed in (1, 2)]
    yield "animated.gif", saved(picture, "GIF", save_all=True, append_images=more)
    yield "animated.png", saved(picture, "PNG", save_all=True, append_images=more)
    yield "animated.webp", saved(picture, "WEBP", save_all=True, append_images=more)
    yield "pair.mpo.jpg", saved(picture, "MPO", save_all=True, append_images=more)
    if "HEIF" in Image.SAVE:
        yield "heic", saved(picture, "HEIF")


WHOLE = dict(whole_files())


def named(name):
    return name if "." in name else f"whole.{name}"


def truncated():
    for name, content in WHOLE.items():
        for share in (0.01, 0.05, 0.2, 0.5, 0.8, 0.95):
            yield f"cut-{share:.0%}-{named(name)}", content[: int(len(content) * share)]
        yield f"lacking-1-{named(name)}", content[:-1]


def flipped():
    random = np.random.default_rng(7)
    for name, content in WHOLE.items():
        for turn in range(5):
            damaged = np.frombuffer(content, np.uint8).copy()
            reach = min(len(damaged), (40, 200, len(damaged))[turn % 3])  # headers are where it hurts
            places = random.integers(0, reach, 1 + turn * 4)
            damaged[places] = random.integers(0, 256, len(places))
            yield f"flipped-{turn}-{named(name)}", damaged.tobytes()


def giant(width, height, colour=2, bits=8):
    return png(None, colour, bits=bits, size=(height, width), rows=b"\0" * 1000)


def bombs():
    yield "200-megapixels.png", giant(20000, 10000)
    yield "30k-bilevel.png", giant(30000, 30000, colour=0, bits=1)
    yield "2-to-the-31.png", giant(2**31 - 1, 2**31 - 1)
    yield "51-megapixels.png", giant(51_000_001, 1, colour=0)
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 100_000_000, 9))
    yield "text-bomb.png", png(gradient(), 2, bits=8, extra=text)
    texts = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 1_000_000, 9)) * 200
    yield "many-texts.png", png(gradient(), 2, bits=8, extra=texts)
    profile = chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 100_000_000, 9))
    yield "profile-bomb.png", png(gradient(), 2, bits=8, extra=profile)
    surplus = b"".join(b"\0" + bytes(96) for _ in range(24)) + bytes(200_000_000)
    yield "surplus-pixels.png", png(gradient(), 2, bits=8, rows=surplus)
    jpeg = bytearray(saved(smooth(16, 16), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65500, 65500)
    yield "4-gigapixels.jpg", bytes(jpeg)
    bitmap = bytearray(saved(smooth(16, 16), "BMP"))
    bitmap[18:26] = struct.pack("<ii", 40000, 40000)
    yield "1.6-gigapixels.bmp", bytes(bitmap)
    bitmap[18:26] = struct.pack("<ii", -(2**31), -(2**31))
    yield "negative.bmp", bytes(bitmap)
    gif = bytearray(saved(smooth(16, 16), "GIF"))
    gif[6:10] = struct.pack("<HH", 65535, 65535)
    yield "4-gigapixels.gif", bytes(gif)
    yield "wide.tif", tiff(np.zeros((1, 4), np.uint8)).replace(struct.pack("<I", 4), struct.pack("<I", 2**31), 1)
    webp = bytearray(saved(smooth(16, 16), "WEBP", save_all=True, append_images=[Image.new("RGB", (16, 16))]))
    webp[24:30] = b"\xff\xff\xff\xff\xff\xff"
    yield "16-million-squared.webp", bytes(webp)
    webp[24:30] = b"\x00\x40\x00\x00\x40\x00"
    yield "16k-squared.webp", bytes(webp)
    yield "many-scans.jpg", many_scans()


def many_scans():
    """A progressive JPEG within the cap that asks for the same 45 million pixels again and again."""
    size = struct.pack(">HH", 6000, 7500)
    frame = b"\xff\xc2\0\x0b\x08" + size + b"\x01\x01\x11\0"
    tables = b"\xff\xdb\0\x43\0" + b"\x01" * 64 + b"\xff\xc4\0\x14\x10\x01" + bytes(15) + b"\0"
    tables += b"\xff\xc4\0\x14\0\x01" + bytes(15) + b"\0"
    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x3f\0" + b"\0" * 8
    return b"\xff\xd8" + tables + frame + scan * 2000 + b"\xff\xd9"


def impostors():
    yield "empty.png", b""
    yield "one-byte.jpg", b"\xff"
    yield "text.png", b"just some words"
    yield "page.jpg", b"<!doctype html><html><body><img src=x></body></html>"
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect/></svg>'
    yield "paper.tif", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>"
    yield "script.gif", b"#!/bin/sh\nrm -rf /\n"
    yield "program.bmp", b"\x7fELF" + bytes(200)
    yield "postscript.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"
    yield "photoshop.png", b"8BPS\0\x01" + bytes(100)
    yield "jpeg2000.jpg", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100)
    yield "video.heic", b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(100)
    yield "empty-box.avif", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1"
    yield "zeros.png", bytes(5000)
    yield "noise.webp", np.random.default_rng(3).bytes(5000)
    yield "header-only.png", b"\x89PNG\r\n\x1a\n"
    yield "no-pixels.png", png(None, 2, bits=8, size=(0, 0), rows=b"")
    yield "no-width.png", png(None, 2, bits=8, size=(5, 0), rows=b"")
    yield "odd-depth.png", png(gradient(), 2, bits=8).replace(b"\x08\x02\0\0\0", b"\x03\x02\0\0\0", 1)
    yield "no-palette.png", png(gradient()[..., 0], 3, bits=8)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "hello")
    yield "archive.jpg", archive.getvalue()
    loop = bytearray(tiff(np.zeros((4, 4), np.uint8)))
    loop[-4:] = struct.pack("<I", 8 + 16)  # the next directory is this one
    yield "loop.tif", bytes(loop)
    yield "beyond.tif", b"II*\0" + struct.pack("<I", 2**32 - 1)
    yield "many-tags.tif", b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 256, 4, 2**32 - 1, 8) * 65535


BOMBS, IMPOSTORS = dict(bombs()), dict(impostors())
HOSTILE = dict([*truncated(), *flipped()]) | BOMBS | IMPOSTORS


def odd_but_right():
    """(name, bytes, the array they mean, how far a lossy format may be off)."""
    picture = smooth(60, 80)
    for name, content in WHOLE.items():
        if not name.startswith("deep"):
            lossy = "gif" in name or not (
                "png" in name or name in ("tif", "bmp", "lossless.webp", "lzw.tif", "deflate.tif")
            )
            yield f"renamed-{name}.dat", content, picture, 40 if lossy else 0
    for shape in ((1, 1), (1, 20000), (20000, 1), (1, 2), (3, 1)):
        for name in ("png", "tif", "bmp"):
            line = gradient(*shape)
            yield f"{shape[0]}x{shape[1]}.{name}", saved(line, FORMATS[name]), line, 0
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "hello")
    yield "polyglot.png", saved(picture, "PNG") + archive.getvalue(), picture, 0
    yield "polyglot.jpg", saved(picture, "JPEG", quality=95) + archive.getvalue(), picture, 40
    yield "trailing.png", saved(picture, "PNG") + bytes(100_000), picture, 0
    yield "interlaced.gif", saved(Image.fromarray(picture), "GIF", interlace=1), picture, 40
    comment = chunk(b"tEXt", b"Comment\0" + b"x" * 60_000)
    yield "long-comment.png", png(picture, 2, bits=8, extra=comment), picture, 0
    yield "bad-exif.png", png(picture, 2, bits=8, extra=chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")), picture, 0
    exif = Image.Exif()
    exif[0x0112] = 99
    yield "orientation-99.png", saved(picture, "PNG", exif=exif), picture, 0


RIGHT = {name: rest for name, *rest in odd_but_right()}


def attempt(read, path):
    """(array or the sentence of refusal, seconds of processor time)."""
    before = time.thread_time()
    try:
        result = read(path)
    except ImageError as error:
        result = str(error)
    return result, time.thread_time() - before


def test_there_are_many():
    assert len(HOSTILE) + len(RIGHT) >= 250


@pytest.mark.parametrize("read", [read_image, read_alpha, read_trimap])
def test_each_hostile_file_is_read_or_refused_in_one_sentence(read, tmp_path):
    refused = 0
    for name, content in HOSTILE.items():
        path = tmp_path / name
        path.write_bytes(content)
        result, seconds = attempt(read, path)
        assert seconds < LIMIT, name
        if isinstance(result, str):
            refused += 1
            assert result.startswith(name), result
            assert "\n" not in result, name
            assert " object at 0x" not in result, result
        else:
            assert result.ndim == (3 if read is read_image else 2), name
    assert refused > len(HOSTILE) / 2


@pytest.mark.parametrize("name", [*BOMBS, *IMPOSTORS])
def test_bombs_and_impostors_are_refused(name, tmp_path):
    harmless = {"surplus-pixels.png": np.zeros((24, 32, 3)), "loop.tif": np.zeros((4, 4, 3)), "no-palette.png": None}
    (tmp_path / name).write_bytes(HOSTILE[name])
    result, _ = attempt(read_image, tmp_path / name)
    if name in harmless:
        assert harmless[name] is None or np.array_equal(result, harmless[name])
    else:
        assert isinstance(result, str)


@pytest.mark.parametrize("name", RIGHT)
def test_each_odd_file_gives_the_right_picture(name, tmp_path):
    content, expected, reach = RIGHT[name]
    (tmp_path / name).write_bytes(content)
    result, seconds = attempt(read_image, tmp_path / name)
    assert seconds < LIMIT
    assert not isinstance(result, str), result
    assert result.shape == expected.shape
    assert np.abs(result.astype(int) - expected).max() <= reach


def test_bombs_do_not_fill_the_memory(tmp_path):
    """In a process of its own, where the largest memory ever held can be told."""
    for name, content in BOMBS.items():
        (tmp_path / name).write_bytes(content)
    program = (
        "import resource, sys; from pathlib import Path; from matting.files import read_image, ImageError\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak()\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try: read_image(path)\n"
        "    except ImageError: pass\n"
        "    print(path.name, peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    grown = {line.split()[0]: int(line.split()[1]) for line in done.stdout.splitlines()}
    assert len(grown) == len(BOMBS)
    assert max(grown.values()) < 256, grown  # a 50-megapixel picture alone is 150


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path, told in (
        (tmp_path, "a folder or a device"),
        (tmp_path / "pipe.png", "a folder or a device"),
        (tmp_path / "absent.png", "No such file"),
        (tmp_path / ("x" * 300 + ".png"), "name too long"),
        (tmp_path / "nul\0.png", "cannot be opened"),
        (Path("/dev/zero"), "a folder or a device"),
    ):
        result, _ = attempt(read_image, path)
        assert told in result
    (tmp_path / "two\nlines.png").write_bytes(b"x")
    assert "\n" not in attempt(read_image, tmp_path / "two\nlines.png")[0]
