"""Read and write pictures. Files that are not pictures of a known format are refused in one sentence."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from matting.arrays import Alpha, Image, Trimap, describe, to_float
from matting.files.atomic import write_file
from matting.files.picture_bytes import FileOrPath, name_of, read_bytes
from matting.files.pixel_limit import MAX_PIXELS, MAX_SCANS, SCAN
from matting.files.sixteen_bit import decode_deep, deepen, encode_deep, to_eight_bits
from matting.files.suffixes import HEIF, SUFFIXES
from matting.files.tiff import plain_tiff
from matting.trimap import no_labels, snap_trimap

Stored: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
Result = TypeVar("Result")


FORMATS = ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"]
LOSSLESS_SUFFIXES = {".png", ".tif", ".tiff"}
OPAQUE_SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".bmp", ".dib", ".gif"}

ORIENTATION = 0x0112
LUMA = np.array([0.299, 0.587, 0.114])

Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", module=r"PIL\.")  # about odd metadata of pictures that are read anyway
try:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    FORMATS.append("HEIF")
except ImportError:
    SUFFIXES.difference_update(HEIF)

MIN_COLOUR_RANGE = 12
"""The least mean range of a pixel's channels, of 255, in a colour picture: photos have 13 or more, a grey JPEG 0."""


class ImageError(ValueError):
    """A file that cannot be read as a picture; the message is one sentence that names the file and the reason."""


class ColourError(ImageError):
    """A colour picture given as an alpha or a trimap, which are grey or transparent."""


