import io
import os
import stat
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, features
from skimage.data import astronaut

from matting.arrays import to_uint8, to_uint16
from matting.files import (
    ImageError,
    encode_image,
    list_images,
    pictures,
    read_alpha,
    read_image,
    read_trimap,
    write_file,
    write_image,
)
from tests.pictures import chunk, gradient, matrix_profile, png, saved, smooth, tiff

SEED = np.random.default_rng(5)
LOSSLESS = ["PNG", "TIFF", "BMP", "WEBP"]
LOSSY = [("JPEG", {"quality": 95, "subsampling": 0}), ("WEBP", {"quality": 95}), ("AVIF", {"quality": 95})]


def read(content):
    return read_image(io.BytesIO(content))


def save(picture, kind, **options):
    return saved(picture, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}), **options)


def deep(*shape):
    values = SEED.integers(0, 65536, shape, dtype=np.uint16)
    values.ravel()[:4] = 0, 65535, 255, 256
    return values


def rounded(values):
    return np.rint(values / 257).astype(np.uint8)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_colours_are_read_exactly(kind):
    assert np.array_equal(read(save(gradient(), kind)), gradient())


@pytest.mark.parametrize(("kind", "options"), LOSSY)
def test_lossy_colours_are_read_closely(kind, options):
    picture = smooth(48, 64)
    assert np.abs(read(saved(picture, kind, **options)).astype(int) - picture).max() <= 8


def test_heic_is_read_where_pillow_heif_is_installed():
    pytest.importorskip("pillow_heif")
    picture = smooth(48, 64)
    assert np.abs(read(saved(picture, "HEIF", quality=95)).astype(int) - picture).max() <= 10


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF", "JPEG", "WEBP"])
def test_grey_becomes_three_equal_channels(kind):
    grey = smooth(40, 30)[..., 0]
    result = read(save(Image.fromarray(grey).convert("RGB") if kind == "WEBP" else grey, kind))
    assert np.ptp(result, axis=2).max() == 0
    assert np.abs(result[..., 0].astype(int) - grey).max() <= (8 if kind == "JPEG" else 0)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_every_depth_of_grey_png(bits):
    levels = np.arange(2**bits)[None].repeat(2, axis=0)
    packed = np.packbits(np.unpackbits(levels[0].astype(np.uint8)[:, None], axis=1)[:, -bits:].ravel()).tobytes()
    content = png(levels, 0, bits=bits, size=levels.shape, rows=(b"\0" + packed) * 2)
    assert np.array_equal(read(content)[..., 0], np.rint(levels * 255 / (2**bits - 1)))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_bilevel(kind):
    bits = SEED.random((9, 21)) > 0.5
    assert np.array_equal(read(saved(Image.fromarray(bits), kind))[..., 1] == 255, bits)


def test_palette_with_and_without_transparency():
    palette = SEED.integers(0, 256, (5, 3), dtype=np.uint8)
    indices = SEED.integers(0, 5, (6, 7))
    plain = png(indices, 3, bits=8, extra=chunk(b"PLTE", palette.tobytes()))
    assert np.array_equal(read(plain), palette[indices])
    opacity = np.array([0, 51, 255, 255, 255])  # the rest are opaque by default
    clear = png(
        indices, 3, bits=8, extra=chunk(b"PLTE", palette.tobytes()) + chunk(b"tRNS", opacity[:2].astype("u1").tobytes())
    )
    over_white = (palette * (opacity / 255)[:, None] + 255 - opacity[:, None])[indices]
    assert np.abs(read(clear) - over_white).max() <= 1
    assert np.array_equal(to_uint8(read_alpha(io.BytesIO(clear))), opacity[indices])


