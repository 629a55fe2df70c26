"""The steps of the Cut-out tab without a browser: what becomes of edges nobody waits for any more."""

import gradio as gr
import numpy as np
import pytest

from annotation.ui.cut_out import steps as cut_out_steps
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import ask, set_edges
from annotation.ui.errors import UNEXPECTED, lasting, told
from matting.arrays import UNKNOWN
from matting.models.base import answer
from matting.models.credit import Answer, Credit
from matting.solving.regions import Box, solve_regions


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


@pytest.mark.parametrize("newer", [lambda job: ask(job), lambda job: job.end()], ids=["a control", "a photo"])
def test_what_is_newer_ends_edges_still_being_worked_out(newer, job, monkeypatch):
    """`solver_that` fails if it is asked for its second box."""
    before = {file.name for file in job.folder.iterdir()}
    solver_that(monkeypatch, lambda: newer(job))
    assert set_edges(job, 4, 4, "any") == (gr.skip(), gr.skip(), gr.skip())
    if job.folder.exists():
        assert {file.name for file in job.folder.iterdir()} == before


def test_edges_nobody_changed_are_kept(job, monkeypatch):
    quarter = Answer(np.full((64, 96), 0.25, np.float32), Credit("studio", seconds=2.04))
    monkeypatch.setattr(cut_out_steps, "solve_apart", lambda name, image, trimap: quarter)
    job.credit([Credit("modnet", seconds=0.4)])
    _, words, line = set_edges(job, 4, 4, "any")
    assert f"{np.mean(job.trimap == UNKNOWN):.1%}" in words and (job.alpha == 0.25).all()
    assert line == "**MODNet** 0.4 s · edges: **Studio** 2.0 s · 96 × 64"  # every model that took part, with its time


@pytest.mark.parametrize(
    ("error", "words"), [(ValueError("too dark"), "too dark"), (ZeroDivisionError("bug"), UNEXPECTED)]
)
def test_a_step_that_fails_leaves_a_sentence_and_ends_the_chain(error, words):
    @told
    def fail():
        raise error

    steps = lasting(fail, 2)()
    *others, line = next(steps)
    assert others == [gr.skip()] * 2
    assert (line.value, line.visible) == (f"⚠️ {words}", True)
    with pytest.raises(type(error) if words == UNEXPECTED else gr.Error):
        next(steps)


def test_a_step_that_succeeds_empties_the_line():
    (((one, line),), ((_, two, _),)) = (list(lasting(lambda: 7, 1)()), list(lasting(lambda: (1, 2), 2)()))
    assert (one, line.visible, two) == (7, False, 2)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "exports/gca"), "No such file or directory: exports/gca"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ValueError("draw a stroke first"), "draw a stroke first"),
        (OSError("a sentence"), "a sentence"),
    ],
)
def test_every_error_is_told_as_what_it_is(error, words):
    def fail():
        raise error

    with pytest.raises(gr.Error) as raised:
        told(fail)()
    assert raised.value.message == words


def test_only_a_photo_that_is_gone_is_told_as_gone(job):
    job.end()
    for use in (lambda: job.image, lambda: job.keep("alpha", np.zeros((2, 2)))):
        with pytest.raises(gr.Error) as raised:
            told(use)()
        assert raised.value.message == "This photo is no longer open here; drop it again."
