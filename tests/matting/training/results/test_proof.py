"""Better or worse: intervals against closed forms, the choice between old and new, and what is said of it."""

import itertools
import math

import numpy as np
import pytest
import torch

from matting.metrics import evaluate
from matting.training.crops import Picture
from matting.training.results.interpolation import MEASURED, Tried, between, can_be_mixed, choose, try_out
from matting.training.results.intervals import FEWEST, interval_of_mean, pictures_wanted
from matting.training.results.proof import MEASURES, Change, Proof, prove
from matting.training.results.proof_page import proof_page
from tests.matting.training.tiny import TINY, Tiny


def test_the_interval_of_three_is_that_of_all_27_draws():
    """Three values give 27 equally likely draws; the percentiles of their means are known exactly."""
    values = [-1.0, 0.5, 4.0]
    means = np.sort([np.mean(draw) for draw in itertools.product(values, repeat=3)])
    low, high = interval_of_mean(values)  # 2.5 % lies inside of the first of 27, 97.5 % inside of the last
    assert (low, high) == pytest.approx((means[0], means[-1]))


def test_the_interval_of_many_is_the_normal_one():
    values = np.random.default_rng(1).normal(-0.3, 1, 400)
    half = 1.96 * values.std() / math.sqrt(400)
    assert interval_of_mean(values) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.12 * half)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Of means of 30 that are 0 in truth: 95 % in theory, a little less for a percentile bootstrap."""
    rng = np.random.default_rng(0)
    held = [low <= 0 <= high for low, high in (interval_of_mean(rng.normal(0, 1, 30)) for _ in range(120))]
    assert 0.88 <= np.mean(held) <= 0.99


def test_few_pictures_prove_nothing():
    assert interval_of_mean([-1.0]) == (-math.inf, math.inf)
    assert not Change.of([2.0] * 5, [1.0] * 5).is_sure
    assert Change.of([2.0] * 6, [1.0] * 6).is_sure
    assert "at least 5 more" in Change.of([2.0], [1.0]).words
    assert Change.of([2.0], [1.0]).numbers["low"] is None


def test_as_many_pictures_as_are_said_to_be_wanted_settle_it():
    rng = np.random.default_rng(3)
    few = rng.normal(-1, 6, 8)
    wanted = pictures_wanted(few)
    assert wanted == math.ceil((1.96 * few.std(ddof=1) / few.mean()) ** 2) > FEWEST
    scaled = (few - few.mean()) / few.std(ddof=1)
    many = np.resize(scaled, 2 * wanted) * few.std(ddof=1) + few.mean()
    assert not interval_of_mean(many)[0] <= 0 <= interval_of_mean(many)[1]


def nothing(_):
    """The judge of no pictures."""


def tried(*numbers):
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    return [Tried(share, *scores, *[None] * (3 - len(scores))) for share, scores in zip(shares, numbers, strict=True)]


@pytest.mark.parametrize(
    ("numbers", "share"),
    [
        ([(10, 5), (8, 5.05), (6, 5.09), (5, 5.5), (4, 9)], 0.5),  # the best that forgets no more than 2 %
        ([(10, 5), (11, 4), (12, 3), (13, 2), (14, 1)], 0.0),  # what gets worse is never taken
        ([(10, 5), (10, 5), (10, 5), (10, 5), (10, 5)], 0.0),
        ([(10, None), (9, None), (8, None), (7, None), (8, None)], 0.75),
        ([(None, 5), (None, 5.05), (None, 5.2), (None, 5.3), (None, 6)], 0.25),
        ([(10, 5, 5), (9, 4, 5.05), (8, 3, 5.2), (7, 2, 5.3), (6, 1, 6)], 0.25),  # what photographs lost counts as well
    ],
)
def test_the_choice(numbers, share):
    assert choose(tried(*numbers)).share == share


def test_between_two_networks():
    torch.manual_seed(0)
    old, new = (Tiny().state_dict() for _ in range(2))
    for share in (0.125, 0.5, 0.9):
        for name, value in between(old, new, share).items():
            is_new, change = value != old[name], (new[name] - old[name]).abs()
            assert torch.equal(value[is_new], new[name][is_new])
            if name.endswith("weight") and change.any():
                assert is_new.sum() == max(1, round(share * value.numel()))
                assert change[is_new].min() > change[~is_new].max()
    for share, wanted in ((0.0, old), (1.0, new)):
        assert all(torch.equal(value, wanted[name]) for name, value in between(old, new, share).items())
    assert can_be_mixed(old, new)


@pytest.mark.parametrize("most", [0.03, 0.2, 0.4, 0.99, 1.0])
@pytest.mark.parametrize("best", [0.5, 2.0])
@pytest.mark.parametrize("kind", ["rehearsal", "photographs"])
def test_the_share_is_the_largest_part_of_32_that_forgets_little_or_half_of_it(most, best, kind):
    """Of a model that forgets 2 % of a kind at the share `most`, and is best at `best` times that share."""
    (old, new), seen = ({"weight": torch.tensor([value])} for value in (0.0, 1.0)), []
    largest = max(number / 32 for number in range(33) if number / 32 <= most)

    def rehearsal(share):
        seen.append(share)
        return 1 + 0.02 * (seen[-1] / most) ** 2

    judges = (rehearsal, lambda _: 1.0) if kind == "rehearsal" else (lambda _: 1.0, rehearsal)
    tried = try_out(old, new, lambda share: abs(share - best * largest), *judges)
    assert choose(tried).share == min(1, best) * largest
    assert [one.share for one in tried] == sorted({one.share for one in tried}) and tried[0].share == 0
    assert len(seen) <= MEASURED


@pytest.mark.parametrize("forgotten", [0.01, 0.03])
def test_statistics_of_norms_are_never_mixed(forgotten):
    old, new = Tiny().state_dict(), Tiny().state_dict()
    new["norm.running_mean"] = new["norm.running_mean"] + 1
    tried = try_out(old, new, lambda _: 1.0, lambda share: 1 + forgotten * share, nothing)
    assert [one.share for one in tried] == [0.0, 1.0]
    assert (tried[1].validation is None) == (forgotten > 0.02)


def test_what_is_no_number_is_not_tried():
    old, new = Tiny().state_dict(), Tiny().state_dict()
    new["last.weight"] = new["last.weight"] * float("nan")
    assert [one.share for one in try_out(old, new, lambda _: 1.0, nothing, nothing)] == [0.0]


def pictures(count):
    rng = np.random.default_rng(0)
    for _ in range(count):
        image = rng.integers(0, 255, (40, 50, 3)).astype(np.uint8)
        trimap = rng.choice(np.array([0, 128, 255], np.uint8), (40, 50))
        yield Picture(image, trimap, rng.random((40, 50), np.float32))


def test_a_proof_measures_each_picture_before_and_after():
    torch.manual_seed(1)
    before, after, test = Tiny(), Tiny(), list(pictures(7))
    proof = prove(before, after, TINY, test)
    from matting.training.results.measure import infer

    for name in MEASURES:
        scores = [
            [evaluate(infer(network, TINY, one), one.alpha, one.trimap)[name] for one in test]
            for network in (before.eval(), after.eval())
        ]
        change = proof.test[name]
        assert (change.before, change.after) == pytest.approx(tuple(np.mean(scores, axis=1)))
        assert (change.low, change.high) == interval_of_mean(np.subtract(scores[1], scores[0]))
    assert proof.forgotten is None and len(proof.shown) == 6
    page = proof_page(proof, "a <b> name")
    assert page.count("data:image/jpeg") == 24 and "a &lt;b&gt; name" in page
    assert all(line in page for line in proof.sentences)


def test_the_same_weights_are_no_change():
    network = Tiny()
    proof = prove(network, network, TINY, list(pictures(6)))
    assert {(change.low, change.high) for change in proof.test.values()} == {(0, 0)}
    assert not any(change.is_sure for change in proof.test.values())


@pytest.mark.parametrize(("after", "words"), [(0.36, "it became 20.0 % worse"), (0.303, "as good as before")])
def test_what_photographs_lost_is_said_in_words(after, words):
    proof = Proof({}, None, Change.of([0.3] * 6, [after] * 6))
    (line,) = [line for line in proof.sentences if line.startswith("photographs of other subjects")]
    assert words in line
    assert line in proof_page(proof, "name").replace("&#x27;", "'")
    assert proof.numbers["photographs"]["after"] == pytest.approx(after)


def test_without_test_pictures_it_says_so():
    assert "nothing is proven; at least 6" in Proof({}, None).sentences[0]