def test_one_transparent_colour():
    colours = np.array([[[10, 20, 30], [11, 20, 30]]])
    content = png(colours, 2, bits=8, extra=chunk(b"tRNS", b"\0\x0a\0\x14\0\x1e"))
    assert read(content).tolist() == [[[255, 255, 255], [11, 20, 30]]]
    assert read_alpha(io.BytesIO(content)).tolist() == [[0, 1]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_transparency_is_laid_over_white_and_read_as_alpha(kind):
    picture = SEED.integers(0, 256, (8, 9, 4), dtype=np.uint8)
    content = save(picture, kind)
    share = picture[..., 3:] / 255
    assert np.abs(read(content) - (share * picture[..., :3] + (1 - share) * 255)).max() <= 1
    assert np.array_equal(to_uint8(read_alpha(io.BytesIO(content))), picture[..., 3])


def test_grey_with_alpha():
    picture = SEED.integers(0, 256, (4, 5, 2), dtype=np.uint8)
    content = png(picture, 4, bits=8)
    share = picture[..., 1] / 255
    assert np.abs(read(content)[..., 2] - (share * picture[..., 0] + (1 - share) * 255)).max() <= 1
    assert np.array_equal(to_uint8(read_alpha(io.BytesIO(content))), picture[..., 1])


DEEP = deep(11, 13, 4)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (png(DEEP[..., 0], 0), DEEP[..., [0, 0, 0]]),
        (png(DEEP[..., :3], 2), DEEP[..., :3]),
        (tiff(DEEP[..., 0]), DEEP[..., [0, 0, 0]]),
        (tiff(DEEP[..., 0], big_endian=True), DEEP[..., [0, 0, 0]]),
        (tiff(DEEP[..., :3], photometric=2), DEEP[..., :3]),
        (tiff(DEEP[..., :3], photometric=2, big_endian=True), DEEP[..., :3]),
        (tiff((DEEP[..., 0] / 65535).astype(np.float32), sample_format=3), DEEP[..., [0, 0, 0]]),
        (tiff(DEEP[..., 0].astype(np.int32), sample_format=2), DEEP[..., [0, 0, 0]]),
    ],
    ids=["grey png", "rgb png", "grey tiff", "grey tiff MM", "rgb tiff", "rgb tiff MM", "float tiff", "int32 tiff"],
)
def test_16_bits_are_rounded_to_8(content, expected):
    assert np.array_equal(read(content), rounded(expected))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (png(DEEP[..., 0], 0), DEEP[..., 0]),
        (png(DEEP[..., 2:], 4), DEEP[..., 3]),
        (png(DEEP, 6), DEEP[..., 3]),
        (png(DEEP[..., [0, 0, 0]], 2), DEEP[..., 0]),
        (tiff(DEEP[..., 0]), DEEP[..., 0]),
        (tiff(DEEP[..., 0], big_endian=True), DEEP[..., 0]),
        (tiff(DEEP, photometric=2, extra_samples=[2]), DEEP[..., 3]),
    ],
    ids=["grey", "grey and alpha", "rgba", "equal rgb", "tiff", "tiff MM", "rgba tiff"],
)
def test_alpha_keeps_all_16_bits(content, expected):
    assert np.array_equal(to_uint16(read_alpha(io.BytesIO(content))), expected)


@pytest.mark.parametrize("read", [read_alpha, read_trimap])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".deep.png"])
def test_a_photo_is_no_alpha(read, suffix, tmp_path):
    photo = astronaut()[:200, :200]
    path = tmp_path / f"photo{suffix}"
    write_image(path, photo.astype(np.uint16) * 257 if "deep" in suffix else photo)
    with pytest.raises(ImageError, match="must be grey or have transparency"):
        read(path)
    grey = np.repeat(photo[..., :1], 3, axis=2)  # three equal channels are how many tools store an alpha
    write_image(path, grey.astype(np.uint16) * 257 if "deep" in suffix else grey)
    assert read(path).shape == (200, 200)


@pytest.mark.parametrize("values", [[0.5, 1.5], [-0.1, 0.5], [np.nan, 0.5]])
def test_floats_outside_0_to_1_are_refused_by_name(values, tmp_path):
    (tmp_path / "wide.tiff").write_bytes(tiff(np.array([values], np.float32), sample_format=3))
    with pytest.raises(ImageError, match=r"^wide\.tiff cannot be read: a floating-point picture must lie in \[0, 1\]"):
        read_image(tmp_path / "wide.tiff")


