"""The steps of the Cut-out tab without a browser: what becomes of edges nobody waits for any more."""

from threading import Event

import gradio as gr
import numpy as np
import pytest

from annotation.correction.full_size import FullSize
from annotation.ui.cut_out import compare
from annotation.ui.cut_out import steps as cut_out_steps
from annotation.ui.cut_out.downloads import write
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.one_by_one import choices, number_of, taken
from annotation.ui.cut_out.steps import (
    AS_FOUND,
    ask_edges,
    ask_subject,
    change_photo,
    find_subject,
    set_edges,
    show_result,
)
from annotation.ui.errors import UNEXPECTED, keeps_error, shows_errors
from matting.arrays import UNKNOWN
from matting.files import read_alpha, write_image
from matting.metrics.comparing import Entry
from matting.models.auto.model import Choice
from matting.models.base import answer
from matting.solving.box import Box
from matting.solving.partial_results import Piece, show
from matting.solving.region_by_region import solve_regions
from matting.trimap import Widths, make_trimap
from matting.weights.credit import Answer, Credit

PLAIN = ("Transparent", "#000000", None, False)


@pytest.fixture
def job():
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    job = Job.begin("photo", image)
    subject = np.zeros((64, 96), np.float32)
    subject[16:48, 24:72] = 1
    job.keep("subject", subject)
    yield job
    job.end()


def solver_that(monkeypatch, happening):
    """A solver of two boxes, put in place of every model; `happening()` after the first."""

    def solve(image, trimap):
        boxes = [Box(0, 0, 64, 48), Box(0, 48, 64, 96)]

        def one(box):
            assert not done
            done.append(box)
            happening()
            return np.full(box.size, 0.25)

        done: list[Box] = []
        return solve_regions(trimap, one, boxes, margin=0)

    monkeypatch.setattr(cut_out_steps, "solve_apart", lambda name, *given: answer(solve, *given, name=name))


@pytest.mark.parametrize(
    "newer", [lambda job: ask_edges(job, 5, 5, "any"), lambda job: job.end()], ids=["a control", "a photo"]
)
def test_what_is_newer_ends_edges_still_being_worked_out(newer, job, monkeypatch):
    """`solver_that` fails if it is asked for its second box."""
    ask_edges(job, 4, 4, "any")
    before, job_size = {file.name for file in job.folder.iterdir()}, job.image.shape
    solver_that(monkeypatch, lambda: newer(job))
    *drawn, last = set_edges(job, 4, 4, "any", *PLAIN)  # nothing is drawn if all ended before the first was due
    assert all(one[0].shape == job_size for one in drawn) and last == (gr.skip(),) * 4
    if job.folder.exists():
        assert {file.name for file in job.folder.iterdir()} == before


def test_what_is_transparent_in_the_photo_stays_transparent(tmp_path, monkeypatch):
    """In the subject and in edges worked out anew, both of which see white there."""
    colours = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    opacity = np.full((64, 96), 255, np.uint8)
    opacity[:, :40] = 0
    write_image(tmp_path / "cut.png", np.dstack([colours, opacity]))
    whole = Choice(np.ones((64, 96), np.float32), (Credit("any"),), "")
    monkeypatch.setattr(cut_out_steps, "subject_apart", lambda *_: whole)
    monkeypatch.setattr(cut_out_steps, "solve_apart", lambda *_: Answer(whole.alpha, Credit("any")))
    job, *_ = change_photo(None, str(tmp_path / "cut.png"), "auto")
    find_subject(job, "auto")
    assert np.array_equal(job.subject, opacity / 255)
    list(set_edges(job, 9, 9, "any", *PLAIN))
    assert np.array_equal(job.alpha, opacity / 255)
    job.end()


def test_edges_nobody_changed_are_kept(job, monkeypatch):
    quarter = Answer(np.full((64, 96), 0.25, np.float32), Credit("studio", seconds=2.04))
    monkeypatch.setattr(cut_out_steps, "solve_apart", lambda name, image, trimap: quarter)
    job.credit([Credit("modnet", seconds=0.4)])
    *_, (_, words, line, _) = set_edges(job, 4, 4, "any", *PLAIN)
    assert f"{np.mean(job.trimap == UNKNOWN):.1%}" in words and (job.alpha == 0.25).all()
    assert line == "**MODNet** 0.4 s · edges: **Studio** 2.0 s · 96 × 64"  # every model that took part, with its time


