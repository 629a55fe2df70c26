"""Several things of one kind in a photo: all of them are the subject, or one alone."""

from typing import NamedTuple

import gradio as gr
import numpy as np

from annotation.ui.cut_out.job import SUBJECT, Job
from matting.arrays import Alpha
from matting.models.auto.model import Choice
from matting.models.things import joined
from matting.models.things.model import PREFIX
from matting.weights.credit import Credit

MARK = "#"
"""Between the name of the model that finds every thing and the number of the one that is meant."""


class Taken(NamedTuple):
    """What of the things is the subject now; see `steps.take`."""

    alpha: Alpha
    credit: Credit
    reason: str


def keep(job: Job, found: Choice) -> None:
    """Keep the things that were found, if a kind of thing was looked for."""
    if found.things:
        job.keep_things(found.things, found.credit)


def taken(job: Job, how: str) -> Taken | None:
    """All that were found, or the one that `how` means; None if that was not looked for, or is not there."""
    alphas, credit = job.things
    name, _, number = how.partition(MARK)
    if credit is None or credit.model != name:
        return None
    if not number:
        return Taken(joined(alphas), credit, f"{len(alphas)} of them" if len(alphas) > 1 else "")
    if not (number.isdigit() and 1 <= int(number) <= len(alphas)):
        return None
    return Taken(np.array(alphas[int(number) - 1]), credit, f"number {number} of {len(alphas)}, from the left")


def number_of(job: Job) -> int:
    """The number of the thing that is the subject, from the left; 0 if it is not one of several."""
    name, _, number = job.there(SUBJECT).partition(MARK)
    return int(number) if number and name.startswith(PREFIX) else 0


def others(job: Job) -> Alpha | None:
    """(H, W) the things that are not the subject, all together; None if it is not one of several."""
    number, (alphas, _) = number_of(job), job.things
    return joined([alpha for index, alpha in enumerate(alphas, 1) if index != number]) if number else None


def choices(job: Job | None) -> object:
    """All together, or each alone: what can be chosen now. Hidden unless several things of a kind were found."""
    alphas, credit = job.things if job else ((), None)
    wanted = job.wanted(SUBJECT) if job else ""
    if credit is None or len(alphas) < 2 or wanted.partition(MARK)[0] != credit.model:
        return gr.Radio(choices=[], value=None, visible=False)
    kind = credit.model.removeprefix(PREFIX).capitalize()
    offered = [("All", credit.model)]
    offered += [(f"{kind} {number}", f"{credit.model}{MARK}{number}") for number in range(1, len(alphas) + 1)]
    return gr.Radio(choices=offered, value=wanted, visible=True)
