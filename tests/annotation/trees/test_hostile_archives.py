"""Archives made to fill the memory, the disk or the day: refused in a sentence, soon; the others come in."""

import io
import os
import struct
import tarfile
import time
import tracemalloc
import zipfile

import pytest

from annotation.store import StoreError, find_samples
from annotation.transfer.importing import import_path
from annotation.trees.archives import MAX_MEMBERS
from matting.files import encode_image, write_image


def tar_header(kind=b"x", size=0, name=b"evil.png"):
    header = bytearray(512)
    header[: len(name)], header[100:107], header[124:135] = name, b"0000644", b"%011o" % size
    header[156:157], header[257:265] = kind, b"ustar\x0000" if kind != b"S" else b"ustar  \0"
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def tar_of(path, content, **headers):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, **headers) as archive:
        member = tarfile.TarInfo("good.image.png")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path


def zip_of(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def pax(text):
    return tar_header(size=len(text)) + text + bytes(-len(text) % 512)


def tars(folder, good):
    honest = tar_of(folder / "honest.tar", good).read_bytes()
    sparse = bytearray(tar_header(b"S"))
    sparse[483:495] = b"67777777777\0"
    sparse[148:156] = b"        "
    sparse[148:156] = b"%06o\0 " % sum(sparse)
    contents = {
        "sparse": bytes(sparse) + honest,
        "sparse in pax": pax(b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n37 GNU.sparse.realsize=7500000000000\n")
        + honest,
        "20,000 values": pax(b"".join(b"12 k%05d=v\n" % number for number in range(20_000))) + honest,
        "20,000 headers": pax(b"13 comment=x\n") * 20_000 + honest,
        "a header that claims 8 GB": tar_header(size=8**11 - 1) + honest,
    }
    for name, content in contents.items():
        (folder / f"{name}.tar").write_bytes(content)
        yield folder / f"{name}.tar"
    yield tar_of(folder / "values for all.tar", good, pax_headers={f"k{number}": "v" for number in range(20_000)})


def overlapping(path, good):
    """A zip whose directory lists one member 900 times."""
    content = zip_of(path, [("good.png", good)]).read_bytes()
    start, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    members = b"".join(content[start:end].replace(b"good.png", b"g%03d.png" % number) for number in range(900))
    tail = bytearray(content[end:])
    tail[8:16] = struct.pack("<HHI", 900, 900, len(members))
    path.write_bytes(content[:start] + members + tail)
    return path


def zips(folder, good):
    honest = ("good.image.png", good)
    grown = b"".join(os.urandom(700) + bytes(99_300) for _ in range(1500))
    yield zip_of(
        folder / "below the ratio.zip", [honest, *((f"{n}.png", grown) for n in range(5))], zipfile.ZIP_DEFLATED
    )
    yield zip_of(folder / "deep folders.zip", [honest, ("x/" * 1800 + "a.png", good)])
    yield zip_of(folder / "deep json.zip", [honest, ("good.json", b"[" * 100_000)])
    yield zip_of(folder / "deep lines.zip", [("train/metadata.jsonl", b'{"a":' * 50_000), ("train/a.png", good)])
    yield zip_of(folder / "deep mmagic.zip", [("train.json", b'{"data_list":' + b"[" * 100_000), ("a.png", good)])
    yield zip_of(
        folder / "wide.zip", [("train.json", b'{"data_list":[' + b"{}," * 7_000_000 + b"0]}"), ("a.png", good)]
    )
    yield zip_of(folder / "nested.zip", [("inner.zip", zip_of(folder / "inner", [honest]).read_bytes())])
    yield zip_of(folder / "tiny.zip", ((str(number), b"") for number in range(MAX_MEMBERS + 5)))
    yield overlapping(folder / "overlap.zip", good * 1000)


@pytest.fixture
def good(picture):
    return encode_image(picture(1), ".png")


def test_each_is_refused_in_a_sentence(local_store, tmp_path, good):
    folder = tmp_path / "in"
    folder.mkdir()
    paths = [*tars(folder, good), *zips(folder, good)]
    for path in paths:
        start = time.thread_time()
        with pytest.raises(StoreError) as caught:
            import_path(local_store, path)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400, path.name
        assert time.thread_time() - start < 10, path.name
        assert find_samples(local_store) == [], path.name


def test_refusing_takes_no_memory(local_store, tmp_path, good):
    folder = tmp_path / "in"
    folder.mkdir()
    paths = [path for path in (*tars(folder, good), *zips(folder, good)) if path.stem != "tiny"]
    tracemalloc.start()
    for path in paths:
        with pytest.raises(StoreError):
            import_path(local_store, path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 100_000_000


def test_a_bad_archive_keeps_no_other_out(local_store, tmp_path, good, picture):
    folder = tmp_path / "in"
    folder.mkdir()
    list(tars(folder, encode_image(picture(2), ".png")))
    write_image(folder / "loose.image.png", picture(3))
    done = import_path(local_store, folder)
    assert done.new == 2  # the honest tar's, and the loose one
    assert len(done.problems) == 6
    assert all(".tar was left out: " in problem for problem in done.problems)


def test_a_folder_too_deep_or_a_file_too_large_is_named(local_store, tmp_path, picture, monkeypatch):
    write_image(tmp_path / "in" / "good.png", picture(1))
    with (tmp_path / "in" / "large.png").open("wb") as file:
        file.truncate(50_000_000_000)  # a hole, which takes no room
    monkeypatch.chdir(tmp_path / "in")
    for _ in range(400):
        os.mkdir("x")  # noqa: PTH102 (paths so long only work in steps)
        os.chdir("x")
    done = import_path(local_store, tmp_path / "in")
    assert done.new == 1
    assert (
        sorted(problem.partition(" was")[0].partition(" has")[0][-20:] for problem in done.problems)[-1] == "large.png"
    )
    assert any("folders deep" in problem for problem in done.problems)