def test_the_line_names_every_model_that_was_asked_with_its_time(job, monkeypatch):
    asked = (Credit("modnet", seconds=0.42), Credit("u2netp", seconds=0.19), Credit("mobile-sam", seconds=2.31))
    choice = Choice(job.subject, asked, "the thing that both point at")
    monkeypatch.setattr(cut_out_steps, "subject_apart", lambda name, image: choice)
    line, *_ = cut_out_steps.find_subject(job, "auto")
    assert line == (
        "**MobileSAM** 2.3 s, the thing that both point at (asked, too: MODNet 0.4 s, U²-NetP 0.2 s). "
        "Not what you meant? Click on it in the photo. · 96 × 64"
    )


def test_what_is_solved_so_far_is_shown(job, monkeypatch):
    """The solver ends only once the result with its first box has been drawn."""
    drawn = Event()

    def solve(name, image, trimap):
        show(Piece(Box(0, 0, 64, 48), np.full((64, 48), 0.25, np.float32)))
        assert drawn.wait(20)
        return Answer(np.full((64, 96), 0.25, np.float32), Credit(name))

    monkeypatch.setattr(cut_out_steps, "solve_apart", solve)
    monkeypatch.setattr(cut_out_steps, "READY", Event())  # then the colours are the photo's own
    steps = set_edges(job, 4, 4, "any", "Colour", "#ffffff", None, False)
    image, result = next(given[3] for given in steps if isinstance(given[3], tuple))  # before it only the trimap
    drawn.set()
    unknown = make_trimap(job.subject, Widths(4, 4)) == UNKNOWN
    apart = np.abs(result.astype(float) - (0.25 * image + 0.75 * 255)).max(axis=2)
    assert apart[:, :48][unknown[:, :48]].max() < 2 and np.median(apart[:, 48:][unknown[:, 48:]]) > 20
    assert "unknown" in list(steps)[-1][1] and (job.alpha[unknown] == 0.25).all()


def test_edges_that_fail_leave_the_line_and_the_result_as_they_were(job, monkeypatch):
    def solve(name, image, trimap):
        show(Piece(Box(0, 0, 64, 96), np.zeros((64, 96), np.float32)))
        raise ValueError("too dark")

    monkeypatch.setattr(cut_out_steps, "solve_apart", solve)
    job.credit([Credit("modnet", seconds=0.4)])
    job.keep("alpha", np.full((64, 96), 0.75, np.float32))
    before, given = show_result(job, *PLAIN), []
    with pytest.raises(gr.Error, match=r"Too dark\."):
        for values in set_edges(job, 4, 4, "any", *PLAIN):
            given.append(values)
    *_, line, result = given[-1]
    assert line == "**MODNet** 0.4 s · 96 × 64" and np.array_equal(result[1], before[1])


def test_a_step_in_several_parts_is_told_like_one():
    @shows_errors
    def parts():
        yield 1, 2
        raise ValueError("too dark")

    steps = keeps_error(parts, 2)()
    assert next(steps)[:2] == (1, 2)
    assert next(steps)[2].value == "⚠️ Too dark."
    with pytest.raises(gr.Error):
        next(steps)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("too dark"), "Too dark."),
        (ValueError("a.png is damaged"), "a.png is damaged."),
        (ZeroDivisionError("bug"), UNEXPECTED),
    ],
)
def test_a_step_that_fails_leaves_a_sentence_and_ends_the_chain(error, words):
    @shows_errors
    def fail():
        raise error

    steps = keeps_error(fail, 2)()
    *others, line = next(steps)
    assert others == [gr.skip()] * 2
    assert (line.value, line.visible) == (f"⚠️ {words}", True)
    with pytest.raises(type(error) if words == UNEXPECTED else gr.Error):
        next(steps)


def test_a_step_that_succeeds_empties_the_line():
    (((one, line),), ((_, two, _),)) = (list(keeps_error(lambda: 7, 1)()), list(keeps_error(lambda: (1, 2), 2)()))
    assert (one, line.visible, two) == (7, False, 2)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "exports/gca"), "No such file or directory: exports/gca"),
        (OSError(28, "No space left on device"), "No space left on device."),
        (ValueError("draw a stroke first"), "Draw a stroke first."),
        (OSError("a sentence"), "A sentence."),
    ],
)
def test_every_error_is_told_as_what_it_is(error, words):
    def fail():
        raise error

    with pytest.raises(gr.Error) as raised:
        shows_errors(fail)()
    assert raised.value.message == words