def test_cmyk_with_and_without_adobe_marker():
    inks = smooth(32, 40).astype(np.uint8)
    inks = np.dstack([inks, inks[..., 0] // 3])
    adobe = saved(Image.fromarray(inks, "CMYK"), "JPEG", quality=98, subsampling=0)
    assert b"Adobe" in adobe
    expected = (255 - inks[..., :3].astype(float)) * (255 - inks[..., 3:]) / 255
    assert np.abs(read(adobe) - expected).max() <= 8
    start = adobe.index(b"\xff\xee")
    without = adobe[:start] + adobe[start + 2 + int.from_bytes(adobe[start + 2 : start + 4], "big") :]
    assert b"Adobe" not in without
    assert np.abs(read(without) - expected).max() <= 8  # taken as inverted all the same, as browsers do
    assert np.abs(read(saved(Image.fromarray(inks, "CMYK"), "TIFF")) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_of_an_animation(kind):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    content = save(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert getattr(Image.open(io.BytesIO(content)), "n_frames", 1) == 3
    assert np.array_equal(read(content), np.full((6, 8, 3), (255, 0, 0)))


def test_the_first_picture_of_an_mpo():
    first, second = smooth(30, 40, seed=1), smooth(30, 40, seed=2)
    content = saved(first, "MPO", save_all=True, append_images=[Image.fromarray(second)], quality=95)
    assert np.abs(read(content).astype(int) - first).mean() < 3


TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}
"""How a camera stores an upright picture under each EXIF orientation: the inverse of what a viewer does."""


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "MPO"])
@pytest.mark.parametrize("orientation", TURNED)
def test_exif_orientation_gives_the_upright_picture(kind, orientation):
    upright = smooth(32, 48, seed=3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(TURNED[orientation](upright))
    if kind in ("PNG", "WEBP", "TIFF"):
        result, reach = read(save(stored, kind, exif=exif)), 0
    else:
        quality = {"quality": 95} | ({"subsampling": 0} if kind != "AVIF" else {})
        result, reach = read(saved(stored, kind, exif=exif, **quality)), 16
    assert result.shape == upright.shape
    assert np.abs(result.astype(int) - upright).max() <= reach


@pytest.mark.parametrize("orientation", TURNED)
def test_orientation_turns_a_16_bit_alpha(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(TURNED[orientation](DEEP))
    content = png(stored, 6, extra=chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))
    assert np.array_equal(to_uint16(read_alpha(io.BytesIO(content))), DEEP[..., 3])


def bradford_columns(primaries):
    """(3, 3) linear RGB of CIE xy `primaries` and a D65 white → XYZ under D50, from their definitions."""
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    to_xyz = xyz * np.linalg.solve(xyz, white)
    cone = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    gain = (cone @ [0.9642, 1, 0.8249]) / (cone @ white)
    return np.linalg.inv(cone) @ np.diag(gain) @ cone @ to_xyz


SRGB = bradford_columns([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)])
P3 = bradford_columns([(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)])
ADOBE_RGB = bradford_columns([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)])


def to_srgb(stored, columns, gamma):
    light = (np.linalg.inv(SRGB) @ columns @ ((stored / 255) ** gamma).reshape(-1, 3).T).T.reshape(stored.shape)
    light = light.clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(("columns", "gamma"), [(P3, 2.2), (ADOBE_RGB, 2.19921875), (SRGB, 1.0), (SRGB, 1.8)])
def test_profiles_are_converted_to_srgb(kind, columns, gamma):
    patches = SEED.integers(40, 216, (4, 6, 3), dtype=np.uint8)  # 24, not too dark: the curves are steep near black
    expected = to_srgb(patches, columns, gamma)
    assert np.abs(expected - patches).max() > 5
    content = save(patches, kind, icc_profile=matrix_profile(columns, gamma))
    assert np.abs(read(content) - expected).max() <= 2


