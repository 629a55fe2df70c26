"""What the Train tab does, as plain functions of the studio."""

import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from annotation.plurals import counted
from annotation.store import Filter, Split, Store
from annotation.studio import Studio
from annotation.transfer.training_export import count_splits, prepare
from annotation.ui.dataset.steps import FINISHED
from annotation.ui.temporary_files import scratch_folder
from matting.models import MODELS, short_title
from matting.models.onnx_export import EXPORTABLE, write_network
from matting.training.jobs.job import AT_WORK, Job, Stage, Wish, list_jobs
from matting.training.labels.doubts import Doubtful
from matting.weights import WEIGHTS
from matting.weights.trained import Trained, adopt, adopted, take_back

DOUBTFUL = {
    "Learn without the labels listed": Doubtful.LEAVE_OUT,
    "They are right: learn from all": Doubtful.KEEP,
}


@dataclass(frozen=True)
class Choice:
    """The samples a person chose."""

    states: str
    text: str

    @property
    def among(self) -> Filter:
        """As the store understands it."""
        return Filter(text=self.text.strip())


def trainings(studio: Studio) -> Path:
    """Where the jobs lie."""
    return studio.folder / "trainings"


def trainable() -> list[tuple[str, str]]:
    """(what a person reads, model) of each that can be trained and has weights to start from."""
    able = {name: model for name, model in MODELS.items() if model.is_trainable}
    return [
        (model.title, name) for name, model in able.items() if not any(WEIGHTS[each].by_hand for each in model.weights)
    ]


def told_samples(store: Store, choice: Choice) -> str:
    """How many samples are chosen, by what they are for."""
    counts = count_splits(store, choice.among, FINISHED[choice.states])
    if not sum(counts.values()):
        return "No samples are chosen: approve some in the Dataset tab first."
    words = (
        f"**{counted(sum(counts.values()), 'sample')}**: {counts[Split.TRAIN]} to learn from, "
        f"{counts[Split.VALIDATION]} to choose by, {counts[Split.TEST]} to test with."
    )
    if counts[Split.TEST] < 6:
        words += " With fewer than 6 to test with, you cannot tell whether the model gets better."
    return words


def begin(studio: Studio, choice: Choice, model: str, minutes: float) -> Job:
    """A new job that checks labels and measures a step; it learns once a person has looked.

    Raises:
        ValueError: nothing to learn from, or no time; StoreError: the samples could not be written.
    """
    if model not in {name for _, name in trainable()}:
        raise ValueError(f"A model that can be trained is one of {', '.join(name for _, name in trainable())}.")
    if not 0 < (minutes or 0) <= 10_000:
        raise ValueError(f"The minutes must be more than 0 and at most 10,000, but are {minutes}.")
    title = choice.text.strip() or choice.states
    wish = Wish(title, model, float(minutes))
    job = prepare(studio.store, trainings(studio), wish, among=choice.among, states=FINISHED[choice.states])
    job.start()
    return job


def find_job(studio: Studio, name: str | None) -> Job | None:
    """The job of that name; nothing a browser sends is taken for a path."""
    return next((job for job in list_jobs(trainings(studio)) if job.name == name), None)


def job_choices(studio: Studio) -> list[tuple[str, str]]:
    """(what a person reads, name) of every job, the newest first."""
    found = []
    for job in list_jobs(trainings(studio)):
        wish, state = job.wish(), job.state()
        begun = f"{job.name[4:6]}-{job.name[6:8]} {job.name[9:11]}:{job.name[11:13]}"
        found.append((f"{begun} · {wish.title} · {short_title(wish.model)} · {state.stage}", job.name))
    return found


def go_on(job: Job, doubtful: str) -> None:
    """Start learning, or go on after a run that stopped early."""
    state = job.state()
    if state.stage in AT_WORK or state.stage == Stage.DONE:
        return
    if state.stage == Stage.READY:
        job.write_wish(is_started=True, doubtful=DOUBTFUL[doubtful] if state.doubts else Doubtful.KEEP)
    job.start()


def use(job: Job, name: str) -> Trained:
    """Put what the job made into every list under that name; ValueError if it made nothing or the name is taken."""
    if job.state().stage != Stage.DONE:
        raise ValueError("This training run has made no model yet.")
    return adopt(job.weights, name)


def give_back(job: Job) -> str:
    """Take the job's model out of the lists again; its name, "" if it was in none."""
    trained = adopted(job.weights)
    if trained is None:
        return ""
    take_back(trained)
    return trained.name


def handed_out(job: Job) -> Path:
    """A copy of what the job made, where the browser may fetch it."""
    return _copied(job, job.weights.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _copied(job: Job, _changed: int) -> Path:
    wish = job.wish()
    return Path(shutil.copyfile(job.weights, scratch_folder() / f"{wish.model}-{job.name}.safetensors"))


def write_onnx_of(job: Job) -> Path:
    """What the job made as an ONNX file, for other programs; ValueError if its model cannot be exported."""
    model = job.wish().model
    if model not in EXPORTABLE:
        raise ValueError(
            f"{short_title(model)} asks solvers before its network, so it cannot be exported as one ONNX file."
        )
    path = scratch_folder() / f"{model}.onnx"
    write_network(model, job.weights, path)
    return path