def test_only_a_photo_that_is_gone_is_told_as_gone(job):
    job.end()
    for use in (lambda: job.image, lambda: job.keep("alpha", np.zeros((2, 2)))):
        with pytest.raises(gr.Error) as raised:
            shows_errors(use)()
        assert raised.value.message == "This photo is no longer open here; drop it again."


def found_two(monkeypatch):
    """Two discs are found in every photo of 64 × 96, whatever model is asked; their alphas."""
    y, x = np.mgrid[:64, :96]
    discs = [(np.hypot(y - 32, x - middle) <= 20).astype(np.float32) for middle in (28, 66)]
    credit = Credit("things:cup", "abc", "Apache-2.0", 1.5)
    both = Choice(np.maximum(*discs), (credit,), "", things=tuple(discs))
    monkeypatch.setattr(cut_out_steps, "subject_apart", lambda model, image: both)
    return discs


def chosen(job, monkeypatch, how):
    """(the line, the list of choices, the trimap) after `how` was chosen and its edges were worked out."""
    monkeypatch.setattr(cut_out_steps, "solve_apart", lambda name, image, trimap: Answer(trimap / 255, Credit(name)))
    ask_subject(job, how)
    line, _, _, which = find_subject(job, how)
    ask_edges(job, 4, 4, "any")
    list(set_edges(job, 4, 4, "any", *PLAIN))
    return line, which, job.trimap


def test_several_things_are_one_subject_or_each_its_own(job, monkeypatch):
    discs = found_two(monkeypatch)
    line, which, trimap = chosen(job, monkeypatch, "things:cup")
    assert "**every cup** 1.5 s, 2 of them" in line
    assert which.visible and which.value == "things:cup"
    assert which.choices == [("All", "things:cup"), ("Cup 1", "things:cup#1"), ("Cup 2", "things:cup#2")]
    assert np.array_equal(trimap, make_trimap(np.maximum(*discs), Widths(4, 4)))
    assert number_of(job) == 0
    monkeypatch.setattr(cut_out_steps, "subject_apart", None)  # nothing is looked for again
    for number, (own, other) in enumerate((discs, discs[::-1]), 1):
        line, which, trimap = chosen(job, monkeypatch, f"things:cup#{number}")
        assert f"number {number} of 2, from the left" in line and which.value == f"things:cup#{number}"
        assert np.array_equal(job.subject, own) and number_of(job) == number
        assert (trimap[make_trimap(other, Widths(4, 4)) == 255] == 0).all()
        assert not (trimap[make_trimap(own, Widths(4, 4)) == 255] < 255).any()
        file = write(job, FullSize(job.image, job.alpha, job.trimap), ("alpha",))
        assert file.name == f"photo-{number}_alpha.png" and read_alpha(file)[other > own].max() < 0.51
    again = Job.again(job.name)  # by its address
    assert choices(again).value == "things:cup#2" and number_of(again) == 2
    again.end()
    assert np.array_equal(chosen(job, monkeypatch, "things:cup")[2], make_trimap(np.maximum(*discs), Widths(4, 4)))


def test_nothing_is_offered_one_by_one_but_what_was_found(job, monkeypatch):
    found_two(monkeypatch)
    chosen(job, monkeypatch, "things:cup")
    assert all(taken(job, how) is None for how in ("things:cup#3", "things:cup#0", "things:cup#x", "things:dog#1"))
    other = Choice(job.subject, (Credit("modnet"),), "for a reason")
    monkeypatch.setattr(cut_out_steps, "subject_apart", lambda model, image: other)
    assert not chosen(job, monkeypatch, "auto")[1].visible and number_of(job) == 0


def test_compared_edges_are_taken_for_the_subject_that_is_there(job, monkeypatch):
    found_two(monkeypatch)
    for how in ("things:cup", "things:cup#2"):
        chosen(job, monkeypatch, how)
    done = (Entry("modnet"), Entry("auto", "shared"))
    press = [gr.SelectData(None, {"index": index, "value": None}) for index in range(2)]
    assert compare.taken(job, done, 4, 4, press[1]) == (gr.skip(), "shared")
    assert job.wanted("subject") == "things:cup#2" and job.wanted("edges").endswith("shared")
    assert compare.taken(job, done, 4, 4, press[0]) == ("modnet", AS_FOUND)
    assert job.wanted("subject") == "modnet"
