"""What a solve shows before it is done: first a look at all of it, then pieces that together are the answer."""

import numpy as np
import pytest

from benchmarks.generated.photo import hair_photo
from matting.models import load_model
from matting.resize import resize
from matting.solving import bounded_memory
from matting.solving.bounded_memory import Needs, lacks_a_kind, solve_bounded
from matting.solving.box import Box
from matting.solving.partial_results import Piece, watched
from matting.solving.separate_process import apart

NEEDS = Needs(100, 1000, known_cost=1, margin=17, largest=8_000, at_once=2)


def noisy(image, trimap, box):
    """A solver that knows nothing, and says something else in every box."""
    return np.random.default_rng(box.top + 1000 * box.left).random(box.size, np.float32)


def pasted(pieces, photo, trimap):
    alpha = np.full(trimap.shape, np.nan, np.float32)
    for piece in pieces:
        alpha[piece.box.slices] = piece.enlarged(photo.image)
    return alpha


@pytest.mark.parametrize("shape", ["band", "corner far from all that is known"])
def test_pieces_together_are_the_answer_after_a_look_at_all_of_it(shape, monkeypatch):
    monkeypatch.setattr(bounded_memory, "FIRST_LOOK_PIXELS", 5000)
    photo = hair_photo(300, 400)
    trimap = photo.trimap.copy()
    if shape != "band":
        trimap[:, 300:] = 128
    pieces = []
    with watched(pieces.append):
        alpha = solve_bounded(photo.image, trimap, noisy, NEEDS)
    look = pieces[0]
    assert look.is_first_look and look.box.size == trimap.shape
    assert len(pieces) > 3 and not any(piece.is_first_look for piece in pieces[1:])
    assert np.array_equal(pasted(pieces, photo, trimap)[trimap == 128], alpha[trimap == 128])


def test_a_first_look_has_the_edges_of_the_photo():
    """Without the photo, strands thinner than a pixel of the small copy would be lost."""
    photo = hair_photo(600, 800)
    small = resize(photo.alpha, (150, 200))
    look = Piece(Box(0, 0, *photo.alpha.shape), small)
    shown, plain = look.enlarged(photo.image), resize(small, photo.alpha.shape)
    error, plain_error = (np.abs(each - photo.alpha)[photo.trimap == 128].mean() for each in (shown, plain))
    assert error < 0.6 * plain_error


def test_nobody_pays_for_a_look_that_nobody_wants(monkeypatch):
    monkeypatch.setattr(bounded_memory, "FIRST_LOOK_PIXELS", 5000)
    photo = hair_photo(300, 400)
    solved = []

    def solve(image, trimap, box):
        assert image is photo.image
        solved.append(box)
        return np.zeros(box.size, np.float32)

    solve_bounded(photo.image, photo.trimap, solve, NEEDS)
    assert solved


@pytest.mark.parametrize("thick", [1, 2, 3])
def test_a_thin_line_that_a_small_copy_loses_is_solved_all_the_same(thick, monkeypatch):
    monkeypatch.setattr(bounded_memory, "FIRST_LOOK_PIXELS", 500)
    image = np.zeros((400, 600, 3), np.uint8)
    trimap = np.repeat([0, 255], 200).astype(np.uint8)[:, None].repeat(600, axis=1)
    trimap[200 : 200 + thick] = 128
    pieces = []

    def solve(image, trimap, box):
        assert (trimap[box.slices] == 128).any() and not lacks_a_kind(trimap, box)
        return np.full(box.size, 0.25)

    with watched(pieces.append):
        alpha = solve_bounded(image, trimap, solve, NEEDS)
    assert (alpha[trimap == 128] == 0.25).all() and pieces


def test_who_watches_work_in_another_process_sees_it_as_it_comes():
    photo, pieces = hair_photo(300, 400), []
    with watched(pieces.append):
        alpha = apart(solved_noisily, photo.image, photo.trimap)
    assert len(pieces) > 1
    assert np.array_equal(pasted(pieces, photo, photo.trimap)[photo.trimap == 128], alpha[photo.trimap == 128])
    assert len(pieces) == len(NEEDS.boxes(photo.trimap))


def solved_noisily(image, trimap):
    return solve_bounded(image, trimap, noisy, NEEDS)


def test_of_a_median_nothing_is_shown_that_is_only_one_of_three():
    photo, pieces = hair_photo(120, 160), []
    with watched(pieces.append):
        load_model("median")(photo.image, photo.trimap)
    assert pieces == []
