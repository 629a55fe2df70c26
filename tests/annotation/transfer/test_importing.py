"""What comes in is what was meant; a hostile or damaged archive brings nothing."""

import io
import json
import stat
import tarfile
import zipfile

import numpy as np
import pytest

from annotation.store import Filter, Provenance, State, StoreError, find_samples, get_revision, get_sample
from annotation.transfer.importing import ImportOptions, import_path, import_video
from annotation.trees.opening import MAX_MEMBERS
from matting.files import encode_image, read_alpha, read_foreground, write_image


def png(picture, number=1):
    return encode_image(picture(number), ".png")


def zip_of(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def raw_name(path, given, wanted):
    """`path` with a member's name replaced byte for byte, as no honest writer would."""
    content = path.read_bytes()
    assert len(given) == len(wanted)
    assert given in content
    path.write_bytes(content.replace(given, wanted))
    return path


TRAVERSAL = [
    "../evil.png",
    "a/../../evil.png",
    "..\\evil.png",
    "a/..\\..\\evil.png",
    "....//../evil.png",
    "./../evil.png",
    "a/b/c/../../../../evil.png",
    "../../../../tmp/evil.png",
    "a/./../../evil.png",
    "..",
    "a/..",
    "%2e%2e/../evil.png",
]
ABSOLUTE = ["/evil.png", "//evil.png", "/tmp/evil.png", "C:/evil.png", "C:evil.png", "\\\\host\\evil.png"]
HIDING = ["a\u202egnp.exe.png", "a\u200b.png", "a\x01.png", "a\u2066.png"]
COLLISIONS = [
    ("a.png", "a.png"),
    ("a.png", "A.png"),
    ("x/a.png", "X/a.png"),
    ("stra\u00dfe.png", "STRASSE.png"),
    ("caf\u00e9.png", "cafe\u0301.png"),
    ("a/b.png", "A/B.PNG"),
    ("\u212a.png", "k.png"),
    ("i/a.png", "i/a.png"),
]
LINKS = [(stat.S_IFLNK | 0o777, target) for target in (b"/etc/passwd", b"../x", b"a.png", b"/")] + [
    (mode | 0o644, b"x") for mode in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK)
]
METADATA = [
    b"not json",
    b"[1, 2]",
    b"null",
    b'{"image_file_name": "../../etc/passwd"}',
    b'{"image_file_name": "/etc/passwd"}',
    b'{"image_file_name": "missing.png"}',
    b'{"image_file_name": 7}',
    b'{"nothing": "here"}',
    b'{"image_file_name": "a.png", "licence": 7}',
    b'{"image_file_name": "a.png", "alpha_file_name": "b.jpg"}',
    b"[" * 100_000,
    b"\xff\xfe\x00bad",
]


def hostile(tmp_path, picture):
    """(name, path) of every hostile archive. Each also holds an honest picture that must not come in either."""
    honest = ("good.png", png(picture))
    for kind, names in (("traversal", TRAVERSAL), ("absolute", ABSOLUTE), ("hiding", HIDING)):
        for index, name in enumerate(names):
            yield f"{kind} {index}", zip_of(tmp_path / f"{kind}{index}.zip", [honest, (name, png(picture, 2))])
    for index, pair in enumerate(COLLISIONS):
        members = [honest, *((name, png(picture, 2 + number)) for number, name in enumerate(pair))]
        with pytest.warns(UserWarning) if pair[0] == pair[1] else nothing():
            yield f"collision {index}", zip_of(tmp_path / f"collision{index}.zip", members)
    for index, (mode, target) in enumerate(LINKS):
        link = zipfile.ZipInfo("link.png")
        link.create_system, link.external_attr = 3, mode << 16
        yield f"link {index}", zip_of(tmp_path / f"link{index}.zip", [honest, (link, target)])
    for index, text in enumerate(METADATA):
        members = [("data/train/metadata.jsonl", text), ("data/train/a.png", png(picture, 2))]
        yield f"metadata {index}", zip_of(tmp_path / f"metadata{index}.zip", members)
    yield from bombs(tmp_path, picture, honest)
    yield from damaged(tmp_path, picture, honest)


class nothing:  # noqa: N801 (a context manager that does nothing)
    def __enter__(self):
        return self

    def __exit__(self, *rest):
        return None


