"""Tags are words of a sample: given and taken away, found again, counted, and carried along everywhere."""

import json

import pytest

from annotation.store import (
    Filter,
    Provenance,
    StoreError,
    add_sample,
    add_tags,
    count_tags,
    delete,
    find_samples,
    get_sample,
    open_store,
    remove_tags,
    set_provenance,
    tidy_tags,
)
from annotation.transfer.exporting import export
from annotation.transfer.importing import ImportOptions, import_path
from tests.annotation.store.samples import fill


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hair", "hair"),
        ("Hair,  glass\thair,wet-look", "glass hair wet-look"),
        ("#wet #Hair ,, #", "hair wet"),
        ("HA\u0308RTE h\u00e4rte", "h\u00e4rte"),
        ("猫 тень", "тень 猫"),
        ("a\0b \u200b", "ab"),
        ("  ", ""),
    ],
)
def test_tags_are_words_in_one_order(typed, kept):
    assert tidy_tags(typed) == kept == tidy_tags(kept)


def test_tags_are_added_taken_away_and_found(store, picture):
    one, two, three = (add_sample(store, picture(index), name=f"hairy {index}").id for index in range(3))
    add_tags(store, [one, two], "hair, Glass")
    add_tags(store, [two, three], "hairbrush 50%")
    remove_tags(store, [one, three], "glass nothing")
    assert [get_sample(store, number).tags for number in (one, two, three)] == [
        "hair", "50% glass hair hairbrush", "50% hairbrush",
    ]  # fmt: skip

    def found(text):
        return [sample.id for sample in find_samples(store, Filter(text=text))]

    assert found("tag:hair") == found("TAG:Hair") == [one, two]
    assert found("tag:hairbrush tag:glass") == [two]
    assert found("tag:5") == found("tag:ha_r") == found("tag:%") == []
    assert found("tag:50%") == found("brush") == [two, three]
    assert found("tag:hair hairy 1") == found("hairy 1 tag:hair") == [two]
    assert found("tag:") == found("hairy") == [one, two, three]
    assert count_tags(store) == {"50%": 2, "hair": 2, "hairbrush": 2, "glass": 1}
    delete(store, [three])
    assert count_tags(store)["50%"] == 1
    with pytest.raises(StoreError, match="no sample 99"):
        add_tags(store, [one, 99], "wet")
    assert get_sample(store, one).tags == "hair"  # all or nothing


@pytest.mark.parametrize("layout", ["imagefolder", "webdataset", "birefnet"])  # each keeps records in its own way
def test_tags_travel_with_every_export_and_come_back(local_store, picture, tmp_path, layout):
    fill(local_store, picture, 1)
    set_provenance(local_store, [1], Provenance(licence="CC0-1.0", consent="signed", tags="glass hair"))
    export(local_store, tmp_path / "out", layout=layout)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["samples"][0]["tags"] == "glass hair"
    other = open_store(tmp_path / "other")
    options = ImportOptions(layout=layout, provenance=Provenance(tags="wet hair"))
    (number,) = import_path(other, tmp_path / "out", options).samples
    assert get_sample(other, number).tags == "glass hair wet"
    other.close()
