"""A training, from the request to the file of weights, with its progress step by step."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState

from matting.files import write_file
from matting.training.checkpoint import CROPS, alone, best_weights, claim, export_weights, load_checkpoint
from matting.training.finetune import TrainingProgress, finetune
from matting.training.jobs.request import Asked, check_files, start_of
from matting.training.results.card import card_of, licence_after
from matting.training.results.outcome import Outcome, outcome_of
from matting.training.results.proof import Proof
from matting.training.results.proof_page import proof_page
from matting.training.settings import Settings, has_bf16
from matting.training.sources import Sources, open_sources
from matting.training.trainees import Trainee, exported, trainee

REHEARSED = 0.25
"""The share of rehearsal crops, when existing weights are tuned."""


@dataclass(frozen=True)
class Done:
    """The files that a training has written."""

    path: Path
    card: dict[str, Any]
    proof: Proof | None
    """Set only if it has just been measured."""


News = str | TrainingProgress | Done
"""What a training reports: a sentence, the progress of a step, or the end."""


@dataclass(frozen=True)
class Plan:
    """The request, with a value for everything that was left open."""

    asked: Asked
    learner: Trainee
    start: Path | None
    settings: Settings
    licence: str

    @property
    def synthetic(self) -> float:
        """The share of rehearsal crops."""
        if self.asked.synthetic is None:
            return REHEARSED if self.start and self.learner.needs_alphas else 0.0
        return self.asked.synthetic


def plan_of(asked: Asked) -> Plan:
    """`asked`, completed.

    Raises:
        ValueError: the request cannot be met.
        WeightsError: the weights to start from cannot be found or fetched.
    """
    learner = trainee(asked.model, unlabelled=asked.unlabelled)
    start = start_of(learner.start, asked.start, from_nothing=asked.from_nothing)
    own = {name: getattr(asked, name) for name in ("batch", "crop", "rate") if getattr(asked, name) is not None}
    settings = Settings(
        steps=asked.steps, warm_up=min(100, asked.steps // 10), seed=asked.seed,
        workers=asked.workers, minutes=asked.minutes, validate_every=min(250, -(-asked.steps // 4)),
        bf16=has_bf16() if asked.bf16 is None else asked.bf16,
        freeze_norms=start is not None if asked.freeze_norms is None else asked.freeze_norms,
        **{**learner.settings, **own},
    )  # fmt: skip
    check_files(asked.dataset, asked.output, start)
    return Plan(asked, learner, start, settings, licence_after(start, asked.model, asked.licence))


def training(asked: Asked) -> Iterator[News]:
    """Train as `asked`; yield sentences on how it stands, the progress of each step, and at the end what was written.

    Raises:
        DoubtfulLabelsError: labels look wrong, and a person must decide what to do with them.
        ValueError, OSError, RuntimeError, WeightsError: it cannot be done; the message is a sentence.
    """
    plan, processes = plan_of(asked), PartialState()
    is_main, model = processes.is_main_process, asked.model
    with alone(asked.folder, asked.output) if is_main else nullcontext():
        sources = sources_of(plan)
        which: dict[str, Any] = {"settings": plan.settings, "origin": sources.origin}
        if is_main and claim(asked.folder, model=model, anew=asked.anew, **which):
            yield f"starting again: the run in {asked.folder} had another dataset or other options"
        processes.wait_for_everyone()
        before = load_checkpoint(asked.folder, model=model, **which)
        if is_main:
            yield from _begun(plan, before, sources)
        states = finetune(
            plan.learner, sources.crops, held_out=sources.validation, folder=asked.folder, start=plan.start, **which
        )
        for state in states:
            if is_main:
                yield state
        if is_main:
            yield from _written(plan, sources)


def sources_of(plan: Plan) -> Sources:
    """The pictures of the run, with its labels checked."""
    asked = plan.asked
    return open_sources(
        asked.dataset, plan.learner, plan.settings,
        synthetic=plan.synthetic, cached=asked.cached, cache=asked.folder / CROPS, start=plan.start,
        doubtful=asked.doubtful,
    )  # fmt: skip


def _begun(plan: Plan, before: dict[str, Any] | None, sources: Sources) -> Iterator[str]:
    """Sentences on what is resumed, which labels look wrong, and which pictures choose."""
    folder, steps = plan.asked.folder, plan.settings.steps
    if before and before["format"] == 1:
        yield f"{folder} was begun by an earlier version that did not record its dataset; assuming it is this one"
    if before and before["step"] >= steps:
        yield f"{folder} has finished already, after {steps} steps: nothing is learned"
        return
    if before:
        yield f"resuming {folder} after step {before['step']} of {steps}"
    yield from (f"{doubt} ({plan.asked.doubtful})" for doubt in sources.doubts)
    yield sources.summary


def _written(plan: Plan, sources: Sources) -> Iterator[News]:
    """Write the weights with their card, and the proof beside them."""
    asked, settings = plan.asked, plan.settings
    state = load_checkpoint(asked.folder, model=asked.model, settings=settings, origin=sources.origin)
    assert state is not None  # the run has just saved it
    if state["step"] < settings.steps:
        yield f"time was up after step {state['step']} of {settings.steps}; run the same command again to go on"
        outcome = Outcome(best_weights(state), {}, None)
    else:
        yield "choosing between the old and the new weights"
        outcome = outcome_of(state, plan.learner, sources, folder=asked.folder, start=plan.start, seed=settings.seed)
    card = card_of(
        state, asked.model, settings, sources.origin,
        licence=plan.licence, outcome=outcome.numbers, chosen_by=sources.chosen_by, data=sources.counts,
        learned_from=sources.learned_from,
    )  # fmt: skip
    export_weights(asked.output, exported(outcome.weights), card=card)
    if outcome.proof:
        write_file(proof_beside(asked.output), proof_page(outcome.proof, asked.output.stem).encode())
    yield Done(asked.output, card, outcome.proof)


def proof_beside(weights: Path) -> Path:
    """The path of the proof page that belongs to `weights`."""
    return weights.with_suffix(".proof.html")
