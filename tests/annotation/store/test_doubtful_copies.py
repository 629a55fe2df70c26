"""Pictures that may be copies: in one split until a person decides, and every place that asks."""

import itertools
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from annotation.__main__ import app
from annotation.store import Split, StoreError, add_sample, get_sample, list_doubts, settle_doubt
from annotation.store import samples as samples_module
from annotation.store.appearances import Appearances
from annotation.transfer.importing import import_path
from annotation.ui.dataset.doubtful_copies import answer, ask
from annotation.ui.dataset.importing import bring_in
from matting.files import write_image
from matting.files.likeness import Appearance, appearance_of

HASHES = itertools.count(1)


def changed(own_hash, bits):
    """The hash with that many of its bits otherwise."""
    return own_hash ^ ((1 << bits) - 1)


@pytest.fixture
def add(store, picture, monkeypatch):
    """A function: adds a picture that looks so, or like no other."""

    def add(name, appearance=None, group="", into=store):
        number = next(HASHES)
        appearance = appearance or appearance_of(picture(number))
        monkeypatch.setattr(samples_module, "appearance_of", lambda _: appearance)
        return add_sample(into, picture(number), name=name, group=group), appearance

    return add


def in_split(add, split, **options):
    """A sample of that split, and how it looks."""
    return next(found for found in (add(f"in {split}", **options) for _ in range(200)) if found[0].split == split)


def near(appearance, bits=8):
    return Appearance((changed(appearance.hashes[0], bits),))


def beyond(appearance):
    """A sure copy of what is `near` another, and none of that."""
    return Appearance((appearance.hashes[0] ^ (0b11111 << 40),))


@pytest.mark.parametrize("split", [Split.TRAIN, Split.VALIDATION, Split.TEST])
def test_what_may_be_a_copy_is_in_its_twins_split_and_asked_about(store, add, split):
    twin, appearance = in_split(add, split)
    sample, _ = add("perhaps", near(appearance))
    assert sample.split == split and sample.group != twin.group
    (doubt,) = list_doubts(store)
    assert (doubt.sample.id, doubt.twin.id) == (sample.id, twin.id)
    assert f"perhaps (sample {sample.id}) may be a copy of in {split} (sample {twin.id}): both are in {split}" in str(
        doubt
    )


@pytest.mark.parametrize(("bits", "doubts"), [(6, 0), (7, 1), (10, 1), (12, 0)])
def test_only_what_is_neither_sure_nor_far_is_asked_about(store, add, bits, doubts):
    _, appearance = add("one")
    add("other", near(appearance, bits))
    assert len(list_doubts(store)) == doubts


def test_frames_of_one_group_are_not_asked_about(store, add):
    _, appearance = add("one", group="a film")
    add("other", near(appearance), group="a film")
    assert list_doubts(store) == []


def test_between_two_splits_it_is_in_none_until_it_is_a_copy_of_neither(store, add):
    (first, appearance), (second, _) = in_split(add, Split.TRAIN), in_split(add, Split.TEST)
    running = replace(store, appearances=Appearances())
    sample, seen = add("member", near(appearance), group=second.group, into=running)
    assert sample.split == Split.NONE
    settle_doubt(store, first.id, sample.id, is_same=False)
    assert get_sample(store, sample.id).split == Split.TEST
    assert list_doubts(store) == []
    assert add("a copy", beyond(seen), into=running)[0].split == Split.TEST


def test_a_copy_joins_the_group_and_later_ones_too_in_every_process(store, add):
    twin, appearance = add("twin")
    running = replace(store, appearances=Appearances())
    sample, seen = add("sample", near(appearance), into=running)
    settle_doubt(store, sample.id, twin.id, is_same=True)
    assert get_sample(store, sample.id).group == twin.group
    assert add("a copy", beyond(seen), into=running)[0].group == twin.group


def test_two_pictures_keep_their_split(store, add):
    twin, appearance = in_split(add, Split.TEST)
    sample, _ = add("other", near(appearance))
    settle_doubt(store, sample.id, twin.id, is_same=False)
    assert get_sample(store, sample.id).split == Split.TEST and list_doubts(store) == []
    with pytest.raises(StoreError, match=r"wanted two samples that .* lists, got 1 and 1"):
        settle_doubt(store, 1, 1, is_same=True)


@pytest.fixture
def folder(tmp_path, picture, monkeypatch):
    """Two photos, of which the one may be a copy of the other."""
    appearances = {}
    for number in (1, 2):
        write_image(tmp_path / "in" / f"photo {number}.png", picture(number))
        appearances[picture(number).tobytes()] = Appearance((changed(12345678901234567, 8 * (number - 1)),))
    monkeypatch.setattr(samples_module, "appearance_of", lambda image: appearances[image.tobytes()])
    return tmp_path / "in"


def test_the_command_reports_lists_and_decides(folder, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(app, [*map(str, arguments), "--data", str(tmp_path / "data")])

    said = run("import", folder)
    assert said.exit_code == 0 and "photo 2 (sample 2) may be a copy of photo 1 (sample 1)" in said.stderr
    assert "photo 2 (sample 2) may be a copy of photo 1" in run("copies").stdout
    for wrong in (("--same",), (1, 2), (1, "--same"), (1, 2, 3, "--different"), (1, 3, "--same")):
        refused = run("copies", *wrong)
        assert refused.exit_code == 1 and refused.stderr.startswith("wanted two samples")
    assert run("copies", 1, 2, "--different").exit_code == 0
    assert run("copies").stdout == ""


def test_the_tab_reports_and_asks(local_store, folder):
    files = [str(path) for path in sorted(folder.iterdir())]
    words, *_ = bring_in(local_store, files)
    assert "Photo 2 (sample 2) may be a copy of photo 1 (sample 1)" in words
    asked, words, pictures, _ = ask(local_store)
    assert asked == [2, 1] and words.startswith("1 question.")
    assert pictures.visible
    assert answer(local_store, True, asked)[:2] == ([], "No two pictures look like copies of each other.")
    assert get_sample(local_store, 1).group == get_sample(local_store, 2).group


def test_samples_added_again_are_not_reported_again(local_store, folder):
    assert len(import_path(local_store, folder).doubtful) == 1
    assert import_path(local_store, folder).doubtful == []
