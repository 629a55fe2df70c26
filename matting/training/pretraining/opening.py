"""Opening a descent: a new one from photographs and starting weights, or one resumed from its checkpoint."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from matting.arrays import Image
from matting.training.checkpoint import deciding
from matting.training.coarse_heads import StudioLearner
from matting.training.origin import Origin, code_now, digest_of
from matting.training.pretraining.canvas_batches import photographed
from matting.training.pretraining.canvas_pool import Feed, Pool
from matting.training.pretraining.canvases import Canvases
from matting.training.pretraining.descent import MODEL, Run
from matting.training.pretraining.learner import Learner
from matting.training.pretraining.random_tensors import Chance
from matting.training.pretraining.settings import Descent
from matting.training.trainees import load_weights
from matting.weights import sha256_of

HELD_OUT = 1_000_003
"""The seed of the canvases for choosing, which are never learned from."""
AT_ONCE = 32
"""The number of these that are measured together."""


@contextmanager
def opened(
    photographs: Sequence[Image], descent: Descent, *, start: Path | None, state: dict[str, Any] | None
) -> Iterator[Run]:
    """A new descent from the weights in `start`, or from random ones; or the descent of `state`, resumed.

    Waits until the pool holds enough canvases to begin.

    Raises:
        ValueError: `start` holds a different network.
        RuntimeError: drawing failed before there was anything to learn from.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(descent.seed)
    network = StudioLearner()
    if start is not None and state is None:
        load_weights(network, start)
    canvases = Canvases(photographs, side=descent.canvas, seed=descent.seed)
    held_out = pictures_to_choose_by(photographs, descent, device)
    learner = Learner(network, descent, device)
    if state is not None:
        learner.load(state)
    pool = Pool(
        lambda first: canvases.blocks(first, workers=descent.workers),
        side=descent.canvas,
        capacity=descent.pool,
        device=device,
        first=int(state["canvases"]) if state else 0,
    )
    try:
        pool.wait_for(descent.least)
        scores, spent = (state["scores"], float(state["spent"])) if state else ({}, 0.0)
        yield Run(learner, Feed(pool, descent), held_out, scores, spent, pool)
    finally:
        pool.close()


def pictures_to_choose_by(photographs: Sequence[Image], descent: Descent, device: torch.device) -> list[dict[str, Any]]:
    """The pictures by which the best step is chosen: the same for every seed, with each canvas used once."""
    canvases = Canvases(photographs, side=descent.canvas, seed=HELD_OUT)
    blocks = canvases.blocks(0, last=descent.held_out, size=AT_ONCE, workers=descent.workers)
    return [
        photographed(block.to(device), descent.crop, Chance(device, [HELD_OUT, number]))
        for number, block in enumerate(blocks)
    ]


def origin_of(folder: Path, photographs: Sequence[Image], start: Path | None) -> Origin:
    """The origin of a descent: photographs, starting weights and code."""
    return Origin(
        dataset=digest_of((), folder, photographs),
        start=sha256_of(start) if start else "",
        code=code_now(),
        synthetic=1.0,
    )


def card_of(state: dict[str, Any], descent: Descent, origin: Origin, licence: str) -> dict[str, Any]:
    """The card of the weights that a checkpoint's `state` holds."""
    best = state["scores"]["best"]
    return {
        "model": MODEL,
        "licence": licence,
        "steps": state["step"],
        "step_chosen": best["step"],
        "minutes": round(state["spent"] / 60, 2),
        "minutes_planned": descent.total,
        "canvases": state["canvases"],
        "chosen_by": "generated pictures",
        "held_out": {"before": state["scores"]["before"], "validation": best["score"], "test": None},
        "origin": asdict(origin),
        "synthetic": 1.0,
        "settings": deciding(descent),
    }