def read_image(source: FileOrPath, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The picture in `source` (a path or an open binary file) as (H, W, 3) uint8 sRGB.

    EXIF orientation is applied, an embedded colour profile converted to sRGB, transparency laid over white, 16-bit
    channels rounded to 8, and of an animation the first frame taken.

    Raises:
        ImageError: not a picture of a known format, damaged, or of more than `max_pixels` pixels.
    """
    return read_as(source, max_pixels, _to_rgb)


def read_alpha(source: FileOrPath, *, max_pixels: int = MAX_PIXELS) -> Alpha:
    """The alpha stored in `source`: (H, W) float32 in [0, 1] from 8 or 16 bits.

    A picture with transparency gives its alpha channel. One without, or whose alpha channel is opaque everywhere as
    many programs store a grey mask, gives its grey values.

    Raises:
        ImageError: as `read_image`; or the picture has colours and no transparency.
    """
    return to_float(read_grey(source, max_pixels))


def read_grey(source: FileOrPath, max_pixels: int = MAX_PIXELS) -> Stored:
    """The alpha or trimap in `source` as stored: (H, W) uint8, or uint16 where the file has more than 8 bits.

    Raises:
        ImageError: as `read_image`.
    """
    return read_as(source, max_pixels, lambda picture, content: _to_grey(name_of(source), picture, content))


def read_transparency(source: FileOrPath, max_pixels: int = MAX_PIXELS) -> Stored | None:
    """The alpha channel of a cut-out as stored, (H, W) uint8 or uint16; None if none is stored, or all is opaque.

    Raises:
        ImageError: as `read_image`.
    """
    return read_as(source, max_pixels, lambda picture, content: _transparency(*_upright(picture, content)))


def read_foreground(source: FileOrPath, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The colours of a cut-out, as they are under its transparency: (H, W, 3) uint8, straight.

    Raises:
        ImageError: as `read_image`.
    """
    return read_as(source, max_pixels, _to_foreground)


def read_trimap(source: FileOrPath, *, max_pixels: int = MAX_PIXELS) -> Trimap:
    """The trimap stored in `source`: (H, W) uint8, snapped to exactly 0, 128 and 255 as `snap_trimap` says.

    Raises:
        ImageError: as `read_image`; or it holds the numbers of labels such as 0, 1 and 2.
    """
    return read_as(source, max_pixels, lambda *file: snap_trimap(no_labels(_to_grey(name_of(source), *file))))


def has_transparency(source: FileOrPath) -> bool:
    """Whether a readable picture stores how opaque its pixels are; they may all be opaque."""
    picture = _open(name_of(source), _content(source, MAX_PIXELS), MAX_PIXELS)
    return bool({"A", "a"} & set(picture.getbands())) or "transparency" in picture.info


def is_animated(source: FileOrPath) -> bool:
    """Whether a readable picture has several frames; a camera's JPEG with a preview does not count."""
    picture = _open(name_of(source), _content(source, MAX_PIXELS), MAX_PIXELS)
    return picture.format in ("GIF", "WEBP", "PNG", "AVIF") and getattr(picture, "n_frames", 1) > 1


def to_pillow(image: NDArray[np.uint8]) -> Pillow.Image:
    """`image` as a Pillow picture, for the libraries that take nothing else."""
    return Pillow.fromarray(image)


def write_image(path: Path, array: Stored) -> None:
    """Write (H, W), (H, W, 3) RGB or (H, W, 4) straight RGBA, uint8 or uint16, in the format of the suffix.

    The file appears whole or not at all. PNG and TIFF keep every bit; the others are 8-bit.

    Raises:
        ValueError: the suffix or the array is none of those, or the format cannot store its depth or transparency.
    """
    write_file(path, encode_image(array, path.suffix.lower()))


def encode_image(array: Stored, suffix: str) -> bytes:
    """The bytes of an image file; see `write_image`."""
    channels = {2: 1, 3: array.shape[-1]}.get(array.ndim) if array.size else None
    if array.dtype not in (np.uint8, np.uint16) or channels not in (1, 3, 4) or (array.ndim == 3 and channels == 1):
        raise ValueError(
            f"a picture file takes (H, W), (H, W, 3) or (H, W, 4) uint8 or uint16, but got {describe(array)}"
        )
    formats = Pillow.registered_extensions()
    if suffix not in SUFFIXES or formats.get(suffix) not in Pillow.SAVE:
        raise ValueError(f"a picture file ends in one of {', '.join(sorted(SUFFIXES))}, but got {suffix!r}")
    if array.dtype == np.uint16 and suffix not in LOSSLESS_SUFFIXES:
        raise ValueError(f"16-bit pictures are written as {' or '.join(sorted(LOSSLESS_SUFFIXES))}, but got {suffix!r}")
    if channels == 4 and suffix in OPAQUE_SUFFIXES:
        raise ValueError(f"a {suffix} file has no room for transparency; .png has")
    if array.dtype == np.uint16 or suffix == ".png":  # OpenCV: Pillow writes no 16-bit colours, and PNG slowly
        return encode_deep(array, suffix)
    buffer = io.BytesIO()
    Pillow.fromarray(array).save(buffer, format=formats[suffix], quality=92)
    return buffer.getvalue()


def read_as(source: FileOrPath, max_pixels: int, decode: Callable[[Pillow.Image, bytes], Result]) -> Result:
    """`decode(opened picture, its bytes)` of `source`; every failure on hostile bytes becomes one sentence."""
    name, content = name_of(source), _content(source, max_pixels)
    try:
        content = plain_tiff(content, max_pixels)
        return decode(_open(name, content, max_pixels), content)
    except ImageError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(f"{name} cannot be read: {reason}") from error


def _open(name: str, content: bytes, max_pixels: int) -> Pillow.Image:
    """The header of a picture, its size checked before any pixel is decoded."""
    too_large = f"{name} has more than the {max_pixels / 1e6:g} million pixels allowed"
    try:
        picture = Pillow.open(io.BytesIO(content), formats=FORMATS)
    except Pillow.DecompressionBombError as error:
        raise ImageError(too_large) from error
    except Exception as error:
        known = ", ".join(FORMATS)
        raise ImageError(f"{name} is not a picture of a format read here ({known}), or is damaged") from error
    if picture.width * picture.height > max_pixels:
        raise ImageError(f"{too_large}: it is {picture.width} × {picture.height}")
    if picture.format in ("JPEG", "MPO") and len(SCAN.findall(content)) > MAX_SCANS:
        raise ImageError(f"{name} draws its pixels more than {MAX_SCANS} times over, as no camera or editor does")
    return picture


def _content(source: FileOrPath, max_pixels: int) -> bytes:
    """The bytes of `source`, no more than an uncompressed picture of `max_pixels` could need."""
    try:
        return read_bytes(source, 8 * max_pixels + 16_000_000)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{name_of(source)} cannot be opened: {reason}") from error


def _to_rgb(picture: Pillow.Image, content: bytes) -> Image:
    """sRGB pixels of an opened picture, upright."""
    picture, deep = _upright(picture, content)
    if deep is not None:
        picture.paste(Pillow.fromarray(to_eight_bits(deep)))
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        grey = to_eight_bits(deepen(np.asarray(picture)))
        return np.repeat(grey[:, :, None], 3, axis=2)
    if picture.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    picture = _to_srgb(picture)
    if picture.mode == "RGBA":
        white = Pillow.new("RGBA", picture.size, "white")
        picture = Pillow.alpha_composite(white, picture)
    return np.array(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _to_foreground(picture: Pillow.Image, content: bytes) -> Image:
    """sRGB colours of an opened cut-out, upright, whatever its transparency."""
    whole, deep = _upright(picture, content)
    colours = whole.convert("RGBA").convert("RGB")
    if deep is not None:
        colours.paste(Pillow.fromarray(to_eight_bits(deep[..., :3])))
    return np.array(_to_srgb(colours))


def _to_srgb(picture: Pillow.Image) -> Pillow.Image:
    """`picture` converted from its embedded profile; unchanged if it has none or a broken one."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    output = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, embedded, ImageCms.createProfile("sRGB"), outputMode=output)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def _to_grey(name: str, picture: Pillow.Image, content: bytes) -> Stored:
    """One channel of an opened picture, upright, at its own depth: its transparency, else its greys."""
    whole, deep = _upright(picture, content)
    transparency = _transparency(whole, deep)
    if transparency is not None:
        return transparency
    if deep is not None:
        _refuse_colour(name, to_eight_bits(deep[..., :3]))
        return cast(Stored, np.rint(deep[..., :3] @ LUMA).astype(np.uint16))
    if whole.mode in ("I", "F") or whole.mode.startswith("I;16"):
        return deepen(np.asarray(whole))
    if whole.mode == "L":
        return np.array(whole)
    colours = whole.convert("RGB")
    _refuse_colour(name, np.asarray(colours))
    return np.array(colours.convert("L"))


def _upright(picture: Pillow.Image, content: bytes) -> tuple[Pillow.Image, NDArray[np.uint16] | None]:
    """An opened picture as a camera held it: as Pillow reads it, and its deep colours where there are any."""
    deep = _deep_colours(picture, content)
    turned = picture.getexif().get(ORIENTATION, 1)
    if deep is not None and turned != 1:  # Pillow has 16 bits only in grey
        planes = [Pillow.fromarray(np.ascontiguousarray(deep[..., channel])) for channel in range(deep.shape[2])]
        for plane in planes:
            plane.getexif()[ORIENTATION] = turned
        deep = np.dstack([np.asarray(ImageOps.exif_transpose(plane)) for plane in planes])
    ImageOps.exif_transpose(picture, in_place=True)
    return picture, deep


def _transparency(picture: Pillow.Image, deep: NDArray[np.uint16] | None) -> Stored | None:
    """The alpha channel of what `_upright` gave, None if there is none or all of it is opaque."""
    if deep is not None:
        alpha: Stored | None = deep[..., 3] if deep.shape[2] == 4 else None
    elif picture.mode in ("PA", "LA", "RGBA", "RGBa") or "transparency" in picture.info:
        alpha = np.array(picture.convert("RGBA").getchannel("A"))
    else:
        alpha = None
    return None if alpha is None or alpha.min() == np.iinfo(alpha.dtype).max else alpha


def _refuse_colour(name: str, colours: Image) -> None:
    """ColourError if a picture that should be an alpha or a trimap is a photo, or labels drawn in colours on black."""
    ranges, is_lit = np.ptp(colours, axis=2), colours.max(axis=2) >= MIN_COLOUR_RANGE
    if ranges.mean() > MIN_COLOUR_RANGE or (is_lit.any() and ranges[is_lit].mean() > 3 * MIN_COLOUR_RANGE):
        raise ColourError(
            f"{name} must be grey or have transparency, as alphas and trimaps do, but is a colour picture"
        )


def _deep_colours(picture: Pillow.Image, content: bytes) -> NDArray[np.uint16] | None:
    """(H, W, 3 or 4) of a PNG or TIFF with 16 bits in each of several channels, of which Pillow reads 8; not turned."""
    bits = {"PNG": content[24:25], "TIFF": bytes(getattr(picture, "tag_v2", {}).get(258, ())[:1])}
    if picture.mode not in ("RGB", "RGBA", "LA") or bits.get(str(picture.format)) != b"\x10":
        return None
    return decode_deep(content, np.asarray(picture.convert("RGBA")))