def test_a_profile_keeps_transparency_and_orientation():
    patches = SEED.integers(40, 216, (4, 6, 4), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.ascontiguousarray(TURNED[6](patches))
    content = saved(stored, "PNG", icc_profile=matrix_profile(P3, 2.2), exif=exif)
    share = patches[..., 3:] / 255
    expected = share * to_srgb(patches[..., :3], P3, 2.2) + (1 - share) * 255
    assert np.abs(read(content) - expected).max() <= 2


@pytest.mark.parametrize("profile", [b"", b"junk", b"\0" * 200, matrix_profile(P3, 2.2)[:300]])
def test_a_broken_profile_is_ignored(profile):
    assert np.array_equal(read(saved(gradient(), "PNG", icc_profile=profile)), gradient())


def test_a_profile_of_another_kind_of_picture_is_ignored():
    rgb = matrix_profile(P3, 2.2)
    cmyk = rgb[:16] + b"CMYK" + rgb[20:]
    assert np.array_equal(read(saved(gradient(), "PNG", icc_profile=cmyk)), gradient())


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_written_pictures_keep_every_bit_and_straight_colours(suffix, channels, depth, tmp_path):
    shape = (7, 5) if channels == 1 else (7, 5, channels)
    array = SEED.integers(0, np.iinfo(depth).max + 1, shape).astype(depth)
    write_image(tmp_path / f"a{suffix}", array)
    if depth == np.uint8:
        assert np.array_equal(np.asarray(Image.open(tmp_path / f"a{suffix}")), array)
    else:
        stored = cv2.imread(str(tmp_path / f"a{suffix}"), cv2.IMREAD_UNCHANGED)
        assert stored.dtype == depth
        assert np.array_equal(stored if channels == 1 else stored[..., [2, 1, 0, 3][:channels]], array)
    if channels != 3:
        own = array if channels == 1 else array[..., 3]
        assert np.array_equal(read_alpha(tmp_path / f"a{suffix}") * np.iinfo(depth).max, own)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".bmp", ".avif", ".JPG"])
def test_other_formats_are_written_closely(suffix, tmp_path):
    picture = smooth(40, 60)
    write_image(tmp_path / f"a{suffix}", picture)
    assert np.abs(read_image(tmp_path / f"a{suffix}").astype(int) - picture).max() <= 14


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_transparency_is_kept_where_the_format_has_it(suffix, tmp_path):
    picture = np.dstack([smooth(40, 60), smooth(40, 60, seed=1)[..., 0]])
    write_image(tmp_path / f"a{suffix}", picture)
    assert np.abs(read_alpha(tmp_path / f"a{suffix}") * 255 - picture[..., 3]).max() <= 4


@pytest.mark.parametrize(
    ("array", "suffix", "told"),
    [
        (np.zeros((3, 4, 4), np.uint8), ".jpg", "no room for transparency"),
        (np.zeros((3, 4, 4), np.uint8), ".bmp", "no room for transparency"),
        (np.zeros((3, 4, 3), np.uint16), ".jpg", "16-bit"),
        (np.zeros((3, 4, 3), np.uint8), ".xyz", "ends in one of"),
        (np.zeros((3, 4, 3), np.uint8), "", "ends in one of"),
        (np.zeros((3, 4, 3), np.uint8), ".pdf", "ends in one of"),
        (np.zeros((3, 4), np.float32), ".png", r"a \(3, 4\) float32 array"),
        (np.zeros((3, 4, 2), np.uint8), ".png", r"a \(3, 4, 2\) uint8 array"),
        (np.zeros((0, 4), np.uint8), ".png", r"a \(0, 4\) uint8 array"),
        (np.zeros(4, np.uint8), ".png", r"a \(4,\) uint8 array"),
        (np.zeros((2, 2, 2, 3), np.uint8), ".png", r"a \(2, 2, 2, 3\) uint8 array"),
    ],
)
def test_what_cannot_be_written_is_refused(array, suffix, told):
    with pytest.raises(ValueError, match=told):
        encode_image(array, suffix)


