"""Converting TIFFs that Pillow and OpenCV silently misread into a form that both read correctly."""

import io
from itertools import islice
from math import prod
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

GREY = (tifffile.PHOTOMETRIC.MINISWHITE, tifffile.PHOTOMETRIC.MINISBLACK)
ALPHAS = (tifffile.EXTRASAMPLE.ASSOCALPHA, tifffile.EXTRASAMPLE.UNASSALPHA)
BITS = (1, 2, 4, 8, 16, 32, 64)
MAX_COPIES = 16
"""How many pictures of a file are searched for one that is not marked as a smaller copy."""
MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def plain_tiff(content: bytes, max_pixels: int) -> bytes:
    """The picture of a TIFF with samples side by side and black as 0; `content` itself if it already is.

    It is the first that is not marked as a smaller copy of another.

    Pillow and OpenCV misread planes that are not compressed, deep greys with white as 0, and a few other forms. Not
    converted: files that are not TIFFs or are damaged, or that hold more than four numbers for each of `max_pixels`
    pixels.

    Raises:
        ValueError: the picture holds signed numbers, or packs its samples in a way that is not read here.
    """
    page = _first_page(content)
    if page is None:
        return content
    if _bits(page) not in BITS:
        raise ValueError(f"it is a TIFF of {_bits(page)} bits per sample; {', '.join(map(str, BITS))} are read")
    is_plain = page.dtype is not None and page.dtype.itemsize * 8 == _bits(page)
    if not is_plain or max(page.size, prod(page.chunks)) > 4 * max_pixels:
        return content
    if page.sampleformat == tifffile.SAMPLEFORMAT.INT and _bits(page) <= 16:
        raise ValueError("it is a TIFF of signed numbers, whose white is not known; unsigned numbers are read")
    return _rewritten(page) if _is_misread(page) else content


def _first_page(content: bytes) -> Any:
    """The header of the first picture that is not a smaller copy; None if `content` is not a whole TIFF."""
    if content[:4] not in MAGICS:
        return None
    try:
        pages: Any = tifffile.TiffFile(io.BytesIO(content)).pages
        return next((page for page in islice(pages, MAX_COPIES) if not page.is_reduced), pages[0])
    except Exception:  # noqa: BLE001 (tifffile names no errors of its own for hostile bytes)
        return None


def _bits(page: Any) -> int:
    """Bits per sample; the fewest where they differ."""
    return int(np.min(page.bitspersample))


def _is_misread(page: Any) -> bool:
    """Whether Pillow or OpenCV would read numbers other than the file's, or would not know its form."""
    is_grey, is_deep = page.photometric in GREY, _bits(page) > 8
    if page.index > 0:
        return True
    if page.samplesperpixel > 1:
        in_planes = page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
        is_premultiplied = tifffile.EXTRASAMPLE.ASSOCALPHA in page.extrasamples
        return bool(
            sum((is_grey, is_deep, in_planes, is_premultiplied)) > 1
        )  # they know one of them, but not two together
    is_negative = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
    is_swapped = page.parent.byteorder == ">" and page.compression != 1 and _bits(page) > 16
    return is_grey and is_deep and (is_negative or is_swapped)


def _rewritten(page: Any) -> bytes:
    """The picture in `page` as another TIFF: grey, RGB or straight RGBA, turned and coloured as before."""
    is_grey, turned = page.photometric in GREY, page.tags.valueof("Orientation")
    samples = _samples(page)
    written = io.BytesIO()
    tifffile.imwrite(
        written,
        samples if samples.shape[2] > 1 else samples[..., 0],
        byteorder="<",
        photometric="rgb" if samples.shape[2] > 1 else "minisblack",
        planarconfig="contig" if samples.shape[2] > 1 else None,
        extrasamples=["unassalpha"] if samples.shape[2] == 4 else None,
        iccprofile=None if is_grey else page.tags.valueof("InterColorProfile"),
        extratags=[("Orientation", 3, 1, turned, True)] if turned else [],
        metadata=None,
    )
    return written.getvalue()


def _samples(page: Any) -> NDArray[Any]:
    """(H, W, 1) grey with black as 0, (H, W, 3) RGB or (H, W, 4) straight RGBA, of the file's own type."""
    stored = page.asarray()
    if page.samplesperpixel > 1 and page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
        stored = np.moveaxis(stored, 0, -1)
    stored = stored.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)
    count = 1 if page.photometric in GREY else 3
    colours, white = stored[..., :count], 1 if stored.dtype.kind == "f" else np.iinfo(stored.dtype).max
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        colours = white - colours
    places = [count + place for place, kind in enumerate(page.extrasamples) if kind in ALPHAS]
    if not places:
        return np.ascontiguousarray(colours)
    alpha = stored[..., places[:1]]
    if page.extrasamples[places[0] - count] == tifffile.EXTRASAMPLE.ASSOCALPHA:
        straight = colours.astype(np.float64) * white / np.maximum(alpha, 1 if white > 1 else 1e-9)
        colours = np.clip(straight if white == 1 else np.rint(straight), 0, white).astype(stored.dtype)
    return np.concatenate([np.broadcast_to(colours, (*colours.shape[:2], 3)), alpha], axis=2)
