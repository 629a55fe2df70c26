"""The weights that a finished run gives, how they were chosen, and how good they are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from matting.files import write_file
from matting.training.checkpoint import OUTCOME, best_weights
from matting.training.results.interpolation import between, choose, try_out
from matting.training.results.judging import Judged, Judges, Mixtures
from matting.training.results.proof import Change, Proof, prove
from matting.training.sources import Sources
from matting.training.trainees import Trainee, load_weights


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    weights: Mapping[str, Tensor]
    numbers: dict[str, Any]
    """For the card: the shares tried, the share chosen and the proof. The same run gives the same numbers again."""
    proof: Proof | None
    """Set only if it has just been measured: test pictures are used once."""


def outcome_of(
    state: dict[str, Any], trainee: Trainee, sources: Sources, *, folder: Path, start: Path | None, seed: int
) -> Outcome:
    """The result of the finished run in `folder`, from its last `state`, `start` and `seed`."""
    note, new, old = folder / OUTCOME, _learned(state), _weights_before(start, trainee, seed)
    kept = json.loads(note.read_text()) if note.is_file() else {}
    if kept.get("steps") == state["step"]:
        return Outcome(_chosen(old, new, state, kept["numbers"]["share"]), kept["numbers"], None)
    judges = _judges(old, new, state, trainee, sources) if start is not None and trainee.needs_alphas else None
    tried = try_out(old, new, *judges) if judges else []
    share = choose(tried).share if tried else None
    weights = _chosen(old, new, state, share)
    lost = judges.lost(share) if judges and share is not None else (None, None)
    proof = _proof(old, weights, trainee, sources, *lost)
    numbers = {
        "share": share,
        "shares_tried": [one.numbers for one in tried],
        "proof": proof.numbers if proof else None,
    }
    write_file(note, json.dumps({"steps": state["step"], "numbers": numbers}).encode())
    return Outcome(weights, numbers, proof)


def _learned(state: dict[str, Any]) -> dict[str, Tensor]:
    """The weights of the best step, or of the last step if none beat the starting weights."""
    return best_weights(state if _has_better(state) else {**state, "scores": {}})


def _has_better(state: dict[str, Any]) -> bool:
    """Whether validation chose the step; False if none beat the starting weights."""
    best = state["scores"].get("best")
    return best is not None and best["step"] > 0


def _chosen(
    old: Mapping[str, Tensor], new: Mapping[str, Tensor], state: dict[str, Any], share: float | None
) -> Mapping[str, Tensor]:
    return best_weights(state) if share is None else between(old, new, share)


def _weights_before(start: Path | None, trainee: Trainee, seed: int) -> dict[str, Tensor]:
    """The weights of step 0."""
    torch.manual_seed(seed)
    network = trainee.build()
    if start is not None:
        load_weights(network, start)
    return dict(network.state_dict())


def _judges(
    old: Mapping[str, Tensor], new: Mapping[str, Tensor], state: dict[str, Any], trainee: Trainee, sources: Sources
) -> Judges | None:
    """What judges the shares between old and new weights; None if there are no pictures to judge by."""
    if not (sources.validation or sources.rehearsal or sources.photographs):
        return None
    mixtures, scores = Mixtures(old, new, trainee), state["scores"]
    known = {0.0: scores["before"]["sad"]} if "before" in scores else {}
    if _has_better(state):
        known[1.0] = scores["best"]["score"]["sad"]
    return Judges(
        Judged(mixtures, sources.validation, known),
        Judged(mixtures, sources.rehearsal),
        Judged(mixtures, sources.photographs),
    )


def _proof(
    old: Mapping[str, Tensor], new: Mapping[str, Tensor], trainee: Trainee, sources: Sources, *lost: Change | None
) -> Proof | None:
    """Before compared with after; None if there are no pictures to compare on. `lost` was measured before."""
    if not sources.test and not any(lost):
        return None
    before, after = trainee.build(), trainee.build()
    before.load_state_dict(old)
    after.load_state_dict(new)
    test = [one.read() for one in sources.test]
    return prove(before, after, trainee, test, *lost)
