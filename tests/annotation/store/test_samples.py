"""Pictures become samples once, in one split for ever, and are found again."""

import io
import os
from dataclasses import replace
from pathlib import Path

import imagehash
import numpy as np
import pytest
import skimage
import sqlalchemy
from PIL import Image

from annotation.store import (
    Filter,
    Provenance,
    RevisionContent,
    Split,
    State,
    StoreError,
    add_sample,
    assign,
    collect_garbage,
    count_samples,
    count_states,
    delete,
    find_samples,
    get_sample,
    next_sample,
    open_store,
    previous_sample,
    save_revision,
    set_provenance,
    set_state,
    undelete,
    verify,
    writing,
)
from annotation.store.appearances import Appearances, split_of_group
from annotation.store.samples import NewSample, add_prepared, plain_png
from annotation.store.tables.samples import Landmarks, Sample
from annotation.transfer.importing import import_images
from matting.files import encode_image, read_image
from matting.files.likeness import Appearance, perceptual_hashes


def test_the_same_pixels_are_one_sample(store, picture):
    first = add_sample(store, picture(1), name="photo")
    assert add_sample(store, picture(1), name="other name").id == first.id
    delete(store, [first.id])
    assert find_samples(store) == []
    assert add_sample(store, picture(1), name="again").id == first.id
    assert [sample.id for sample in find_samples(store)] == [first.id]


def test_delete_is_undone(store, picture):
    number = add_sample(store, picture(1), name="photo").id
    delete(store, [number])
    assert [sample.id for sample in find_samples(store, Filter(is_deleted=True))] == [number]
    undelete(store, [number])
    assert [sample.id for sample in find_samples(store)] == [number]
    with pytest.raises(StoreError, match="no sample 5"):
        delete(store, [number, 5])
    assert count_samples(store) == 1


def test_filters_states_and_the_queue(store, picture):
    numbers = [add_sample(store, picture(index), name=f"cat_{index} 100%").id for index in range(6)]
    set_state(store, numbers[:2], State.DONE)
    set_state(store, numbers[:1], State.APPROVED, reviewer="Bo")
    assign(store, numbers[3:], "Ann")
    set_provenance(store, [numbers[5]], Provenance(author="Zoë", licence="CC-BY-4.0", person_visible=True))

    def found(chosen):
        return [sample.id for sample in find_samples(store, chosen)]

    assert found(Filter(states=[State.TO_DO])) == numbers[2:]
    assert found(Filter(assignee="Ann")) == numbers[3:]
    assert found(Filter(text="CAT_3")) == [numbers[3]]
    assert found(Filter(text="_3 100%")) == [numbers[3]]
    assert found(Filter(text="zoë")) == [numbers[5]]
    assert found(Filter(text="%_%")) == []
    assert found(Filter(text=str(numbers[4]), ids=[numbers[4]])) == [numbers[4]]
    assert next_sample(store, numbers[0], Filter(states=[State.TO_DO])).id == numbers[2]
    assert previous_sample(store, numbers[2], Filter(states=[State.DONE])).id == numbers[1]
    assert next_sample(store, numbers[5]) is None
    assert get_sample(store, numbers[0]).reviewer == "Bo"
    assert count_states(store) == {
        State.OFFERED: 0,
        State.TO_DO: 4,
        State.IN_PROGRESS: 0,
        State.DONE: 1,
        State.APPROVED: 1,
        State.REJECTED: 0,
    }


def test_near_duplicates_share_group_and_split(store, picture):
    for index in range(20):
        image = picture(index, size=(96, 128))
        first = add_sample(store, image, name="a")
        brighter = np.clip(image.astype(int) + 3, 0, 255).astype(np.uint8)
        smaller = np.ascontiguousarray(image[::2, ::2])
        for other in (brighter, smaller):
            again = add_sample(store, other, name="b")
            assert again.id != first.id
            assert (again.group, again.split) == (first.group, first.split)
    assert len({sample.group for sample in find_samples(store)}) == 20


COPIES = {
    "mirrored": lambda image: image[:, ::-1],
    "upside down": lambda image: image[::-1],
    "turned left": np.rot90,
    "turned right": lambda image: np.rot90(image, 3),
    "turned and mirrored": lambda image: np.rot90(image)[:, ::-1],
    "cropped by 10 %": lambda image: cropped(image, 0.1),
    "cropped by 30 %": lambda image: cropped(image, 0.3),
    "cropped, smaller, brighter": lambda image: np.clip(cropped(image, 0.2)[::2, ::2] * 1.1 + 5, 0, 255),
    "mirrored and cropped": lambda image: cropped(image[:, ::-1], 0.2),
    "as a poor JPEG, turned": lambda image: read_image(io.BytesIO(encode_image(np.rot90(image).copy(), ".jpg"))),
}