def test_trimaps_are_snapped(tmp_path):
    values = np.array([[0, 84, 85, 128, 169, 170, 255]], np.uint8)
    write_image(tmp_path / "t.png", values)
    assert read_trimap(tmp_path / "t.png").tolist() == [[0, 0, 128, 128, 128, 255, 255]]
    write_image(tmp_path / "t.png", values.astype(np.uint16) * 257)
    assert read_trimap(tmp_path / "t.png").tolist() == [[0, 0, 128, 128, 128, 255, 255]]


def test_a_crash_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "new" / "a.bin"
    write_file(target, b"old")
    for broken in ("fsync", "fdopen"):
        with monkeypatch.context() as patch:
            patch.setattr(os, broken, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                write_file(target, b"new")
        assert [path.name for path in target.parent.iterdir()] == ["a.bin"]
        assert target.read_bytes() == b"old"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_file(tmp_path / "folder", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "new"]


def test_a_written_file_is_flushed_before_it_is_renamed(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: order.append("flushed") or fsync(handle))
    monkeypatch.setattr(Path, "replace", lambda path, target: order.append("renamed") or replace(path, target))
    write_file(tmp_path / "a.bin", b"x")
    assert order == ["flushed", "renamed"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_umask_says_who_may_read_what_is_written(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_image(tmp_path / "a.png", gradient())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o666 & ~umask


def test_an_open_file_is_read_and_named(tmp_path):
    (tmp_path / "a.png").write_bytes(saved(gradient(), "PNG"))
    with (tmp_path / "a.png").open("rb") as file:
        assert np.array_equal(read_image(file), gradient())
    (tmp_path / "b.png").write_bytes(b"no picture")
    with (tmp_path / "b.png").open("rb") as file, pytest.raises(ImageError, match=r"^b\.png is not a picture"):
        read_image(file)
    with pytest.raises(ImageError, match=r"^the picture is not a picture"):
        read_image(io.BytesIO(b"no picture"))


def test_the_cap_is_on_pixels_and_inclusive():
    content = saved(gradient(20, 30), "PNG")
    assert read_image(io.BytesIO(content), max_pixels=600).shape == (20, 30, 3)
    with pytest.raises(ImageError, match=r"more than the 0\.000599 million pixels allowed: it is 30 × 20"):
        read_image(io.BytesIO(content), max_pixels=599)


def test_folders_are_listed_without_hidden_files(tmp_path):
    for name in ("b.JPG", "a.png", "._a.png", ".hidden.png", "notes.txt", "c.tiff"):
        (tmp_path / name).touch()
    assert [path.name for path in list_images([tmp_path])] == ["a.png", "b.JPG", "c.tiff"]
    assert list_images([tmp_path / "notes.txt"]) == [tmp_path / "notes.txt"]


def test_only_the_formats_promised_are_opened():
    assert features.check("avif")
    assert set(pictures.FORMATS) - {"HEIF"} == {"PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"}
    for kind in ("PPM", "TGA", "ICO", "PCX", "JPEG2000", "EPS", "PDF"):
        with pytest.raises(ImageError, match="not a picture of a format read here"):
            read(saved(gradient(), kind))


@pytest.mark.parametrize("reader", [read_image, read_alpha])
def test_sixteen_bits_take_little_more_memory_than_their_pixels(reader):
    """Pillow's own memory is not among what is counted; a pixel of RGBA takes 8 bytes here, and as many in OpenCV."""
    rng = np.random.default_rng(3)
    content = png(np.repeat(rng.integers(0, 65536, (1000, 1, 4)), 1000, axis=1), 6)
    tracemalloc.start()
    try:
        reader(io.BytesIO(content))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 45 * 1_000_000
