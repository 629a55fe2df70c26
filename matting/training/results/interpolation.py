"""Weights between those before and those after training (WiSE-FT, Wortsman et al., CVPR 2022).

Weights in between often keep nearly all that was learned and forget less. Nothing is learned here: the share of the new
weights is chosen with pictures that no step has seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

SHARES = (0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0)
"""Shares of the new weights to try; denser where less is forgotten."""
FORGOTTEN = 0.02
"""The relative loss allowed on the rehearsal pictures."""

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Tried:
    """A share of the new weights, and its scores."""

    share: float
    validation: float | None
    """SAD on the validation pictures; None if there are none."""
    rehearsal: float | None
    """SAD on pictures like those that the starting weights learned from; None if there are none."""

    @property
    def numbers(self) -> dict[str, Any]:
        """For cards and files."""
        return asdict(self)


def between(old: Weights, new: Weights, share: float) -> dict[str, Tensor]:
    """(1 − share) · old + share · new, exact at both ends; batch norm's counters are the new ones."""
    if share in (0.0, 1.0):
        return dict(new if share else old)
    return {
        name: old[name].float().lerp(value.float(), share).to(value.dtype) if value.is_floating_point() else value
        for name, value in new.items()
    }


def shares_between(old: Weights, new: Weights) -> tuple[float, ...]:
    """The shares to try: all SHARES if batch norms kept their statistics, else only the two ends.

    Statistics belong to the weights before them; statistics between two networks fit neither.
    """
    statistics = [name for name in new if name.endswith(("running_mean", "running_var"))]
    is_kept = all(old[name].float().allclose(new[name].float(), rtol=1e-3, atol=1e-5) for name in statistics)
    return SHARES if is_kept else (SHARES[0], SHARES[-1])


def try_out(
    old: Weights, new: Weights, judge: Callable[[dict[str, Tensor]], tuple[float | None, float | None]]
) -> list[Tried]:
    """Each share with its scores by `judge`, which gives (validation, rehearsal); weights must be finite."""
    tried = []
    for share in shares_between(old, new):
        weights = between(old, new, share)
        if all(bool(value.isfinite().all()) for value in weights.values() if value.is_floating_point()):
            tried.append(Tried(share, *judge(weights)))
    return tried


def choose(tried: Sequence[Tried]) -> Tried:
    """The best on validation of the shares that forget at most FORGOTTEN; of equal ones, the smallest.

    `tried` begins with share 0, the starting weights, which forget nothing. So the choice is never worse than those, on
    these pictures. Without validation, it is the largest share that forgets at most FORGOTTEN.
    """
    start = tried[0]
    most = float("inf") if start.rehearsal is None else (1 + FORGOTTEN) * start.rehearsal
    kept = [one for one in tried if one.rehearsal is None or one.rehearsal <= most]
    if start.validation is None:
        return max(kept, key=lambda one: one.share)
    return min(kept, key=lambda one: (one.validation, one.share))