def bombs(tmp_path, picture, honest):
    for size in (2_000_000, 50_000_000):
        members = [honest, ("bomb.png", bytes(size))]
        yield f"bomb {size}", zip_of(tmp_path / f"bomb{size}.zip", members, zipfile.ZIP_DEFLATED)
    liar = zip_of(tmp_path / "liar.zip", [honest, ("bomb.png", b"\x89PNG" + bytes(300_000))], zipfile.ZIP_DEFLATED)
    size = (300_004).to_bytes(4, "little")
    assert liar.read_bytes().count(size) >= 1
    liar.write_bytes(liar.read_bytes().replace(size, (500).to_bytes(4, "little")))
    yield "bomb that lies", liar
    wide = encode_image(np.zeros((1, 1, 3), np.uint8), ".png")
    wide = wide[:16] + (60_000).to_bytes(4, "big") * 2 + wide[24:]
    yield "bomb of pixels", zip_of(tmp_path / "pixels.zip", [honest, ("wide.png", wide)])
    many = [(f"{index}.png", b"") for index in range(MAX_MEMBERS + 1)]
    yield "too many", zip_of(tmp_path / "many.zip", many)
    nested = io.BytesIO()
    zip_of(nested, [honest])
    yield "zip in a zip", zip_of(tmp_path / "nested.zip", [("inner.zip", nested.getvalue())])


