"""From samples to a training run, which learns from an export of its own: no later correction changes it."""

from collections.abc import Iterable
from pathlib import Path

from annotation.store import Filter, Split, State, Store
from annotation.transfer.exporting import export, take_snapshot
from matting.training.jobs.job import Job, Wish, make_job
from matting.weights.trained import UNKNOWN

LAYOUT = "gca"


def count_splits(store: Store, among: Filter, states: tuple[State, ...]) -> dict[Split, int]:
    """Split → the number of its samples, among those chosen, in those `states`."""
    counts = dict.fromkeys((Split.TRAIN, Split.VALIDATION, Split.TEST), 0)
    for item in take_snapshot(store, states=states, among=among):
        counts[Split(item.sample.split)] += 1
    return counts


def prepare(store: Store, trainings: Path, wish: Wish, *, among: Filter, states: tuple[State, ...]) -> Job:
    """A job, not started, that will learn from the samples among those chosen that are in those `states`.

    Raises:
        ValueError: none of them is in the split to learn from.
        StoreError: they could not be written.
    """
    counts = count_splits(store, among, states)
    if not counts[Split.TRAIN]:
        rest = ", ".join(f"{count} of {split}" for split, count in counts.items() if count) or "none at all"
        raise ValueError(
            f"Training needs a sample of the split train that is {' or '.join(states)}; among those chosen there are "
            f"{rest}."
        )
    licence = licence_of(store, among, states)
    job = make_job(trainings, Wish(wish.title, wish.model, wish.minutes, licence))
    export(store, job.folder / "dataset", layout=LAYOUT, states=states, among=among)
    return job


def licence_of(store: Store, among: Filter, states: tuple[State, ...]) -> str:
    """The licence of all samples together: those of the photos and of the weights behind their alphas."""
    found = set[str]()
    for item in take_snapshot(store, states=states, among=among):
        found.add(item.sample.licence or UNKNOWN)
        found.add(item.revision.weights_licence)
    return " AND ".join(_bracketed(sorted(found - {""})))


def _bracketed(licences: Iterable[str]) -> list[str]:
    return [f"({licence})" if " OR " in licence else licence for licence in licences]
