"""Exports are whole, repeatable, and read back to what went in."""

import json
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from annotation.layouts import LAYOUTS
from annotation.layouts.base import Options
from annotation.store import (
    Effort,
    Filter,
    Provenance,
    Split,
    State,
    StoreError,
    add_sample,
    find_samples,
    get_revision,
    open_store,
    save_revision,
    set_state,
)
from annotation.transfer.exporting import export, take_snapshot
from annotation.transfer.importing import import_path
from annotation.transfer.licences import LicenceError, Use, check_licence, is_non_commercial
from annotation.transfer.manifest import check_export
from annotation.transfer.zip_export import pack
from matting.files import read_alpha, read_image, read_trimap, write_image
from tests.annotation.store.samples import alpha_key, by_alpha, contents, fill, stored, work_of


@pytest.fixture
def filled(local_store, picture):
    """Thirty finished samples of mixed sizes with odd names, in all three splits."""
    fill(local_store, picture, 30)
    return local_store


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_snapshot_gives_the_same_bytes(filled, tmp_path, layout):
    first = export(filled, tmp_path / "first", layout=layout)
    second = export(filled, tmp_path / "second", layout=layout)
    assert first.samples == second.samples == 30
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    again = export(filled, tmp_path / "first", layout=layout)
    assert again.written == 0
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert not list(tmp_path.glob(".partial-*"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_export_comes_back(filled, tmp_path, layout):
    """Image, alpha, foreground, trimap, split: what a layout carries is the same in a fresh store."""
    backgrounds = tmp_path / "backgrounds"
    write_image(backgrounds / "wall.png", np.zeros((9, 9, 3), np.uint8))
    export(filled, tmp_path / "out", layout=layout, options=Options(bits=16, backgrounds=backgrounds))
    other = open_store(tmp_path / "other")
    imported = import_path(other, tmp_path / "out")
    assert (imported.problems, imported.left_out) == ([], [])
    assert imported.new == 30
    deep = layout in ("imagefolder", "webdataset", "rgba")
    originals = by_alpha(filled)
    for sample in find_samples(other):
        original = originals[alpha_key(stored(other, get_revision(other, sample.id).alpha, read_alpha))]
        assert sample.split == original.split
        if layout in ("imagefolder", "webdataset", "mmagic", "modnet", "aim"):
            assert sample.pixels == original.pixels
        revision, before = get_revision(other, sample.id), get_revision(filled, original.id)
        alpha, alpha_before = stored(other, revision.alpha, read_alpha), stored(filled, before.alpha, read_alpha)
        assert np.abs(alpha - alpha_before).max() <= (0 if deep else 0.5 / 255 + 1e-6)
        assert np.array_equal(alpha == 1, alpha_before == 1) or not deep
        if revision.trimap:
            np.testing.assert_array_equal(
                stored(other, revision.trimap, read_trimap), stored(filled, before.trimap, read_trimap)
            )
        if revision.foreground:
            np.testing.assert_array_equal(
                stored(other, revision.foreground, read_image), stored(filled, before.foreground, read_image)
            )


def test_everything_known_comes_back(filled, tmp_path):
    export(filled, tmp_path / "out")
    other = open_store(tmp_path / "other")
    import_path(other, tmp_path / "out")
    columns = (
        "name",
        "group",
        "split",
        "licence",
        "author",
        "consent",
        "person_visible",
        "tags",
        "width",
        "height",
        "appearance",
    )
    assert {tuple(getattr(sample, column) for column in columns) for sample in find_samples(other)} == {
        tuple(getattr(sample, column) for column in columns) for sample in find_samples(filled)
    }
    again = import_path(other, tmp_path / "out")
    assert (again.new, len(again.samples)) == (0, 30)
    assert {get_revision(other, sample.id).number for sample in find_samples(other)} == {1}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(local_store, picture, tmp_path, layout, count):
    fill(local_store, picture, count)
    assert export(local_store, tmp_path / "out", layout=layout).samples == count
    assert list(check_export(tmp_path / "out")) == []
    if count == 0:
        with pytest.raises(StoreError, match="holds no pictures"):
            import_path(local_store, tmp_path / "out")


def test_a_grown_export_adds_only_what_is_new(filled, picture, tmp_path):
    before = export(filled, tmp_path / "out")
    inodes = {path: (tmp_path / "out" / path).stat().st_ino for path in contents(tmp_path / "out")}
    fill(filled, picture, 33)
    save_revision(filled, 1, work_of(77, (32, 40)), parent=1)
    after = export(filled, tmp_path / "out")
    assert (before.written, after.samples) == (150, 33)
    assert after.written == 3 * 5 + 4  # three samples of five pictures; new alphas, trimap and foreground
    kept = [path for path, inode in inodes.items() if (tmp_path / "out" / path).stat().st_ino == inode]
    assert len(kept) == 150 - 4
    export(filled, tmp_path / "fresh")
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


def test_checksums_are_what_sha256sum_says(filled, tmp_path):
    export(filled, tmp_path / "out")
    done = subprocess.run(["sha256sum", "--check", "--quiet", "CHECKSUMS.sha256"], cwd=tmp_path / "out", check=False)
    assert done.returncode == 0
    (tmp_path / "out" / "README.md").write_bytes(b"changed")
    (tmp_path / "out" / "stray").write_bytes(b"")
    next((tmp_path / "out" / "data").rglob("*.png")).unlink()
    assert len(list(check_export(tmp_path / "out"))) == 3
    export(filled, tmp_path / "out")
    assert list(check_export(tmp_path / "out")) == []


def test_only_finished_samples_with_a_split(filled):
    samples = find_samples(filled)
    set_state(filled, [samples[0].id], State.REJECTED)
    set_state(filled, [samples[1].id], State.APPROVED)
    assert len(take_snapshot(filled)) == 29
    assert [item.sample.id for item in take_snapshot(filled, states=[State.REJECTED])] == [samples[0].id]
    assert Split.NONE not in Counter(item.sample.split for item in take_snapshot(filled))


def test_a_folder_of_something_else_is_not_touched(filled, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    with pytest.raises(StoreError, match="not an export"):
        export(filled, tmp_path / "mine")
    assert contents(tmp_path / "mine") == {"diary.txt": b"dear"}
    with pytest.raises(StoreError, match="'/fg' in a path"):
        export(filled, tmp_path / "fg stuff", layout="modnet")
    with pytest.raises(ValueError, match="a layout is one of imagefolder, mmagic"):
        export(filled, tmp_path / "out", layout="coco")


def test_a_killed_swap_heals(filled, tmp_path):
    export(filled, tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / ".partial-previous-out")
    assert export(filled, tmp_path / "out").written == 0


def test_what_nobody_has_finished_is_told_and_stays_behind(local_store, picture, tmp_path):
    """The first export of a beginner, who has saved corrections and marked none of them as done."""
    fill(local_store, picture, 3)
    first, second, third = (sample.id for sample in find_samples(local_store))
    set_state(local_store, [first], State.TO_DO)
    set_state(local_store, [second], State.IN_PROGRESS)
    set_state(local_store, [third], State.REJECTED)
    done = export(local_store, tmp_path / "out")
    told = ["not exported, as they are not done or approved: 1 to do, 1 in progress"]
    assert (done.samples, done.warnings) == (0, told)
    assert export(local_store, tmp_path / "out", states=[State.TO_DO, State.IN_PROGRESS]).warnings == []
    set_state(local_store, [add_sample(local_store, picture(9), name="bare").id], State.DONE)
    told = "not exported, as they have no alpha: 1 done or approved"
    assert told in export(local_store, tmp_path / "out").warnings


def test_licences_are_refused_or_warned_about(local_store, picture, tmp_path):
    fill(local_store, picture, 3)
    assert export(local_store, tmp_path / "free", use=Use.COMMERCIAL).warnings == []
    cases = [
        (Provenance(), "", (Use.RESEARCH, Use.COMMERCIAL), "has no licence"),
        (Provenance(licence="CC-BY-NC-4.0"), "", (Use.COMMERCIAL,), "non-commercial licence CC-BY-NC-4.0"),
        (Provenance(licence="CC0-1.0", person_visible=True), "", (Use.RESEARCH, Use.COMMERCIAL), "names no consent"),
        (Provenance(licence="CC0-1.0"), "LicenseRef-Adobe-NonCommercial", (Use.COMMERCIAL,), "alpha from gca with"),
        (Provenance(licence="CC0-1.0"), "CC0-1.0 AND LicenseRef-unknown", (Use.COMMERCIAL,), "nobody has stated"),
    ]
    for index, (provenance, weights_licence, refused_for, message) in enumerate(cases, 100):
        sample = add_sample(local_store, picture(index), name="new", provenance=provenance).id
        effort = Effort(model="gca", weights_licence=weights_licence)
        save_revision(local_store, sample, work_of(index, (48, 64)), parent=0, effort=effort)
        set_state(local_store, [sample], State.DONE)
        for use in Use:
            if use in refused_for:
                with pytest.raises(LicenceError, match=message):
                    export(local_store, tmp_path / "out", use=use)
                assert not (tmp_path / "out").exists()
                done = export(local_store, tmp_path / f"{index}{use}", use=use, leave_out=True)
                assert (done.samples, done.warnings) == (
                    3,
                    [f"left out, as they may not be exported for {use} use: 1"],
                )
            else:
                assert any(
                    message in text for text in export(local_store, tmp_path / f"{index}{use}", use=use).warnings
                )
        set_state(local_store, [sample], State.REJECTED)


@pytest.mark.parametrize(
    ("expression", "canonical", "is_restricted"),
    [
        ("cc-by-4.0", "CC-BY-4.0", False),
        ("CC-BY-NC-SA-4.0", "CC-BY-NC-SA-4.0", True),
        ("MIT OR CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", False),
        ("MIT AND CC-BY-NC-4.0", "MIT AND CC-BY-NC-4.0", True),
        ("(MIT OR Apache-2.0) AND CC-BY-NC-4.0", "(MIT OR Apache-2.0) AND CC-BY-NC-4.0", True),
        ("mit and (cc-by-nc-4.0 or gpl-3.0-only)", "MIT AND (CC-BY-NC-4.0 OR GPL-3.0-only)", False),
        ("MIT OR (Apache-2.0 AND CC-BY-NC-4.0)", "MIT OR (Apache-2.0 AND CC-BY-NC-4.0)", False),
        ("CC-BY-NC-4.0 OR (MIT AND Aladdin)", "CC-BY-NC-4.0 OR (MIT AND Aladdin)", True),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0 AND MIT",
            "GPL-2.0-only WITH Classpath-exception-2.0 AND MIT",
            False,
        ),
        ("NCSA", "NCSA", False),
        ("", "", False),
    ],
)
def test_licence_expressions(expression, canonical, is_restricted):
    assert check_licence(expression) == canonical
    assert is_non_commercial(canonical) == is_restricted


@pytest.mark.parametrize(
    "text", ["non-commercial (Adobe's data)", "MIT AND (CC-BY-NC-4.0", "for research only", "NC AND"]
)
def test_what_is_no_expression_forbids_by_any_word(text):
    assert is_non_commercial(text)


def test_a_licence_that_is_none_is_named():
    with pytest.raises(ValueError, match="SPDX expression"):
        check_licence("do what you like")


def test_export_equals_the_snapshot_while_others_write(filled, tmp_path, monkeypatch):
    """Saves that come in during an export are not in it."""
    quiet = export(filled, tmp_path / "quiet")
    samples = find_samples(filled, Filter())

    def save_meanwhile(done, total):
        if done % 10 == 0:
            sample = samples[done % len(samples)]
            parent = find_samples(filled, Filter(ids=[sample.id]))[0].current
            save_revision(filled, sample.id, work_of(done, (sample.height, sample.width)), parent=parent)

    export(filled, tmp_path / "busy", on_progress=save_meanwhile)
    assert contents(tmp_path / "busy") == contents(tmp_path / "quiet")
    assert export(filled, tmp_path / "busy").written > 0
    assert quiet.samples == 30


def test_the_manifest_lists_everything_but_itself(filled, tmp_path):
    export(filled, tmp_path / "out", layout="modnet")
    listed = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["files"]
    assert set(listed) == set(contents(tmp_path / "out")) - {"manifest.json"}
    assert Path(tmp_path / "out" / "train.txt").is_file()


def test_a_teams_store_exports_the_same_bytes(store, picture, tmp_path):
    """PostgreSQL and S3 against a folder: same samples, same export, byte for byte; and it imports again."""
    fill(store, picture, 8)
    alone = open_store(tmp_path / "alone")
    fill(alone, picture, 8)
    export(store, tmp_path / "team", layout="modnet")
    export(alone, tmp_path / "one", layout="modnet")
    team, one = contents(tmp_path / "team"), contents(tmp_path / "one")
    dated = {"provenance.jsonl", "CHECKSUMS.sha256", "manifest.json"}  # the two were not saved in the same second
    assert {path: team[path] for path in team.keys() - dated} == {path: one[path] for path in one.keys() - dated}
    again = import_path(store, tmp_path / "one")
    assert (again.new, len(again.samples), again.problems) == (0, 8, [])


def test_an_export_as_a_zip(filled, tmp_path):
    """The same bytes each time, nothing but the export in it, and it imports again."""
    export(filled, tmp_path / "out")
    (tmp_path / "out" / "stray").write_text("mine")
    for name in ("a.zip", "b.zip"):
        assert pack(tmp_path / "out", tmp_path / name) == (tmp_path / name).stat().st_size
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        packed = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "out" / "stray").unlink()
    assert packed == {f"out/{path}": content for path, content in contents(tmp_path / "out").items()}
    again = import_path(filled, tmp_path / "a.zip")
    assert (len(again.samples), again.new, again.problems) == (30, 0, [])


def test_what_cannot_be_packed_is_named(filled, tmp_path):
    export(filled, tmp_path / "out")
    with pytest.raises(StoreError, match=r"more than the 1e-05 GB of a download; copy the folder .*out from"):
        pack(tmp_path / "out", tmp_path / "a.zip", longest=10_000)
    with pytest.raises(StoreError, match="nowhere is not an export"):
        pack(tmp_path / "nowhere", tmp_path / "a.zip")
    next((tmp_path / "out" / "data").rglob("*.png")).unlink()
    with pytest.raises(StoreError, match=r"could not pack the export .* No such file"):
        pack(tmp_path / "out", tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
