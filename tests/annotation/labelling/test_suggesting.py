"""What to correct next: the choice against its definition, what is looked at, and what the tags then say."""

import itertools

import numpy as np
import pytest

from annotation.labelling import suggesting
from annotation.labelling.suggesting import choose, disagreement, look_of, suggest
from annotation.store import (
    Filter,
    RevisionContent,
    Split,
    State,
    add_sample,
    add_tags,
    find_samples,
    get_sample,
    save_revision,
    set_state,
)
from annotation.ui.dataset.steps import Query
from annotation.ui.dataset.suggestions import AGREED, show
from benchmarks.generated.photo import hair_photo
from matting.arrays import BACKGROUND, UNKNOWN


def test_without_anything_known_the_choice_is_by_disagreement_and_then_by_distance_too():
    rng = np.random.default_rng(0)
    looks = {number: rng.random(192).astype(np.float32) for number in range(7)}
    looks[6] = looks[0] + 1e-3  # a copy of the most doubtful one
    doubts = {0: 5.0, 1: 0.5, 2: 1.0, 3: 0.2, 4: 2.0, 5: 0.0, 6: 4.9}
    assert choose(doubts, looks, [], 1) == [0]
    chosen = choose(doubts, looks, [], 7)
    assert chosen[0] == 0 and 5 not in chosen and chosen[-1] == 6
    for place, sample in enumerate(chosen[1:], 1):  # each is the best by the definition, given those before it
        gain = {other: doubts[other] * min(np.linalg.norm(looks[other] - looks[one]) for one in chosen[:place])
                for other in looks if other not in chosen[:place]}  # fmt: skip
        assert gain[sample] == max(gain.values())
    assert choose(doubts, looks, [looks[0]], 1) != [0]


def test_disagreement_is_that_of_the_two_answers_where_something_is_unknown(monkeypatch):
    monkeypatch.setattr(suggesting, "COMMITTEE", ("closed-form", "knn-unknown"))  # the real ones take longer to load
    photo = hair_photo(96, 128, seed=2)
    one, other = (suggesting.load_model(name)(photo.image, photo.trimap) for name in suggesting.COMMITTEE)
    unknown = photo.trimap == UNKNOWN
    wanted = sum(abs(float(a) - float(b)) for a, b in zip(one[unknown], other[unknown], strict=True)) / 1000
    assert disagreement(photo.image, photo.trimap) == pytest.approx(wanted, rel=1e-4) and wanted > 0
    assert disagreement(photo.image, np.where(photo.trimap == 255, UNKNOWN, photo.trimap)) == 0
    assert disagreement(photo.image, np.full_like(photo.trimap, BACKGROUND)) == 0


def test_the_look_is_near_for_near_colours_whatever_the_size(picture):
    image = picture(1, (96, 128))
    same, other = picture(1), picture(2)
    assert np.linalg.norm(look_of(image) - look_of(same)) < 0.2 * np.linalg.norm(look_of(image) - look_of(other))


@pytest.fixture
def dataset(local_store, picture, monkeypatch):
    """Thirty samples; every third is done, the rest to do; two of the latter have a trimap. Reds are doubtful."""
    for number in range(30):
        sample = add_sample(local_store, picture(number), name=str(number)).id
        if number % 3 == 0 or number in (1, 2):
            content = RevisionContent(np.full((48, 64), UNKNOWN, np.uint8))
            save_revision(local_store, sample, content, parent=0, keeps_state=True)
        if number % 3 == 0:
            set_state(local_store, [sample], State.DONE)
    add_tags(local_store, [1, 4], "suggested hair")
    looked_at = []

    def doubt(_, image, trimap):
        looked_at.append(trimap is not None)
        return float(image[..., 0].mean())

    monkeypatch.setattr(suggesting, "apart", doubt)
    return local_store, looked_at


def tagged(store):
    return [sample.id for sample in find_samples(store, Filter(text="tag:suggested"))]


def test_photos_to_do_of_the_training_split_are_suggested_and_no_others(dataset):
    store, looked_at = dataset
    allowed = [one.id for one in find_samples(store, Filter(states=[State.TO_DO], splits=[Split.TRAIN]))]
    steps = []
    found = suggest(store, 4, lambda *step: steps.append(step))
    assert len(found) == 4 and set(found) <= set(allowed) and sorted(found) == tagged(store)
    assert steps == [(done, len(allowed)) for done in range(len(allowed) + 1)]
    assert sum(looked_at) == sum(get_sample(store, number).current > 0 for number in allowed)
    assert get_sample(store, 1).tags.split()[0] == "hair"
    assert len(suggest(store, 500)) == len(allowed)


def test_who_cancels_keeps_the_suggestions_there_were(dataset):
    store, _ = dataset
    with pytest.raises(InterruptedError):
        suggest(store, 4, lambda done, _: (_ for _ in ()).throw(InterruptedError) if done > 2 else None)
    assert tagged(store) == [1, 4]


def test_of_many_photos_some_are_looked_at_always_the_same(monkeypatch):
    monkeypatch.setattr(suggesting, "MOST", 5)
    drawn = [suggesting._drawn(list(range(40))) for _ in range(2)]
    assert drawn[0] == drawn[1] and len(set(drawn[0])) == 5
    assert list(itertools.pairwise(drawn[0])) == list(itertools.pairwise(sorted(drawn[0])))


def test_the_fold_searches_for_what_it_suggested(dataset, monkeypatch):
    store, _ = dataset
    words, *filters = show(store, 2)
    assert words.startswith("**2 samples** suggested")
    text, states, splits, assignee, is_deleted = filters  # whatever was chosen there before
    shown = find_samples(store, Query(text, tuple(states), tuple(splits), assignee, is_deleted).filter())
    assert [one.id for one in shown] == tagged(store)
    monkeypatch.setattr(suggesting, "apart", lambda *_: 0.0)
    assert show(store, 2)[0] == AGREED