def damaged(tmp_path, picture, honest):
    whole = zip_of(tmp_path / "whole.zip", [honest, ("other.png", png(picture, 2))]).read_bytes()
    for index, content in enumerate((b"", b"PK\x05\x06", whole[: len(whole) // 2], b"nonsense" * 100)):
        (tmp_path / f"cut{index}.zip").write_bytes(content)
        yield f"cut {index}", tmp_path / f"cut{index}.zip"
    flipped = bytearray(whole)
    flipped[len(png(picture)) // 2 + 40] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(flipped)
    yield "flipped bit", tmp_path / "flipped.zip"
    yield "not a picture", zip_of(tmp_path / "text.zip", [honest, ("evil.png", b"#!/bin/sh")])
    encrypted = zip_of(tmp_path / "secret.zip", [("good.png", png(picture))])
    content = bytearray(encrypted.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    encrypted.write_bytes(content)
    yield "encrypted", encrypted
    nul = zip_of(tmp_path / "nul.zip", [honest, ("eXvil.png", png(picture, 2))])
    yield "NUL in a name", raw_name(nul, b"eXvil.png", b"e\0vil.png")
    for name, kind, target in (
        ("../evil.png", tarfile.REGTYPE, ""),
        ("/evil.png", tarfile.REGTYPE, ""),
        ("link.png", tarfile.SYMTYPE, "/etc/passwd"),
        ("link.png", tarfile.LNKTYPE, "../../x"),
        ("device.png", tarfile.CHRTYPE, ""),
    ):
        path = tmp_path / f"tar-{kind.decode()}-{len(name)}-{name[0] == '/'}.tar"
        with tarfile.open(path, "w") as archive:
            good = tarfile.TarInfo("good.png")
            good.size = len(honest[1])
            archive.addfile(good, io.BytesIO(honest[1]))
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member, io.BytesIO(b""))
        yield f"tar {name} {kind!r}", path


def test_hostile_archives_bring_nothing(local_store, picture, tmp_path):
    """R15: no write outside, no partial import, one clear sentence."""
    folder = tmp_path / "in" / "deep" / "er"
    folder.mkdir(parents=True)
    archives = list(hostile(folder, picture))
    outside = {path for path in tmp_path.rglob("*") if "data" not in path.parts}
    for name, path in archives:
        with pytest.raises(StoreError) as caught:
            import_path(local_store, path)
        assert "\n" not in str(caught.value), name
        assert find_samples(local_store) == [], name
    assert {path for path in tmp_path.rglob("*") if "data" not in path.parts} == outside
    assert len(archives) >= 60


def test_the_honest_archive_does_come_in(local_store, picture, tmp_path):
    members = [("shoot/good.png", png(picture)), ("shoot/", b""), ("__MACOSX/._good.png", b"junk")]
    assert import_path(local_store, zip_of(tmp_path / "a.zip", members)).new == 1


def test_a_folder_of_photos_goes_on_past_a_broken_one(local_store, picture, tmp_path):
    for number in range(3):
        write_image(tmp_path / "in" / f"{number}.png", picture(number))
    (tmp_path / "in" / "broken.jpg").write_bytes(b"no")
    (tmp_path / "in" / "link.png").symlink_to("/etc/passwd")
    (tmp_path / "in" / "notes.txt").write_text("hello")
    options = ImportOptions(provenance=Provenance(licence="CC0-1.0", person_visible=False))
    done = import_path(local_store, tmp_path / "in", options)
    assert done.new == 3
    assert len(done.problems) == 1
    assert "broken.jpg" in done.problems[0]
    assert {(sample.state, sample.licence, sample.person_visible) for sample in find_samples(local_store)} == {
        (State.TO_DO, "CC0-1.0", False)
    }
    assert import_path(local_store, tmp_path / "in" / "0.png").new == 0


def test_pairs_of_images_and_alphas(local_store, picture, tmp_path):
    for number in range(3):
        write_image(tmp_path / "in" / "image" / f"{number}.jpg", picture(number))
        alpha = np.full((48, 64), 40 * number + 7, np.uint8)
        write_image(tmp_path / "in" / "gt" / f"{number}.png", alpha)
    write_image(tmp_path / "in" / "gt" / "2.png", np.zeros((5, 5), np.uint8))
    done = import_path(local_store, tmp_path / "in")
    assert done.new == 3
    assert "gt/2.png: alpha must be 48 pixels high and 64 wide" in done.left_out[0]
    for number, sample in zip((0, 1), done.samples, strict=False):
        stored = local_store.files.get(get_revision(local_store, sample).alpha)
        assert read_alpha(io.BytesIO(stored))[0, 0] == pytest.approx((40 * number + 7) / 255)
    assert [sample.state for sample in find_samples(local_store)] == [State.DONE, State.DONE, State.TO_DO]


def test_a_cut_out_keeps_its_own_colours(local_store, tmp_path):
    """The straight colour, also where the cut-out is half transparent, and not the one over white."""
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[...] = (200, 40, 10, 128)
    pixels[:4, :, 3] = 0
    write_image(tmp_path / "in" / "cut.png", pixels)
    (number,) = import_path(local_store, tmp_path / "in").samples
    revision = get_revision(local_store, number)
    foreground = read_foreground(io.BytesIO(local_store.files.get(revision.foreground)))
    np.testing.assert_array_equal(foreground[5], np.tile(np.uint8([200, 40, 10]), (8, 1)))
    alpha = read_alpha(io.BytesIO(local_store.files.get(revision.alpha)))
    assert alpha[0, 0] == 0
    assert alpha[5, 0] == pytest.approx(128 / 255)


def test_the_frames_of_a_video_share_a_split(local_store, picture, tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as video:
        stream = video.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for number in range(40):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            video.mux(stream.encode(frame))
        video.mux(stream.encode(None))
    done = import_path(local_store, path)
    samples = find_samples(local_store)
    assert done.new == 4
    assert [sample.name for sample in samples] == [f"clip {second}.00 s" for second in range(4)]
    assert len({(sample.group, sample.split) for sample in samples}) == 1
    assert samples[0].source == "clip.mp4"
    cut = import_video(local_store, path, every=0.5, limit=3)
    assert cut.problems == ["clip.mp4 has more than 3 frames at one every 0.5 s; the rest was left out"]
    assert import_video(local_store, path, every=0.5, limit=8).problems == []
    path.write_bytes(b"no video")
    with pytest.raises(StoreError, match=r"clip.mp4 is not a video"):
        import_path(local_store, path)


def test_metadata_of_a_foreign_imagefolder(local_store, picture, tmp_path):
    """Only `file_name`, as most datasets of the Hub have."""
    write_image(tmp_path / "in" / "train" / "x.png", picture(1))
    (tmp_path / "in" / "train" / "metadata.jsonl").write_text(json.dumps({"file_name": "x.png", "caption": "a cat"}))
    (number,) = import_path(local_store, tmp_path / "in").samples
    assert get_sample(local_store, number).split == "train"
    assert find_samples(local_store, Filter(text="x"))[0].id == number
