"""The forms a grey mask is stored in, and TIFFs of every order, against what tifffile wrote."""

import io
import itertools
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from matting.arrays import to_uint8, to_uint16
from matting.files import (
    ImageError,
    read_alpha,
    read_foreground,
    read_image,
    read_transparency,
    read_trimap,
    write_image,
)
from tests.pictures import chunk, png, saved, smooth

SEED = np.random.default_rng(13)
Y, X = np.mgrid[:60, :80]
DISC = np.rint(255 * np.clip((24 - np.hypot(X - 40, Y - 30)) / 8 + 0.5, 0, 1)).astype(np.uint8)
DEEP_DISC = DISC.astype(np.uint16) * 257
PALETTE = np.arange(256, dtype=np.uint8)[:, None].repeat(3, 1)


def opaque(values, colours):
    return np.dstack([values] * colours + [np.full_like(values, np.iinfo(values.dtype).max)])


def tif(values, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, metadata=None, **options)
    return buffer.getvalue()


FORMS = {
    "RGBA PNG": saved(opaque(DISC, 3), "PNG"),
    "LA PNG": png(opaque(DISC, 1), 4, bits=8),
    "deep RGBA PNG": png(opaque(DEEP_DISC, 3), 6),
    "deep LA PNG": png(opaque(DEEP_DISC, 1), 4),
    "RGBA TIFF": saved(opaque(DISC, 3), "TIFF"),
    "LA TIFF": tif(opaque(DISC, 1), photometric="minisblack", extrasamples=["unassalpha"]),
    "deep RGBA TIFF": tif(opaque(DEEP_DISC, 3), photometric="rgb", extrasamples=["unassalpha"]),
    "deep LA TIFF": tif(opaque(DEEP_DISC, 1), photometric="minisblack", extrasamples=["unassalpha"]),
    "premultiplied LA TIFF": tif(opaque(DISC, 1), photometric="minisblack", extrasamples=["assocalpha"]),
    "premultiplied RGBA TIFF": tif(opaque(DISC, 3), photometric="rgb", extrasamples=["assocalpha"]),
    "RGBA WebP": saved(opaque(DISC, 3), "WEBP", lossless=True),
    "grey RGB": saved(np.dstack([DISC] * 3), "PNG"),
    "grey palette": png(DISC, 3, bits=8, extra=chunk(b"PLTE", PALETTE.tobytes())),
    "opaque palette": png(
        DISC, 3, bits=8, extra=chunk(b"PLTE", PALETTE.tobytes()) + chunk(b"tRNS", b"\xff" * 256)
    ),
    "GIF": saved(DISC, "GIF"),
}  # fmt: skip


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_an_opaque_grey_mask_is_read_by_its_greys(content):
    assert np.array_equal(to_uint8(read_alpha(io.BytesIO(content))), DISC)
    trimap = read_trimap(io.BytesIO(content))
    assert np.array_equal(trimap == 0, read_trimap(io.BytesIO(saved(DISC, "PNG"))) == 0)
    assert set(np.unique(trimap)) == {0, 128, 255}
    assert read_transparency(io.BytesIO(content)) is None


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_an_opaque_colour_picture_is_no_alpha_and_white_is_full(depth, suffix, tmp_path):
    factor = 257 if depth == np.uint16 else 1
    photo = np.dstack([smooth(40, 60), np.full((40, 60), 255, np.uint8)]).astype(depth) * factor
    write_image(tmp_path / f"photo{suffix}", photo)
    for read in (read_alpha, read_trimap):
        with pytest.raises(ImageError, match="must be grey or have transparency"):
            read(tmp_path / f"photo{suffix}")
    write_image(tmp_path / f"white{suffix}", np.full((40, 60, 4), np.iinfo(depth).max, depth))
    assert read_alpha(tmp_path / f"white{suffix}").min() == 1


def test_one_pixel_of_transparency_makes_it_an_alpha():
    picture = np.dstack([smooth(40, 60), np.full((40, 60), 255, np.uint8)])
    picture[3, 4, 3] = 254
    assert np.array_equal(read_transparency(io.BytesIO(saved(picture, "PNG"))), picture[..., 3])
    assert np.array_equal(to_uint8(read_alpha(io.BytesIO(saved(picture, "PNG")))), picture[..., 3])