def cropped(image, share):
    """The image without `share` of its width and of its height, more of it at one side."""
    height, width = image.shape[:2]
    top, left = int(height * share * 0.3), int(width * share * 0.7)
    return image[top : top + round(height * (1 - share)), left : left + round(width * (1 - share))]


def photos():
    """Different photographs, that packages bring along."""
    folder = Path(skimage.data.__file__).parent
    names = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png"]
    return {name: read_image(folder / name) for name in names if (folder / name).exists()}


def again(store):
    """The same dataset, opened anew."""
    return open_store(Path(store.engine.url.database).parent)


@pytest.mark.parametrize("copy", COPIES)
def test_copies_share_group_and_split(local_store, copy):
    """Also when they come later; and different photographs stay apart."""
    given = photos()
    assert len(given) >= 3
    originals = {name: add_sample(local_store, image, name=name) for name, image in given.items()}
    later = again(local_store)
    for name, image in given.items():
        changed = np.ascontiguousarray(COPIES[copy](image).astype(np.uint8))
        added = add_sample(later, changed, name="copy")
        assert added.id != originals[name].id
        assert (added.group, added.split) == (originals[name].group, originals[name].split)
    assert len({sample.group for sample in originals.values()}) == len(given)


def test_hashes_of_older_versions_stay_valid():
    """A picture's own hash is what imagehash gives for it, as it was stored from the beginning."""
    image = photos()["astronaut.png"][::2, ::2]
    own = imagehash.phash(Image.fromarray(image)).hash
    assert perceptual_hashes(image)[0] % 2**64 == int("".join(str(int(bit)) for bit in own.ravel()), 2)
    turned = perceptual_hashes(np.ascontiguousarray(np.rot90(image)))[0]
    assert min((turned ^ one).bit_count() for one in perceptual_hashes(image)[1:]) <= 2


def test_copies_within_one_import_share_a_split(local_store):
    """The picture they resemble has no row yet when they are looked at."""
    images = [one for image in photos().values() for one in (image, np.ascontiguousarray(cropped(image, 0.2)))]
    frames = ((str(number), image) for number, image in enumerate(images))
    numbers = import_images(local_store, frames, provenance=Provenance(), group="").samples
    groups = [get_sample(local_store, number).group for number in numbers]
    assert groups[::2] == groups[1::2]
    assert len(set(groups)) == len(groups) // 2


def test_a_logo_makes_no_copies(local_store):
    """Pictures with the same small mark in a corner are different pictures."""
    mark = np.random.default_rng(5).integers(0, 2, (48, 64, 1), np.uint8) * 255
    groups = set()
    for image in photos().values():
        marked = image.copy()
        marked[-60:-12, -80:-16] = mark
        groups.add(add_sample(local_store, marked, name="marked").group)
    assert len(groups) == len(photos())


def test_samples_of_an_older_version_are_known_too(local_store):
    """Their landmarks are made from the thumbnails; one whose thumbnail is lost keeps nothing from being added."""
    given = photos()
    originals = [add_sample(local_store, image, name=name) for name, image in given.items()]
    lost = add_sample(local_store, np.zeros((300, 300, 3), np.uint8), name="lost")
    with writing(local_store.engine) as session:
        session.execute(sqlalchemy.delete(Landmarks))
        session.execute(sqlalchemy.update(Sample).where(Sample.id == lost.id).values(thumbnail="0" * 64))
    later = again(local_store)
    for image, original in zip(given.values(), originals, strict=True):
        part = np.ascontiguousarray(cropped(image, 0.2)[:, ::-1])
        assert add_sample(later, part, name="part").group == original.group


def test_a_group_never_straddles(local_store, picture):
    """A picture near two splits, or of one group and near another's split, is in none."""
    by_split = {}
    for index in range(100):
        sample = add_sample(local_store, picture(index), name=str(index))
        by_split.setdefault(sample.split, (index, sample))
    assert set(by_split) == {Split.TRAIN, Split.VALIDATION, Split.TEST}
    index = by_split[Split.TEST][0]
    near_test = picture(index, size=(60, 80))
    bridge = add_sample(local_store, near_test, name="bridge", group=by_split[Split.TRAIN][1].group)
    assert bridge.split == Split.NONE
    movie = [add_sample(local_store, picture(1000 + frame), name="frame", group="movie") for frame in range(5)]
    assert {frame.split for frame in movie} == {split_of_group("movie")}


