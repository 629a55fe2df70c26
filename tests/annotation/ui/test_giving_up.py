"""Whatever a large photo needs ends when nobody waits for it any more, and is the same as in the app's own process."""

import threading
import time
import zipfile
from functools import partial
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from gradio.helpers import special_args

from annotation.correction import whole_picture
from annotation.correction.whole_picture import LARGE_PIXELS, content, find_subject
from annotation.labelling.automatic_labels import Prelabelling
from annotation.store import FACTS, State, add_sample, count_states, find_samples, get_sample, open_store, set_state
from annotation.store.revisions import RevisionContent, save_revision
from annotation.studio import Studio
from annotation.ui.cancelling import lose
from annotation.ui.correct.steps import saver
from annotation.ui.cut_out import steps
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import AS_FOUND, set_edges, show_result
from annotation.ui.dataset.import_and_export import USES, hand_out
from annotation.ui.dataset.importing import bring_in
from annotation.ui.errors import keeps_error
from matting.files import encode_image
from matting.solving.progress import reporting_to
from matting.trimap import Widths, make_trimap
from tests.annotation.correction.test_answers import begin, opened, studio_of
from tests.annotation.editor.app import picture

PAGE = SimpleNamespace(session_hash="a page")
PLAIN = ("Transparent", "#000000", None, False)
"""A background."""


@pytest.fixture
def job():
    """A photo that is just large, and a soft subject, but nothing worked out."""
    image, alpha, _ = picture(2000, LARGE_PIXELS // 2000 + 1)
    job = Job.begin("photo", image)
    job.keep("subject", alpha)
    yield job
    job.end()


def given_up(step, *inputs):
    """What `step` tells when the page that waits for it is lost, soon after its start."""
    told = []

    def run():
        try:
            told.append(list(step(*inputs, request=PAGE)))
        except gr.Error as error:
            told.append(error.message)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        lose(PAGE.session_hash)
        time.sleep(0.05)
    return told[0]


def test_a_page_that_is_lost_ends_the_search_for_a_subject(job):
    (job.folder / "subject.npy").unlink()
    assert given_up(steps.find_subject, job, "auto") == "Cancelled."
    assert job.lacks("subject")


def test_a_page_that_is_lost_ends_its_trimap(job):
    assert given_up(set_edges, job, 4, 4, AS_FOUND, *PLAIN) == "Cancelled."
    assert job.lacks("trimap") and job.lacks("alpha")


def test_a_save_given_up_while_its_files_are_made_leaves_nothing_in_the_dataset(tmp_path, monkeypatch):
    def files(*_):
        lose(PAGE.session_hash)
        return whole_picture.apart(time.sleep, 60)

    monkeypatch.setattr("annotation.correction.finishing.content_apart", files)
    value = opened(begin(tmp_path))
    with pytest.raises(gr.Error, match="Cancelled"):
        saver(studio_of(tmp_path))(value, "shared", request=PAGE)
    assert find_samples(open_store(tmp_path)) == []
    monkeypatch.undo()
    assert "revision 1" in saver(studio_of(tmp_path))(value, "shared", request=PAGE)[0]


def test_an_import_given_up_leaves_nothing_and_says_so(tmp_path):
    folder, store = tmp_path / "photos", open_store(tmp_path / "data")
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.png", encode_image(picture(60, 80 + number)[0], ".png"))
    progress = Given(lambda: lose(PAGE.session_hash))
    words, *_ = bring_in(store, [str(tmp_path / "photos.zip")], "", False, progress, PAGE)
    assert progress.shown == 1 and find_samples(store) == []
    assert "cancelled: nothing of photos.zip is imported" in words and "0 new samples" in words


def test_an_export_given_up_leaves_nothing(tmp_path):
    studio = Studio.open(tmp_path)
    for number in range(3):
        sample = add_sample(studio.store, picture(60, 80 + number)[0], name="photo")
        trimap = np.full((60, 80 + number), 255, np.uint8)
        save_revision(studio.store, sample.id, RevisionContent(trimap, trimap / np.float32(255)), parent=0)
        set_state(studio.store, [sample.id], State.APPROVED)
    progress = Given(lambda: lose(PAGE.session_hash))
    own, states = next(iter(USES)), "Approved"
    with pytest.raises(gr.Error, match="Cancelled"):
        hand_out(studio, "imagefolder", states, own, False, 8, progress, PAGE)
    assert progress.shown == 1 and not list((tmp_path / "exports").glob("*/*"))
    assert "3 samples" in hand_out(studio, "imagefolder", states, own, False, 8, Given(lambda: None), PAGE)[0]


class Given(gr.Progress):
    """A bar that does something when it first shows any."""

    def __init__(self, first):
        super().__init__()
        self.first, self.shown = first, 0

    def __call__(self, *_, **__):
        self.shown += 1
        if self.shown == 1:
            self.first()


def test_stop_ends_labelling_in_the_middle_of_a_large_photo(tmp_path):
    store = open_store(tmp_path)
    add_sample(store, picture(2000, LARGE_PIXELS // 2000 + 1)[0], name="large")
    labelling = Prelabelling()
    labelling.start(store, "auto")
    labelling.stop()
    labelling._thread.join()
    assert labelling.words == "Stopped: 0 labelled."
    assert get_sample(store, 1).current == 0 and count_states(store)[State.TO_DO] == 1


def test_a_new_photo_ends_the_search_in_the_one_before_and_its_chain_waits_for_its_own(job, monkeypatch):
    def look(*_):
        job.end()
        with reporting_to(lambda _: job.check_open()):
            return whole_picture.apart(time.sleep, 60)

    monkeypatch.setattr(steps, "subject_apart", look)
    assert steps.find_subject(job, "auto") == steps.NOTHING_NEW
    newer = Job.begin("newer", picture(60, 80)[0])
    assert list(set_edges(newer, 4, 4, AS_FOUND, *PLAIN)) == [(gr.skip(),) * 4]
    assert show_result(newer, "Transparent", "#000000", None, False) == gr.skip()
    newer.end()


def test_large_photos_are_answered_as_others_are(monkeypatch):
    image, alpha, trimap = picture(60, 80)
    wanted = find_subject("auto", image)
    kept = content(image, trimap, alpha)
    monkeypatch.setattr(whole_picture, "LARGE_PIXELS", 0)
    found = whole_picture.subject_apart("auto", image)
    assert (found.model, found.reason, found.credit.weights) == (wanted.model, wanted.reason, wanted.credit.weights)
    np.testing.assert_array_equal(found.alpha, wanted.alpha)
    widths = Widths(3, 5)
    np.testing.assert_array_equal(whole_picture.trimap_apart(alpha, widths), make_trimap(alpha, widths))
    labelled, credit = whole_picture.label_apart("auto", image)
    assert credit.model == wanted.model and set(labelled.parts) == {"trimap", "alpha", "foreground"}
    assert whole_picture.content_apart(image, trimap, alpha, b"[]").parts == {**kept.parts, "scribbles": b"[]"}


def test_steps_that_take_long_are_given_the_request_of_their_page(tmp_path):
    """Cancel finds by it what to end; where a step is bound to a store, Gradio must still see that it asks for it."""
    store = open_store(tmp_path)
    imports = special_args(keeps_error(partial(bring_in, store), 3), [None, "", False, *[""] * len(FACTS)], PAGE)[0]
    assert imports[4] is PAGE and imports[5:] == [""] * len(FACTS)
    exports = special_args(keeps_error(partial(hand_out, Studio.open(tmp_path)), 2), ["rgba", "own", False, 8], PAGE)[0]
    assert PAGE in exports
