"""The Correct tab's handlers without a server: taking a photo over, downloading, saving as a sample."""

import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import skimage.data
from PIL import Image

from annotation.correction import finishing
from annotation.correction.finishing import finish
from annotation.correction.whole_picture import solve_apart
from annotation.store import State, add_sample, count_samples, get_revision, get_sample
from annotation.strokes.stroke import Stroke, from_bytes
from annotation.studio import Studio
from annotation.ui.correct.steps import Then, maker, opener, saver, taker
from annotation.ui.cut_out.downloads import unheard
from annotation.ui.cut_out.job import Job
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
def workspace(tmp_path):
    return Studio.open(tmp_path).workspace


@pytest.fixture
def value(job, workspace):
    """What the editor's value is once a browser has opened the photo, with one stroke painted."""
    draft = taker(workspace)(job)[0]["work"]
    stroke = Stroke("a", "brush", "foreground", 4, ((10, 10), (20, 12)), time=1000)
    workspace.paint(workspace.open(draft, SECRET), stroke, "tab")
    return {"work": draft, "secret": SECRET}


def test_the_photo_arrives_as_it_was(job, value, workspace):
    session = workspace.open(value["work"], SECRET).session
    assert np.array_equal(session.image, job.image)
    assert np.array_equal(session.automatic, job.trimap)


def test_a_photo_without_a_subject_starts_all_unknown(job, workspace):
    job.keep("trimap", np.zeros_like(job.trimap))
    draft = taker(workspace)(job)[0]["work"]
    assert (workspace.open(draft, SECRET).session.trimap == UNKNOWN).all()


def test_saving_keeps_trimap_alpha_and_every_stroke(value, workspace):
    assert "[sample 1](#dataset/1), revision 1" in saver(workspace)(value, "shared")[0]
    store, session = workspace.drafts.store, workspace.open(value["work"], SECRET).session
    assert count_samples(store) == 1
    revision = get_revision(store, 1, 1)
    assert from_bytes(store.files.get(revision.scribbles)) == session.strokes
    assert revision.strokes == 1
    assert revision.unknown == pytest.approx(session.unknown_share)
    assert "revision 2" in saver(workspace)(value, "shared")[0]


def test_an_undone_stroke_is_none(value, workspace):
    draft = workspace.open(value["work"], SECRET)
    for stroke in (
        Stroke("b", "brush", "background", 4, ((10, 20),), time=2000),
        Stroke("c", "undo", target="b", time=3000),
    ):
        workspace.paint(draft, stroke, "tab")
    saver(workspace)(value, "shared")
    assert get_revision(workspace.drafts.store, 1, 1).strokes == 1


def test_saving_can_approve_or_go_on_to_the_next(value, workspace, picture):
    store = workspace.drafts.store
    assert "approved" in saver(workspace, Then.APPROVE)(value, "shared")[0]
    assert get_sample(store, 1).state == State.APPROVED
    assert "No sample after it" in saver(workspace, Then.NEXT)(value, "shared")[0]
    assert get_sample(store, 1).state == State.DONE
    add_sample(store, picture(1), name="next")
    _, opened = saver(workspace, Then.NEXT)(value, "shared")
    assert workspace.open(opened["work"], SECRET).stored.name == "next"


def test_a_file_opens_by_itself(workspace, tmp_path):
    path = tmp_path / "cup.jpg"
    Image.fromarray(skimage.data.coffee()).resize((150, 100)).save(path)
    value, left = opener(workspace)(str(path))
    draft = workspace.open(value["work"], SECRET)
    assert left is None and draft.stored.name == "cup"
    assert draft.session.image.shape == (100, 150, 3)
    assert draft.stored.answers  # what found the subject is on record
    with pytest.raises(gr.Error, match="not a picture"):
        (tmp_path / "bad.jpg").write_bytes(b"no picture")
        opener(workspace)(str(tmp_path / "bad.jpg"))


def test_the_download_holds_every_part(value, workspace):
    path, made, words = maker(workspace, "All as ZIP")(value, "shared", None)
    assert Path(path).name in words
    with zipfile.ZipFile(Path(path)) as archive:
        assert {"photo_cutout.png", "photo_alpha.png", "photo_trimap.png"} <= set(archive.namelist())
    made.end()


def test_a_picture_is_finished_once_and_again_after_a_stroke_or_with_another_solver(value, workspace, monkeypatch):
    solved = []

    def solve(name, image, trimap):
        solved.append(name)
        return solve_apart(name, image, trimap)

    monkeypatch.setattr(finishing, "solve_apart", solve)
    draft = workspace.open(value["work"], SECRET)
    for solver in ("shared", "shared", "knn"):
        result = finish(draft, solver, unheard)
        assert np.array_equal(result.alpha, load_model(solver)(draft.session.image, result.trimap))
    assert solved == ["shared", "knn"]
    before = result.trimap
    workspace.paint(draft, Stroke("b", "brush", "background", 9, ((40, 30), (40, 36)), time=2000), "tab")
    result = finish(draft, "knn", unheard)
    assert not np.array_equal(result.trimap, before)
    assert np.array_equal(result.alpha, load_model("knn")(draft.session.image, result.trimap))
    assert solved == ["shared", "knn", "knn"]


@pytest.mark.parametrize("claim", [None, {}, {"work": "x"}, "text", {"secret": "the secret of another browser"}])
def test_nothing_is_given_to_who_cannot_prove_the_work_is_theirs(value, workspace, claim):
    if isinstance(claim, dict) and "secret" in claim:
        claim = {**value, **claim}
    with pytest.raises(gr.Error):
        saver(workspace)(claim, "shared")
    with pytest.raises(gr.Error):
        maker(workspace, "Alpha")(claim, "shared", None)
