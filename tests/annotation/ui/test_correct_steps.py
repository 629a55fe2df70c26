"""The Correct tab's handlers without a server: taking a photo over, downloading, saving as a sample."""

import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from annotation.correction.finishing import solve_apart
from annotation.store import count_samples, get_revision
from annotation.strokes.stroke import Stroke, from_bytes
from annotation.ui.correct import steps as correct_steps
from annotation.ui.correct.steps import desk_of, maker, result_of, saver, taker
from annotation.ui.job import Job
from matting import load_model
from matting.arrays import UNKNOWN
from tests.annotation.editor.app import picture

SECRET = "the secret of my browser"


@pytest.fixture
def job():
    image, alpha, trimap = picture(60, 80)
    job = Job.begin("photo", image)
    job.keep("trimap", trimap)
    job.keep("alpha", alpha)
    yield job
    job.end()


@pytest.fixture
def value(job, tmp_path):
    """What the editor's value is once a browser has opened the photo, with one stroke painted."""
    work = taker(tmp_path)(job)[0]["work"]
    desk = desk_of(tmp_path)
    stroke = Stroke("a", "brush", "foreground", 4, ((10, 10), (20, 12)), time=1000)
    desk.paint(desk.open(work, SECRET), stroke, "tab")
    return {"work": work, "secret": SECRET}


def test_the_photo_arrives_as_it_was(job, value, tmp_path):
    session = desk_of(tmp_path).open(value["work"], SECRET).session
    assert np.array_equal(session.image, job.image)
    assert np.array_equal(session.automatic, job.trimap)


def test_a_photo_without_a_subject_starts_all_unknown(job, tmp_path):
    job.keep("trimap", np.zeros_like(job.trimap))
    work = taker(tmp_path)(job)[0]["work"]
    assert (desk_of(tmp_path).open(work, SECRET).session.trimap == UNKNOWN).all()


def test_saving_keeps_trimap_alpha_and_every_stroke(value, tmp_path):
    assert "sample 1, revision 1" in saver(tmp_path)(value, "shared")
    store, session = desk_of(tmp_path).works.store, desk_of(tmp_path).open(value["work"], SECRET).session
    assert count_samples(store) == 1
    revision = get_revision(store, 1, 1)
    assert from_bytes(store.files.get(revision.scribbles)) == session.strokes
    assert revision.strokes == 1
    assert revision.unknown == pytest.approx(session.unknown_share)
    assert "sample 1, revision 2" in saver(tmp_path)(value, "shared")


def test_the_download_holds_every_part(value, tmp_path):
    path, made, words = maker(tmp_path, "All as ZIP")(value, "shared", None)
    assert Path(path).name in words
    with zipfile.ZipFile(Path(path)) as archive:
        assert {"photo_cutout.png", "photo_alpha.png", "photo_trimap.png"} <= set(archive.namelist())
    made.end()


def test_a_picture_is_finished_once_and_again_after_a_stroke_or_with_another_solver(value, tmp_path, monkeypatch):
    solved = []

    def solve(name, image, trimap):
        solved.append(name)
        return solve_apart(name, image, trimap)

    monkeypatch.setattr(correct_steps, "solve_apart", solve)
    desk = desk_of(tmp_path)
    work = desk.open(value["work"], SECRET)
    for solver in ("shared", "shared", "knn"):
        trimap, alpha, _ = result_of(work, solver)
        assert np.array_equal(alpha, load_model(solver)(work.session.image, trimap))
    assert solved == ["shared", "knn"]
    before = trimap
    desk.paint(work, Stroke("b", "brush", "background", 9, ((40, 30), (40, 36)), time=2000), "tab")
    trimap, alpha, _ = result_of(work, "knn")
    assert not np.array_equal(trimap, before)
    assert np.array_equal(alpha, load_model("knn")(work.session.image, trimap))
    assert solved == ["shared", "knn", "knn"]


@pytest.mark.parametrize("claim", [None, {}, {"work": "x"}, "text", {"secret": "the secret of another browser"}])
def test_nothing_is_given_to_who_cannot_prove_the_work_is_theirs(value, tmp_path, claim):
    if isinstance(claim, dict) and "secret" in claim:
        claim = {**value, **claim}
    with pytest.raises(gr.Error):
        saver(tmp_path)(claim, "shared")
    with pytest.raises(gr.Error):
        maker(tmp_path, "Alpha")(claim, "shared", None)
