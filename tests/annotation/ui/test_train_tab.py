"""The Train tab: what it begins, shows, promotes and takes back; in a browser the whole way, from samples to use."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from annotation.store import (
    Filter,
    Provenance,
    RevisionContent,
    Split,
    State,
    add_sample,
    open_store,
    save_revision,
    set_state,
)
from annotation.store.search import find_numbers
from annotation.studio import Studio
from annotation.transfer.exporting import export
from annotation.ui.train import tab
from annotation.ui.train.steps import (
    Choice,
    begin,
    find_job,
    give_back,
    go_on,
    handed_out,
    job_choices,
    told_samples,
    use,
)
from annotation.ui.train.tab import _show
from annotation.ui.train.view import job_html
from matting.models import listed_models
from matting.training.checkpoint import export_weights
from matting.training.crops.pairs import find_pairs
from matting.training.jobs.job import Job, Stage, Wish, list_jobs, make_job
from matting.training.jobs.job import State as JobState
from matting.training.labels.doubts import Doubtful
from matting.training.origin import digest_of
from matting.weights import folders
from matting.weights.trained import find_trained
from tests import browser
from tests.hair import hairs


def fill(store, count, *, number=0, licences=("CC0-1.0",), state=State.APPROVED):
    """So many samples of the split train, of hair; their numbers."""
    found = []
    while len(found) < count:
        number += 1
        photo, alpha = hairs(150 + number, 200, strands=60, seed=number)
        rng = np.random.default_rng(number)
        photo = np.clip(photo.astype(int) + rng.integers(-90, 90, 3), 0, 255).astype(np.uint8)
        licence = licences[len(found) % len(licences)]
        sample = add_sample(store, photo, name=f"hair {number}", provenance=Provenance(licence=licence))
        save_revision(store, sample.id, RevisionContent(alpha=alpha), parent=0)
        set_state(store, [sample.id], state)
        if sample.split == Split.TRAIN:
            found.append(sample.id)
    return found


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(Job, "start", lambda job: None)
    return Studio.open(tmp_path / "data")


def done(studio, **card):
    """A job that made a model."""
    job = make_job(studio.folder / "trainings", Wish("hair <b>", "studio", 5))
    export_weights(job.weights, {"a": torch.ones(1)}, card={"model": "studio", "licence": "CC-BY-NC-4.0"})
    job.write_state(JobState(Stage.DONE, card={"licence": "CC-BY-NC-4.0", "share": 0.5, **card}, lines=["SAD <i>"]))
    return job


def test_a_training_learns_from_an_export_of_the_samples_chosen(studio):
    fill(studio.store, 2, licences=("CC0-1.0", "CC-BY-NC-4.0"))
    fill(studio.store, 1, number=40, state=State.DONE)
    job = begin(studio, Choice("Approved", ""), "studio", 3)
    assert len(list((job.folder / "dataset/train/fg").iterdir())) == 2
    assert job.wish().licence == "CC-BY-NC-4.0 AND CC0-1.0" and job.wish().minutes == 3
    assert [name for _, name in job_choices(studio)] == [job.name]
    export(studio.store, studio.folder / "export", layout="gca", states=(State.APPROVED,))
    same = [
        digest_of(find_pairs(folder).files, folder) for folder in (job.folder / "dataset", studio.folder / "export")
    ]
    assert same[0] == same[1]  # straight from the store or from an export: the same bytes to learn from
    few = begin(studio, Choice("Approved", "by-nc"), "modnet", 3)
    assert len(list((few.folder / "dataset/train/fg").iterdir())) == 1


def test_what_cannot_be_begun_is_refused_in_a_sentence(studio):
    with pytest.raises(ValueError, match="needs a sample of the split train"):
        begin(studio, Choice("Approved", ""), "studio", 3)
    assert "approve some" in told_samples(studio.store, Choice("Approved", ""))
    fill(studio.store, 1)
    assert "1 to learn from" in told_samples(studio.store, Choice("Approved", ""))
    for model, minutes, words in (("auto", 3, "can be trained"), ("studio", 0, "minutes"), ("studio", None, "minutes")):
        with pytest.raises(ValueError, match=words):
            begin(studio, Choice("Approved", ""), model, minutes)
    assert job_choices(studio) == []


def test_a_licence_that_nobody_states_is_unknown(studio):
    fill(studio.store, 1, licences=("",))
    assert begin(studio, Choice("Approved", ""), "studio", 1).wish().licence == "LicenseRef-unknown"


def test_a_model_is_used_under_a_name_and_taken_back(studio):
    job = done(studio)
    for name in ("", "../mine", "a/b", ".hidden", "x" * 61, "mine.safetensors", "gca-studio"):
        if name != "gca-studio":
            with pytest.raises(ValueError, match="a name has"):
                use(job, name)
    trained = use(job, "mine")
    assert trained.name == "studio:mine" and "studio:mine" in listed_models()
    assert find_trained("studio", "mine").licence == "CC-BY-NC-4.0"  # non-commercial stays
    with pytest.raises(ValueError, match="already the name of other weights"):
        use(done(studio), "mine")
    assert give_back(job) == "studio:mine" and "studio:mine" not in listed_models()
    assert job.weights.is_file() and give_back(job) == ""
    assert handed_out(job).read_bytes() == job.weights.read_bytes() and studio.folder not in handed_out(job).parents


def test_nothing_is_promoted_by_itself_or_too_early(studio):
    job = done(studio)
    assert "studio:mine" not in listed_models()
    job.write_state(replace(job.stored_state(), stage=Stage.LEARNING))
    with pytest.raises(ValueError, match="made no model yet"):
        use(job, "mine")


def test_a_training_is_removed_and_its_model_in_use_stays(studio):
    job, other = done(studio), done(studio)
    use(job, "mine")
    with job.lock, pytest.raises(ValueError, match="not over; cancel it first"):
        job.remove()
    assert job.folder.is_dir()
    tab._remove(studio, job.name)
    tab._remove(studio, job.name)  # a press while the first one was answered takes nothing else away, and is no error
    assert [name for _, name in job_choices(studio)] == [other.name] and not job.folder.exists()
    assert "studio:mine" in listed_models()


def test_a_browser_names_no_folder(studio):
    job = done(studio)
    assert find_job(studio, job.name) == job
    for name in (None, "", "..", "../trainings/" + job.name, str(job.folder)):
        assert find_job(studio, name) is None


def test_what_is_shown_is_text(studio):
    job, same = done(studio), done(studio, is_start=True)
    html = job_html(job, job.state())
    assert "hair &lt;b&gt;" in html and "SAD &lt;i&gt;" in html and "50 % of the new" in html and "CC-BY-NC-4.0" in html
    assert "nothing new to use" in job_html(same, same.state())


def test_a_training_without_its_process_is_stopped_and_goes_on(studio):
    job = done(studio)
    job.write_state(JobState(Stage.LEARNING, step=3, steps=9))
    assert job.state().stage == Stage.STOPPED and "last checkpoint" in job_html(job, job.state())
    job.write_state(JobState(Stage.READY, doubts=[("a", "b", "c")]))
    go_on(job, "Learn without the labels listed")
    assert job.wish().is_started and job.wish().doubtful == Doubtful.LEAVE_OUT


def test_a_page_that_does_not_know_yet_which_run_it_shows_goes_on_looking(studio):
    """Its first look at a clock may come before it knows the run; no answer then ends its looking."""
    assert _show(studio, None)[-1].active is False
    job = done(studio)
    job.write_state(JobState(Stage.LEARNING, step=3, steps=9))
    with job.lock:
        for name in (None, "removed by somebody else", job.name):
            runs, *_, clock = _show(studio, name)
            assert (runs.value, clock.active) == (job.name, True)


@pytest.mark.slow
@pytest.mark.browser
def test_from_three_samples_to_a_model_in_cut_out(chromium, app, tmp_path, monkeypatch):
    """`app` compiles the solvers once for all. None is for validation, which might find so few steps no better."""
    weights = tmp_path / "weights"
    shutil.copytree(folders.FOLDER, weights, symlinks=True, ignore=shutil.ignore_patterns(".*", "*.safetensors"))
    monkeypatch.setenv("MATTING_WEIGHTS", str(weights))
    store = open_store(tmp_path / "data")
    fill(store, 3)
    set_state(store, find_numbers(store, Filter(splits=[Split.VALIDATION, Split.TEST])), State.TO_DO)
    store.close()
    with browser.running_app(tmp_path / "data") as address:
        page = chromium.new_context(viewport={"width": 1360, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.get_by_role("tab", name="Train").click()
        page.get_by_text("to learn from").first.wait_for()
        page.get_by_label("Minutes").fill("0.1")
        page.get_by_role("button", name="Check and estimate").click()
        page.locator("[data-stage=ready]").wait_for(timeout=600_000)
        page.get_by_role("button", name="Start", exact=True).click()
        page.locator("[data-stage=learning]").wait_for()
        page.reload()  # the page is closed, and comes back
        page.get_by_role("tab", name="Train").click()
        page.locator("[data-stage=done]").wait_for(timeout=900_000)
        page.get_by_text("nothing is proven").wait_for()  # no test samples
        page.get_by_label("Name of the model").fill("mine")
        page.get_by_role("button", name="Use this model").click()
        page.get_by_text("In use:").wait_for()
        remove, trainings = page.get_by_role("button", name="Remove", exact=True), tmp_path / "data/trainings"
        page.once("dialog", lambda dialog: dialog.dismiss())
        with page.expect_event("dialog"):  # a click may be over before the page asks
            remove.click()
        assert len(list_jobs(trainings)) == 1
        page.on("dialog", lambda dialog: dialog.accept())
        remove.click()  # while the first one may still be answered: none is lost
        page.get_by_text("No training yet.").wait_for()
        assert not list_jobs(trainings)
        assert (weights / "mine.safetensors").is_file()
        page.get_by_role("tab", name="Cut out").click()
        page.locator(".gallery-item").first.click()
        page.get_by_text("512 × 512").first.wait_for()
        page.get_by_text("More: every model").click()
        page.get_by_label("Worked out by").click()
        page.get_by_role("option", name="Studio: our own engine: mine").click()
        page.locator("#what-took-part").get_by_text("mine").wait_for()
        page.close()
