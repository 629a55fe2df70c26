"""What an alpha came from travels into the revision, and what an open photo is based on survives a restart.

All of it through the handlers of the page; expected weights are those of the files on the disk.
"""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from functools import partial

import gradio as gr
import numpy as np
import pytest

from annotation.correction import finishing
from annotation.correction.finishing import take_sample
from annotation.correction.whole_picture import label
from annotation.labelling.automatic_labels import prelabel
from annotation.store import (
    add_sample,
    get_revision,
    get_sample,
    list_revisions,
    open_store,
    restore,
    save_revision,
    set_provenance,
)
from annotation.store.revisions import RevisionContent
from annotation.store.samples import Provenance
from annotation.strokes.stroke import Stroke
from annotation.studio import Studio
from annotation.transfer.licences import Use, judge
from annotation.ui.correct.open_in_correct import take_over
from annotation.ui.correct.steps import saver, taker
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import AS_FOUND, ask_subject, find_subject, set_edges
from matting import load_model
from matting.models import MODELS
from matting.models.mobile_sam import Point
from matting.weights import find_weights
from matting.weights.credit import Answer, Credit
from tests.annotation.editor.app import picture
from tests.annotation.store.older import to_schema_2

SECRET = "the secret of my browser"
NC = Credit("gca", "a" * 64, "LicenseRef-non-commercial-Adobe-data")


def opened(draft):
    return {"work": draft, "secret": SECRET}


def studio_of(folder):
    """The studio of that folder as a program just started opens it."""
    return Studio.open(folder).workspace


def begin(folder, number=0, **told):
    image, alpha, trimap = picture(60, 80)
    image = image.copy()
    image[0, 0] = number
    return studio_of(folder).begin(image, trimap, name="photo", alpha=alpha, **told)


def sha_of(name):
    return hashlib.sha256(find_weights(name).read_bytes()).hexdigest()


def saved(folder, number=1):
    return get_revision(open_store(folder), number)


def models(revision):
    return [one["model"] for one in json.loads(revision.answers)]


@pytest.mark.parametrize("solver", [name for name, model in MODELS.items() if model.needs_trimap and not model.weights])
def test_a_solver_has_no_weights(tmp_path, solver):
    saver(studio_of(tmp_path))(opened(begin(tmp_path)), solver)
    revision = saved(tmp_path)
    assert (revision.model, revision.weights, revision.weights_licence) == (solver, "", "")
    assert [one["seconds"] > 0 for one in json.loads(revision.answers)] == [True]


@pytest.mark.parametrize(
    ("solver", "answers"), [("gca-studio", "gca-studio"), ("studio", "studio"), ("auto", "studio")]
)
def test_the_weights_that_finished_are_recorded(tmp_path, solver, answers):
    saver(studio_of(tmp_path))(opened(begin(tmp_path)), solver)
    revision = saved(tmp_path)
    assert (revision.model, revision.weights) == (answers, sha_of(answers))
    assert revision.weights_licence == {"gca-studio": "Apache-2.0", "studio": "CC-BY-SA-4.0"}[answers]


def test_gca_placed_by_hand_is_known_by_its_own_bytes_and_refused(tmp_path, monkeypatch):
    """The file has no SHA-256 to go by beforehand: what lies there is what answered."""
    placed = tmp_path / "weights" / "gca-dist-all-data.pth"
    placed.parent.mkdir()
    placed.write_bytes(b"some weights")
    monkeypatch.setattr("matting.weights.folders.FOLDER", placed.parent)

    class Stand(MODELS["gca"]):
        def __init__(self):
            """No network: only who answers is asked here."""

        def estimate(self, image, trimap):
            return np.full(image.shape[:2], 0.5, np.float32)

    monkeypatch.setattr(finishing, "solve_apart", lambda name, *given: Stand().answer(*given))
    saver(studio_of(tmp_path / "data"))(opened(begin(tmp_path / "data")), "gca")
    store = open_store(tmp_path / "data")
    set_provenance(store, [1], Provenance(licence="CC0-1.0"))
    revision = get_revision(store, 1)
    assert (revision.model, revision.weights) == ("gca", hashlib.sha256(b"some weights").hexdigest())
    assert "alpha from gca with the non-commercial" in judge(get_sample(store, 1), revision, Use.COMMERCIAL).refused


def test_what_begun_non_commercially_and_was_finished_by_another_stays_so(tmp_path):
    saver(studio_of(tmp_path))(opened(begin(tmp_path, answers=[NC])), "shared")
    store = open_store(tmp_path)
    set_provenance(store, [1], Provenance(licence="CC0-1.0"))
    for again in range(3):
        revision = get_revision(store, 1)
        assert (revision.model, revision.weights_licence, models(revision)) == ("shared", NC.licence, ["gca", "shared"])
        assert judge(get_sample(store, 1), revision, Use.COMMERCIAL).refused
        if again == 0:
            restore(store, 1, 1)
        else:
            saver(studio_of(tmp_path))(opened(take_sample(studio_of(tmp_path), 1)), "shared")