def test_growing_moves_nothing(local_store):
    """R20: 1,000 samples grow to 10,000, a tenth is deleted, all are added again in another order."""
    random = np.random.default_rng(0)
    hashes = random.integers(-(2**63), 2**63, 9000, dtype=np.int64)
    flips = [int(bits) for bits in 1 << random.integers(0, 62, (1000,))]
    hashes = [int(one) for one in hashes] + [int(hashes[index * 7]) ^ flip for index, flip in enumerate(flips)]
    unused = "0" * 64
    new = [
        NewSample(str(index), unused, unused, 4, 3, f"{index:064}", Appearance((one,)), "", provenance=Provenance())
        for index, one in enumerate(hashes)
    ]

    def add(store, chosen):
        with writing(store.engine) as session:
            add_prepared(store, session, chosen)
        return {sample.pixels: sample for sample in find_samples(store, limit=20_000)}

    before = add(local_store, new[:1000])
    grown = add(local_store, new)
    delete(local_store, [sample.id for sample in grown.values()][::10])
    after = add(replace(local_store, appearances=Appearances()), new[::-1])
    assert all(after[pixels].split == sample.split for pixels, sample in before.items())
    assert all(after[pixels].split == sample.split for pixels, sample in grown.items())
    twins = [(after[f"{index * 7:064}"], after[f"{9000 + index:064}"]) for index in range(1000)]
    assert all((one.group, one.split) == (other.group, other.split) for one, other in twins)


def test_splits_take_their_shares():
    counts = dict.fromkeys(Split, 0)
    for index in range(20_000):
        counts[split_of_group(str(index))] += 1
    assert counts[Split.TEST] == pytest.approx(2000, abs=150)  # 3.5 standard deviations
    assert counts[Split.VALIDATION] == pytest.approx(2000, abs=150)


def test_only_pixels_are_kept(local_store, picture):
    """A PNG of plain pixels is stored byte for byte; whatever says more (a position, a name) is written anew."""
    image = picture(1)
    plain = encode_image(image, ".png")
    sample = add_sample(local_store, image, name="plain", source=plain)
    assert local_store.files.get(sample.image) == plain

    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x013B] = "a person"
    Image.fromarray(picture(2)).save(buffer, "PNG", exif=exif)
    sample = add_sample(local_store, picture(2), name="telling", source=buffer.getvalue())
    kept = local_store.files.get(sample.image)
    assert b"a person" in buffer.getvalue()
    assert b"a person" not in kept
    np.testing.assert_array_equal(read_image(io.BytesIO(kept)), picture(2))


@pytest.mark.parametrize("cut", [0, 8, 20, 30, 60])
def test_a_cut_png_is_not_plain(picture, cut):
    content = encode_image(picture(1), ".png")
    assert plain_png(content) == (8, "RGB")
    assert plain_png(content[: len(content) - 1 - cut]) is None
    assert plain_png(content + b"PK") is None


def test_garbage_is_collected_only_when_old_and_nobodys(local_store, picture):
    sample = add_sample(local_store, picture(1), name="photo")
    save_revision(local_store, sample.id, RevisionContent(scribbles=b"kept"), parent=0)
    young, old = local_store.files.put(b"young"), local_store.files.put(b"old")
    left = local_store.files.path(old).with_name(".partial-left")
    left.write_bytes(b"half")
    for path in (*local_store.files.folder.glob("??/*"), left):
        if path.name != young:
            os.utime(path, (0, 0))
    assert collect_garbage(local_store, dry_run=True).names == [old]
    collected = collect_garbage(local_store)
    assert (collected.names, collected.partial) == ([old], 1)
    assert local_store.files.age(old) is None
    assert local_store.files.get(young) == b"young"
    assert list(verify(local_store)) == []


def test_nothing_in_use_is_collected(store, picture):
    """On both kinds of store, with no age to protect anything."""
    sample = add_sample(store, picture(1), name="photo")
    save_revision(store, sample.id, RevisionContent(scribbles=b"kept"), parent=0)
    delete(store, [sample.id])
    orphan = store.files.put(b"orphan")
    assert collect_garbage(store, older_than=-60).names == [orphan]
    assert store.files.age(orphan) is None
    assert list(verify(store)) == []


def test_verify_names_what_is_wrong(local_store, picture):
    sample = add_sample(local_store, picture(1), name="photo")
    revision = save_revision(local_store, sample.id, RevisionContent(scribbles=b"kept"), parent=0)
    local_store.files.path(revision.scribbles).write_bytes(b"kepd")
    local_store.files.remove(sample.image)
    faults = list(verify(local_store))
    assert len(faults) == 2
    assert any("damaged" in fault for fault in faults)
    assert any(sample.image in fault for fault in faults)
