"""A training run, from the request to the file of weights, with its progress step by step."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState

from matting.files import write_file
from matting.training.checkpoint import CROPS, alone, best_weights, claim, export_weights, load_checkpoint
from matting.training.finetune import TrainingProgress, finetune
from matting.training.jobs.request import Request, check_files, start_of
from matting.training.results.card import card_of, licence_after
from matting.training.results.outcome import Outcome, outcome_of
from matting.training.results.proof import Proof
from matting.training.results.proof_page import proof_page
from matting.training.settings import Settings, has_bf16
from matting.training.sources import Sources, open_sources
from matting.training.trainees import Trainee, exported, trainee

REHEARSED = 0.5
"""The share of rehearsal crops, when existing weights are tuned."""

LEAST_BETWEEN, MOST_BETWEEN = 10, 250
"""Steps between two measurements on validation; after the last step it is measured in any case."""


@dataclass(frozen=True)
class Done:
    """The files that a training run has written."""

    path: Path
    card: dict[str, Any]
    proof: Proof | None
    """Set only if it has just been measured."""


News = str | TrainingProgress | Done
"""What a training run reports: a sentence, the progress of a step, or the end."""


@dataclass(frozen=True)
class Plan:
    """The request, with a value for everything that was left open."""

    request: Request
    learner: Trainee
    start: Path | None
    settings: Settings
    licence: str

    @property
    def synthetic(self) -> float:
        """The share of rehearsal crops."""
        if self.request.synthetic is None:
            return REHEARSED if self.start and self.learner.needs_alphas else 0.0
        return self.request.synthetic


def plan_of(request: Request) -> Plan:
    """`request`, completed.

    Raises:
        ValueError: the request cannot be met.
        WeightsError: the weights to start from cannot be found or fetched.
    """
    learner = trainee(request.model, unlabelled=request.unlabelled)
    start = start_of(learner.start, request.start, from_nothing=request.from_nothing)
    options = ("batch", "crop", "rate", "encoder_rate")
    own = {name: getattr(request, name) for name in options if getattr(request, name) is not None}
    settings = Settings(
        steps=request.steps, warm_up=min(100, request.steps // 10), seed=request.seed,
        workers=request.workers, minutes=request.minutes, validate_every=validate_every(request.steps),
        bf16=has_bf16() if request.bf16 is None else request.bf16,
        freeze_norms=start is not None if request.freeze_norms is None else request.freeze_norms,
        **{**learner.settings, **own},
    )  # fmt: skip
    check_files(request.dataset, request.output, start)
    return Plan(request, learner, start, settings, licence_after(start, request.model, request.licence))


def validate_every(steps: int) -> int:
    """After how many steps validation is measured: four times in a run, as far as that is worth its time."""
    return min(MOST_BETWEEN, max(LEAST_BETWEEN, -(-steps // 4)))


def training(request: Request) -> Iterator[News]:
    """Train; yield sentences on how it is going, the progress of each step, and at the end what was written.

    Raises:
        DoubtfulLabelsError: labels look wrong, and a person must decide what to do with them.
        ValueError, OSError, RuntimeError, WeightsError: it cannot be done; the message is a sentence.
    """
    plan, processes = plan_of(request), PartialState()
    is_main, model = processes.is_main_process, request.model
    with alone(request.folder, request.output) if is_main else nullcontext():
        sources = sources_of(plan)
        which: dict[str, Any] = {"settings": plan.settings, "origin": sources.origin}
        if is_main and claim(request.folder, model=model, anew=request.anew, **which):
            yield f"starting over: the run in {request.folder} had a different dataset or different options"
        processes.wait_for_everyone()
        before = load_checkpoint(request.folder, model=model, **which)
        if is_main:
            yield from _begun(plan, before, sources)
        states = finetune(
            plan.learner, sources.crops, held_out=sources.validation, folder=request.folder, start=plan.start, **which
        )
        for state in states:
            if is_main:
                yield state
        if is_main:
            yield from _written(plan, sources)


def sources_of(plan: Plan) -> Sources:
    """The pictures of the run, with its labels checked."""
    request = plan.request
    return open_sources(
        request.dataset, plan.learner, plan.settings,
        synthetic=plan.synthetic, cached=request.cached, cache=request.folder / CROPS, start=plan.start,
        doubtful=request.doubtful,
    )  # fmt: skip


def _begun(plan: Plan, before: dict[str, Any] | None, sources: Sources) -> Iterator[str]:
    """Sentences on what is resumed, which labels look wrong, and which pictures choose the best weights."""
    folder, steps = plan.request.folder, plan.settings.steps
    if before and before["format"] == 1:
        yield f"{folder} was begun by an earlier version that did not record its dataset; assuming it is this one"
    if before and before["step"] >= steps:
        yield f"{folder} has already finished, after {steps} steps, so nothing is trained"
        return
    if before:
        yield f"resuming {folder} after step {before['step']} of {steps}"
    yield from (f"{doubt} ({plan.request.doubtful})" for doubt in sources.doubts)
    yield sources.summary


def _written(plan: Plan, sources: Sources) -> Iterator[News]:
    """Write the weights with their card, and the proof beside them."""
    request, settings = plan.request, plan.settings
    state = load_checkpoint(request.folder, model=request.model, settings=settings, origin=sources.origin)
    assert state is not None  # the run has just saved it
    if state["step"] < settings.steps:
        yield f"time was up after step {state['step']} of {settings.steps}; run the same command again to go on"
        outcome = Outcome(best_weights(state), {}, None)
    else:
        yield "choosing between the old and the new weights"
        outcome = outcome_of(state, plan.learner, sources, folder=request.folder, start=plan.start, seed=settings.seed)
    card = card_of(
        state, request.model, settings, sources.origin,
        licence=plan.licence, outcome=outcome.numbers, chosen_by=sources.chosen_by, data=sources.counts,
        learned_from=sources.learned_from,
    )  # fmt: skip
    export_weights(request.output, exported(outcome.weights), card=card)
    if outcome.proof:
        write_file(proof_beside(request.output), proof_page(outcome.proof, request.output.stem).encode())
    yield Done(request.output, card, outcome.proof)


def proof_beside(weights: Path) -> Path:
    """The path of the proof page that belongs to `weights`."""
    return weights.with_suffix(".proof.html")