@pytest.mark.parametrize(("edges", "expected"), [(AS_FOUND, []), ("knn-unknown", ["knn-unknown"])])
def test_from_cut_out_over_correct_into_the_dataset(tmp_path, edges, expected):
    """`auto` takes one of two models: that one is recorded, whichever it is."""
    image, _, _ = picture(60, 80)
    job = Job.begin("photo", image)
    chosen = load_model("auto").choose(image).model
    ask_subject(job, "auto")
    find_subject(job, "auto")
    list(set_edges(job, 4, 4, edges, "Transparent", "#000000", None, False))
    saver(studio_of(tmp_path))(opened(taker(studio_of(tmp_path))(job)[0]["work"]), "shared")
    revision = saved(tmp_path)
    assert models(revision) == [chosen, *expected, "shared"]
    assert json.loads(revision.answers)[0]["weights"] == sha_of(chosen)
    assert revision.weights_licence == "Apache-2.0"
    job.end()


def test_a_frame_handed_over_says_who_gave_its_alpha(tmp_path):
    image, alpha, _ = picture(60, 80)
    saver(studio_of(tmp_path))(opened(take_over(studio_of(tmp_path), image, Answer(alpha, NC), name="frame")), "shared")
    assert models(saved(tmp_path)) == ["gca", "shared"]


def test_clicks_are_recorded_with_their_weights(tmp_path):
    workspace = studio_of(tmp_path)
    draft = begin(tmp_path)
    open_draft = workspace.open(draft, SECRET)
    workspace.start_over(open_draft, open_draft.session.automatic.copy(), "click", "tab", click=Point(10, 10, True))
    saver(studio_of(tmp_path))(opened(draft), "shared")
    assert models(saved(tmp_path)) == ["mobile-sam", "shared"]
    workspace.paint(open_draft, Stroke("undone", "undo", target="click"), "tab")
    saver(studio_of(tmp_path))(opened(draft), "shared")
    assert models(saved(tmp_path)) == ["shared"]


@pytest.mark.parametrize("sure", [True, False])
def test_automatic_labelling_records_the_model_that_answered(tmp_path, monkeypatch, sure):
    auto, image = load_model("auto"), picture(60, 80)[0]
    monkeypatch.setattr("matting.models.auto.model.look", lambda alpha: (0.5, 0.0 if sure else 1.0))
    store = open_store(tmp_path)
    add_sample(store, image, name="photo")
    assert prelabel(store, partial(label, auto)) == 1
    name = "modnet" if sure else "mobile-sam"
    assert (get_revision(store, 1).model, get_revision(store, 1).weights) == (name, sha_of(name))


def test_a_stale_save_is_told_after_a_restart_too(tmp_path):
    saver(studio_of(tmp_path))(opened(begin(tmp_path)), "shared")
    mine = opened(take_sample(studio_of(tmp_path), 1))
    save_revision(open_store(tmp_path), 1, RevisionContent(scribbles=b"theirs"), parent=1)
    with pytest.raises(gr.Error, match="saved revision 2 after revision 1, on which yours is based"):
        saver(studio_of(tmp_path))(mine, "shared")
    assert "revision 4" in saver(studio_of(tmp_path))(mine, "shared")[0]
    assert "revision 5" in saver(studio_of(tmp_path))(mine, "shared")[0]
    assert [revision.parent for revision in list_revisions(open_store(tmp_path), 1)] == [0, 1, 1, 2, 4]


def test_two_who_cut_out_the_same_photo_hear_of_each_other(tmp_path):
    ann, bo = opened(begin(tmp_path)), opened(begin(tmp_path))
    assert "revision 1" in saver(studio_of(tmp_path))(ann, "shared")[0]
    with pytest.raises(gr.Error, match="saved revision 1 after revision 0"):
        saver(studio_of(tmp_path))(bo, "shared")
    assert "revision 3" in saver(studio_of(tmp_path))(opened(begin(tmp_path)), "shared")[0]


def test_a_draft_from_before_is_honest_that_nobody_noted_its_base(tmp_path):
    folder = tmp_path / "old"
    saver(studio_of(folder))(opened(begin(folder)), "shared")
    draft, fresh = opened(take_sample(studio_of(folder), 1)), opened(begin(folder, 9))
    to_schema_2(folder / "dataset.db")
    with closing(sqlite3.connect(folder / "dataset.db")) as connection:  # as saving from Correct recorded it then
        connection.execute("UPDATE revisions SET weights = '', weights_licence = '', model = 'gca' WHERE number = 1")
        connection.commit()
    assert saved(folder).weights_licence == NC.licence
    assert (folder / "dataset.db.before-upgrade-of-0002").is_file()
    with pytest.raises(gr.Error, match=r"does not know its base revision, .* sample 1 has revision 1"):
        saver(studio_of(folder))(draft, "shared")
    assert get_sample(open_store(folder), 1).current == 1
    assert "revision 3" in saver(studio_of(folder))(draft, "shared")[0]
    assert "[sample 2](#dataset/2), revision 1" in saver(studio_of(folder))(fresh, "shared")[0]
    shutil.rmtree(folder)