def orders():
    """Every way of laying out the same numbers that tifffile writes: (its options, samples, type)."""
    shapes = [("minisblack", 1, None), ("miniswhite", 1, None), ("minisblack", 2, "unassalpha"), ("rgb", 3, None),
              ("minisblack", 2, "assocalpha"), ("rgb", 4, "unassalpha"), ("rgb", 4, "assocalpha")]  # fmt: skip
    packings = [(None, None), ("lzw", None), ("zlib", None), ("zlib", True)]
    orders = itertools.product(shapes, ["contig", "separate"], ["u1", "u2", "f4"], packings, "<>", [None, (16, 16)])
    for (photometric, samples, extra), planar, kind, (compression, predictor), byteorder, tile in orders:
        if (samples == 1 and planar == "separate") or (kind == "f4" and samples > 1):
            continue
        options = {"photometric": photometric, "compression": compression, "predictor": predictor, "tile": tile}
        options |= {"byteorder": byteorder, "planarconfig": planar if samples > 1 else None}
        yield options | {"extrasamples": [extra] if extra else None}, samples, np.dtype(kind)


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite", "rgb"])
def test_tiffs_of_every_order_are_read_as_written(photometric):
    for options, samples, kind in orders():
        if options["photometric"] != photometric:
            continue
        white = 1 if kind.kind == "f" else np.iinfo(kind).max
        wanted = SEED.random((37, 45, samples))
        stored = wanted.copy()
        alpha = wanted[..., -1:] if options["extrasamples"] else np.ones((37, 45, 1))
        if options["extrasamples"] == ["assocalpha"]:
            stored[..., :-1] *= alpha
        if photometric == "miniswhite":
            stored = 1 - stored
        stored = (np.rint(stored * white) if white > 1 else stored).astype(kind)
        laid = np.moveaxis(stored, -1, 0) if options["planarconfig"] == "separate" else stored.squeeze()
        content = tif(np.ascontiguousarray(laid), **options)
        colours = np.broadcast_to(wanted[..., : 3 if photometric == "rgb" else 1], (37, 45, 3))
        over_white = colours * alpha + 1 - alpha
        assert np.abs(read_image(io.BytesIO(content)) / 255 - over_white).max() < 2.6 / 255, options
        if photometric != "rgb" or options["extrasamples"]:
            step = 1 / 255 if kind == np.uint8 else 1 / 65535
            assert np.abs(read_alpha(io.BytesIO(content)) - wanted[..., -1]).max() <= step, options


def test_colours_of_a_deep_premultiplied_tiff_are_straight():
    alpha = SEED.uniform(0.2, 1, (20, 30, 1))
    colours = SEED.random((20, 30, 3))
    stored = np.rint(np.concatenate([colours * alpha, alpha], axis=2) * 65535).astype(np.uint16)
    content = tif(stored, photometric="rgb", extrasamples=["assocalpha"])
    assert np.abs(read_foreground(io.BytesIO(content)) / 255 - colours).max() < 0.6 / 255


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_planes_keep_orientation(orientation):
    values = SEED.integers(0, 65536, (4, 12, 20), dtype=np.uint16)
    turned = [("Orientation", 3, 1, orientation, True)]
    content = tif(values, photometric="rgb", planarconfig="separate", extrasamples=["unassalpha"], extratags=turned)
    quarters = {1: 0, 3: 2, 6: -1, 8: 1}[orientation]
    assert np.array_equal(to_uint16(read_alpha(io.BytesIO(content))), np.rot90(values[3], quarters))


@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_signed_numbers_are_refused_by_name(kind, tmp_path):
    (tmp_path / "a.tif").write_bytes(tif(np.full((8, 9), 100, kind), photometric="minisblack"))
    for read in (read_image, read_alpha):
        with pytest.raises(ImageError, match=r"^a\.tif cannot be read: it is a TIFF of signed numbers"):
            read(tmp_path / "a.tif")


@pytest.mark.parametrize("bits", [6, 10, 12, 14])
def test_samples_of_odd_bits_are_refused_by_name(bits):
    """Pillow reads 12 bits as if they were 16: white would be a faint grey."""
    pages = tif(np.full((8, 9), (1 << bits) - 1, np.uint16 if bits > 8 else np.uint8), photometric="minisblack")
    entry = struct.pack("<HHIHH", 258, 3, 1, 16 if bits > 8 else 8, 0)
    assert entry in pages
    with pytest.raises(ImageError, match=f"it is a TIFF of {bits} bits per sample"):
        read_alpha(io.BytesIO(pages.replace(entry, struct.pack("<HHIHH", 258, 3, 1, bits, 0))))


def test_32_bits_are_refused_without_false_numbers():
    with pytest.raises(ImageError, match="must fit 16 bits, but some are larger"):
        read_alpha(io.BytesIO(tif(np.full((8, 9), 0xFFFFFFFF, np.uint32), photometric="minisblack")))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_preview_in_front_is_not_taken_for_the_picture(kind):
    colours = SEED.integers(0, 256, (24, 40, 3), dtype=np.uint8).astype(kind) * (257 if kind == np.uint16 else 1)
    written = io.BytesIO()
    with tifffile.TiffWriter(written) as file:
        file.write(colours[::4, ::4], photometric="rgb", metadata=None, subfiletype=1)
        file.write(colours, photometric="rgb", metadata=None)
    read = read_image(io.BytesIO(written.getvalue()))
    assert np.array_equal(read, colours if kind == np.uint8 else colours // 257)


def test_what_opencv_cannot_unpack_is_read_without_a_word(capfd):
    colours = SEED.integers(0, 65536, (24, 40, 3), dtype=np.uint16)
    read = read_image(io.BytesIO(tif(colours, photometric="rgb", compression="zstd")))
    assert np.abs(read / 255 - colours / 65535).max() < 1 / 255
    assert capfd.readouterr().err == ""


def test_a_tiff_of_planes_over_the_limit_is_refused_from_its_header(tmp_path):
    content = tif(np.zeros((3, 60, 60), np.uint16), photometric="rgb", planarconfig="separate")
    with pytest.raises(ImageError, match="it is 60 × 60"):
        read_image(io.BytesIO(content), max_pixels=3000)
    assert read_image(io.BytesIO(content), max_pixels=3600).shape == (60, 60, 3)


def test_pillow_and_tifffile_agree_on_the_picture_of_the_disc():
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(FORMS["grey palette"])).convert("L")), DISC)
    assert np.array_equal(tifffile.imread(io.BytesIO(FORMS["deep LA TIFF"]))[..., 0], DEEP_DISC)
