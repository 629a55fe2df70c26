"""How long a training run takes on this machine, measured on a few of its own steps before a person decides."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from matting.training.crops import Crop
from matting.training.finetune import finetune
from matting.training.jobs.running import Plan
from matting.training.results.interpolation import MEASURED
from matting.training.results.measure import measure
from matting.training.sources import MIN_PICTURES, Sources, number_to_measure

TIMED_STEPS = 3
"""Steps that are timed, after a first one that does not count."""
VALIDATIONS = 6
"""How often validation is measured at most: at the start, four times on the way, and with a share of the weights."""
LEAST = 4
"""Steps of the shortest training run."""


@dataclass(frozen=True)
class Estimate:
    """How long a training run takes."""

    seconds_a_step: float
    seconds_besides: float
    """Seconds for measuring, choosing and proving."""
    steps: int
    """The number of steps that fit into the minutes asked for."""
    minutes: float
    """The minutes for all of it."""


class Timed:
    """A CropSource that times how long its crops take."""

    def __init__(self, sources: Sources) -> None:
        self.crops, self.seconds = sources.crops, 0.0

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        begun = time.monotonic()
        crop = self.crops(index)
        self.seconds += time.monotonic() - begun
        return crop


def estimate(plan: Plan, sources: Sources, minutes: float) -> Estimate:
    """Take a few steps, which are thrown away, and measure one picture."""
    settings, crops = replace(plan.settings, steps=TIMED_STEPS + 1, workers=0, checkpoint_every=1e9), Timed(sources)
    begun, before, seconds = 0.0, 0.0, 1.0
    with TemporaryDirectory() as folder:
        for state in finetune(plan.learner, crops, settings, folder=Path(folder), start=plan.start):
            if state.step == 1:
                begun, before = time.monotonic(), crops.seconds
            elif state.step == TIMED_STEPS:  # not the last one, which also writes a checkpoint
                seconds = (time.monotonic() - begun) / (TIMED_STEPS - 1)
    a_crop = (crops.seconds - before) / (TIMED_STEPS * settings.batch)
    besides = _seconds_to_measure(plan, sources)
    left = 60 * minutes - besides
    if plan.learner.guess is not None:  # its crops are made once and cached
        seconds = max(seconds - a_crop * settings.batch, 0.0)
        kept = min(plan.request.cached, left / max(a_crop, 1e-6))
        left, besides = left - kept * a_crop, besides + kept * a_crop
    steps = max(LEAST, int(left / max(seconds, 1e-6)))
    return Estimate(seconds, besides, steps, (besides + steps * seconds) / 60)


def _seconds_to_measure(plan: Plan, sources: Sources) -> float:
    """Seconds for all measurements, of what was learned and of what was kept."""
    network = plan.learner.build().eval()
    pixels = plan.settings.crop**2
    kept = [*sources.rehearsal, *sources.photographs]
    some = (sources.validation or kept)[:1]
    if not some:
        return 0.0
    prepared = [plan.learner.prepared(picture) for picture in some]
    begun = time.monotonic()
    measure(network, plan.learner, prepared)
    a_pixel = (time.monotonic() - begun) / some[0].alpha.size
    kinds = len(kept) / number_to_measure(plan.settings)
    squares = len(sources.validation) * VALIDATIONS + kinds * MIN_PICTURES * (MEASURED + 1)
    tested = sum(one.read().alpha.size for one in sources.test)
    return a_pixel * (squares * pixels + 2 * tested)
