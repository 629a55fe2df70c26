"""Weights between those before and those after a training (WiSE-FT, Wortsman et al., CVPR 2022).

What lies between often knows nearly all that was learned and has forgotten less. Nothing is learned here: the share of
the new weights is chosen by pictures that no step has seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

SHARES = (0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0)
"""Closer together where little is forgotten."""
FORGOTTEN = 0.02
"""How much worse the rehearsal set may become."""

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Tried:
    """A share of the new weights, and how it did."""

    share: float
    validation: float | None
    """SAD on the pictures held out; None if there are none."""
    rehearsal: float | None
    """SAD on pictures like those the start learned from; None if there are none."""

    @property
    def numbers(self) -> dict[str, Any]:
        """For cards and files."""
        return asdict(self)


def between(old: Weights, new: Weights, share: float) -> dict[str, Tensor]:
    """(1 − share) · old + share · new, each end exactly; counters of batch norm are the new ones."""
    if share in (0.0, 1.0):
        return dict(new if share else old)
    return {
        name: old[name].float().lerp(value.float(), share).to(value.dtype) if value.is_floating_point() else value
        for name, value in new.items()
    }


def shares_between(old: Weights, new: Weights) -> tuple[float, ...]:
    """The shares to try: all SHARES where batch norms kept their statistics, else only the ends.

    Statistics belong to the weights in front of them, so those between two networks fit neither.
    """
    statistics = [name for name in new if name.endswith(("running_mean", "running_var"))]
    is_kept = all(old[name].float().allclose(new[name].float(), rtol=1e-3, atol=1e-5) for name in statistics)
    return SHARES if is_kept else (SHARES[0], SHARES[-1])


def try_out(
    old: Weights, new: Weights, judge: Callable[[dict[str, Tensor]], tuple[float | None, float | None]]
) -> list[Tried]:
    """How each share did by `judge`, which gives (validation, rehearsal); without those that are no numbers."""
    tried = []
    for share in shares_between(old, new):
        weights = between(old, new, share)
        if all(bool(value.isfinite().all()) for value in weights.values() if value.is_floating_point()):
            tried.append(Tried(share, *judge(weights)))
    return tried


def choose(tried: Sequence[Tried]) -> Tried:
    """The share that does best on validation of those that forget at most FORGOTTEN; of equal ones the smallest.

    `tried` begins with share 0, the start, which forgets nothing: so the choice is never worse than the start, on these
    pictures. Without validation it is the largest share that forgets no more.
    """
    start = tried[0]
    most = float("inf") if start.rehearsal is None else (1 + FORGOTTEN) * start.rehearsal
    kept = [one for one in tried if one.rehearsal is None or one.rehearsal <= most]
    if start.validation is None:
        return max(kept, key=lambda one: one.share)
    return min(kept, key=lambda one: (one.validation, one.share))
