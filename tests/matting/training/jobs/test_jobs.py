"""A job is its folder: checked, started, killed, resumed, cancelled, one at a time; faults are one sentence."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from threading import Timer

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import load_file

from matting.files import write_image
from matting.training import checkpoint
from matting.training.jobs import __main__ as process
from matting.training.jobs.estimate import LEAST, estimate
from matting.training.jobs.job import Job, Stage, State, Wish, list_jobs, make_job
from matting.training.jobs.request import Request
from matting.training.jobs.running import Done, plan_of, sources_of, training
from matting.training.labels.doubts import Doubtful
from matting.training.trainees import TRAINEES
from matting.weights.trained import read_card
from tests.browser import ROOT, wait_until
from tests.hair import hairs
from tests.matting.training.jobs.tiny_job import LEARNER


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(TRAINEES, "tiny", LEARNER)


def add(folder, number, *, split="train", soft=True):
    photo, alpha = hairs(72 + number, 80, strands=40, seed=number)
    alpha = alpha if soft else (alpha > 0.5).astype(np.float32)
    for kind, array in (("fg", photo), ("merged", photo), ("alpha", (alpha * 255).round().astype(np.uint8))):
        write_image(folder / split / kind / f"{number}.png", array)


@pytest.fixture
def job(tmp_path):
    made = make_job(tmp_path / "trainings", Wish("hair", "tiny", 0.02))
    for number in range(3):
        add(made.folder / "dataset", number)
    return made


def begin(job):
    """The process of the job."""
    command = [sys.executable, "-m", "tests.matting.training.jobs.tiny_job", str(job.folder)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


def learn(job, steps=6):
    job.write_wish(is_started=True, doubtful=Doubtful.KEEP, steps=steps)
    process.main(job.folder)
    return job.state()


def test_it_checks_first_and_learns_when_it_is_told_to(job):
    process.main(job.folder)
    state = job.state()
    assert state.stage == Stage.READY and state.doubts == [] and not job.weights.exists()
    assert job.wish().steps == state.estimate["steps"] >= LEAST and state.estimate["pairs"] == 3
    state = learn(job)
    assert read_card(job.weights)["learned_from"] == ["0", "1", "2"]
    assert state.stage == Stage.DONE and (state.step, state.steps) == (6, 6)
    assert [step for step, _ in state.losses] == [1, 2, 3, 4, 5, 6]
    assert state.card["licence"] == "LicenseRef-unknown" and not job.is_alive


def test_it_learns_what_the_command_learns(job, tmp_path):
    shutil.copytree(job.folder / "dataset", tmp_path / "data")
    learn(job)
    assert {path.name for path in job.folder.iterdir()}.isdisjoint({"dataset", "run"})  # no copies of samples stay
    request = Request(tmp_path / "data", tmp_path / "command.safetensors", tmp_path / "run", "tiny", steps=6)
    assert isinstance(list(training(request))[-1], Done)
    ours, theirs = load_file(job.weights), load_file(tmp_path / "command.safetensors")
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def test_killed_it_goes_on_to_the_same_weights(job, tmp_path):
    whole = make_job(tmp_path / "whole", Wish("hair", "tiny", 1))
    for number in range(3):
        add(whole.folder / "dataset", number)
    assert learn(whole, 80).stage == Stage.DONE
    job.write_wish(is_started=True, doubtful=Doubtful.KEEP, steps=80)
    with begin(job) as running:
        wait_until(lambda: job.stored_state().step > 3, seconds=120)
        os.kill(running.pid, signal.SIGKILL)
    assert job.state().stage == Stage.STOPPED and not job.is_alive
    process.main(job.folder)
    assert job.state().stage == Stage.DONE
    ours, theirs = load_file(job.weights), load_file(whole.weights)
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def test_one_after_the_other_in_the_order_they_were_asked_for(job, tmp_path):
    second = make_job(tmp_path / "trainings", Wish("later", "tiny", 1))
    assert [one.name for one in list_jobs(tmp_path / "trainings")] == [second.name, job.name] and job.name < second.name
    with FileLock(tmp_path / "trainings/.turn"), begin(job), begin(second):
        wait_until(lambda: job.is_alive and second.is_alive, seconds=120)
        wait_until(lambda: second.stored_state().words != "", seconds=120)
        assert job.state().stage == second.state().stage == Stage.WAITING
        second.cancel()
        wait_until(lambda: second.state().stage == Stage.CANCELLED, seconds=60)
        job.cancel()
    assert job.state().stage == Stage.CANCELLED


def test_cancelled_while_it_learns_it_keeps_what_it_has_and_goes_on(job, monkeypatch):
    seen, update = [], process.Worker.update

    def cancel_at_three(worker, **changes):
        update(worker, **changes)
        seen.append(changes.get("step"))
        if changes.get("step") == 3:
            worker.job.cancel()

    monkeypatch.setattr(process, "WRITE_SECONDS", 0)
    monkeypatch.setattr(process.Worker, "update", cancel_at_three)
    assert learn(job).stage == Stage.CANCELLED and max(filter(None, seen)) == 3
    monkeypatch.setattr(process.Worker, "update", update)
    (job.folder / "cancel").unlink()
    assert learn(job).stage == Stage.DONE


def test_another_process_leaves_a_job_alone_that_one_is_at(job):
    before = job.write_state(State(Stage.LEARNING, words="here"))
    with job.lock:
        process.main(job.folder)
        assert job.state() == before


def spoil(job, fault, monkeypatch):
    dataset = job.folder / "dataset"
    if fault == "empty":
        for path in dataset.rglob("*.png"):
            path.unlink()
    elif fault == "mixed sizes":
        write_image(dataset / "train/alpha/1.png", np.full((9, 9), 128, np.uint8))
    elif fault == "damaged":
        (dataset / "train/fg/1.png").write_bytes(b"no picture")
    elif fault == "no folder":
        (dataset / "train/alpha").rename(dataset / "train/alphas")
    elif fault == "all masks":
        for number in range(3):
            add(dataset, number, soft=False)
    elif fault == "full disk":

        def full(path, content):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

        monkeypatch.setattr(checkpoint, "write_file", full)


FAULTS = {
    "empty": "must hold at least one picture",
    "mixed sizes": "must be 73 × 80 pixels",
    "damaged": "1.png",
    "no folder": "must hold train/fg and train/alpha",
    "full disk": "No space left on device",
    "all masks": "all 3 labels to learn from look wrong",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_one_sentence(job, monkeypatch, fault):
    spoil(job, fault, monkeypatch)
    job.write_wish(is_started=True, doubtful=Doubtful.LEAVE_OUT, steps=4)
    process.main(job.folder)
    state = job.state()
    assert state.stage == Stage.FAILED and FAULTS[fault] in state.words and "\n" not in state.words
    assert not job.weights.exists()


def test_one_sample_is_enough(tmp_path):
    job = make_job(tmp_path / "trainings", Wish("one", "tiny", 1))
    add(job.folder / "dataset", 0)
    assert learn(job).stage == Stage.DONE


def test_labels_that_look_wrong_are_told_with_their_pictures(job):
    add(job.folder / "dataset", 1, soft=False)
    process.main(job.folder)
    ((photo, alpha, reason),) = job.state().doubts
    assert (job.folder / photo).is_file() and (job.folder / alpha).is_file() and "without soft pixels" in reason


def test_the_estimate_is_what_steps_take(job, tmp_path):
    plan = plan_of(Request(job.folder / "dataset", job.weights, tmp_path / "run", "tiny", steps=1))
    found = estimate(plan, sources_of(plan), minutes=1.0)
    assert found.minutes == pytest.approx((found.seconds_besides + found.steps * found.seconds_a_step) / 60)
    assert found.steps == LEAST or found.minutes <= 1.0
    begun = time.process_time()
    list(training(Request(job.folder / "dataset", job.weights, tmp_path / "other", "tiny", steps=40)))
    assert time.process_time() - begun < 40 * found.seconds_a_step * 8 + 10  # a busy machine measures longer, not less


def test_a_folder_without_a_job(tmp_path):
    with pytest.raises(ValueError, match="must hold a training run"):
        Job(tmp_path).wish()


def test_its_process_starts_from_any_folder(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    shutil.rmtree(job.folder / "dataset")
    job.start()
    wait_until(lambda: not job.is_alive, seconds=60)
    assert job.state().stage == Stage.FAILED, (job.folder / "log.txt").read_text()


def test_a_process_that_begins_while_somebody_looks_takes_its_job(job):
    look = FileLock(job.lock.lock_file, thread_local=False)
    look.acquire()
    Timer(0.5, look.release).start()
    process.main(job.folder)
    assert job.state().stage == Stage.READY


DEAF = """
import sys, threading, time
from pathlib import Path
from matting.training.jobs import __main__ as process
from matting.training.jobs.job import Job, Stage, State
job, process.GRACE_SECONDS = Job(Path(sys.argv[1])), 0.5
with job.lock:
    job.write_state(State(Stage.LEARNING))
    threading.Thread(target=process.end_when_cancelled, args=(job,), daemon=True).start()
    time.sleep(100)
"""


def test_a_job_that_reaches_no_end_of_a_step_is_cancelled_all_the_same(job):
    with subprocess.Popen([sys.executable, "-c", DEAF, str(job.folder)], cwd=ROOT) as process_:
        wait_until(lambda: job.is_alive and job.state().stage == Stage.LEARNING, seconds=30)
        job.cancel()
        process_.wait(timeout=20)
    assert job.state().stage == Stage.CANCELLED
