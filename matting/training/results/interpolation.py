"""Weights between those before and those after training: the numbers that changed most are new, the others old.

Every step shakes all weights. What changed little has mostly been shaken: without it, most of what was learned is kept,
and less is forgotten (compare TIES-Merging, Yadav et al., NeurIPS 2023). Nothing is learned here: the share of the new
weights is chosen with pictures that no step has seen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

FINEST = 1 / 32
"""How exactly the largest share that may be used is found."""
COMPETING = (0.0, 0.5, 1.0)
"""The parts of that share that compete on validation."""
MEASURED = 7
"""The most shares that are measured on the rehearsal pictures."""
FORGOTTEN = 0.02
"""The relative loss allowed on the rehearsal pictures, and on photographs."""

Weights = Mapping[str, Tensor]
Judge = Callable[[float], float | None]
"""Share of the new weights → SAD on some pictures; None if there are none."""
Memory = tuple[float | None, float | None]
"""SAD on the rehearsal pictures and on photographs."""


@dataclass(frozen=True)
class Tried:
    """A share of the new weights, and its scores."""

    share: float
    validation: float | None
    """SAD on the validation pictures; None if it was not measured."""
    rehearsal: float | None
    """SAD on pictures like those that the starting weights learned from; None if it was not measured."""
    photographs: float | None
    """SAD on photographs of other kinds; None if it was not measured."""

    @property
    def memory(self) -> Memory:
        """What is left of what the starting weights knew."""
        return self.rehearsal, self.photographs

    @property
    def numbers(self) -> dict[str, Any]:
        """For cards and files."""
        return asdict(self)


def between(old: Weights, new: Weights, share: float) -> dict[str, Tensor]:
    """The `share` of each tensor's numbers that changed most as in `new`, the others as in `old`.

    At least one number of each tensor is new, unless the share is 0; batch norm's counters are the new ones.
    """
    if share in (0.0, 1.0):
        return dict(new if share else old)
    return {
        name: _mixed(old[name], value, share) if value.is_floating_point() else value for name, value in new.items()
    }


def _mixed(old: Tensor, new: Tensor, share: float) -> Tensor:
    change = (new.float() - old.float()).abs()
    least = change.flatten().topk(max(1, round(share * change.numel()))).values[-1]
    return torch.where(change >= least, new, old.to(new.dtype))


def can_be_mixed(old: Weights, new: Weights) -> bool:
    """Whether batch norms kept their statistics: those of two networks, mixed, would fit neither."""
    statistics = [name for name in new if name.endswith(("running_mean", "running_var"))]
    return all(old[name].float().allclose(new[name].float(), rtol=1e-3, atol=1e-5) for name in statistics)


def try_out(old: Weights, new: Weights, validation: Judge, rehearsal: Judge, photographs: Judge) -> list[Tried]:
    """Shares with their scores, beginning with 0, the starting weights.

    The largest share that forgets little is found on `rehearsal` and `photographs` by halving, as a larger share
    forgets more. It, half of it and the starting weights are then measured on `validation`. If batch norms learned
    statistics, there is nothing between the two ends. New weights that are not finite are not tried.
    """
    is_finite = all(bool(value.isfinite().all()) for value in new.values() if value.is_floating_point())
    is_mixable, most, too_much, share = can_be_mixed(old, new), 0.0, 1.0, 1.0

    def memory(share: float) -> Memory:
        return rehearsal(share), photographs(share)

    memories = {0.0: memory(0.0)}
    while is_finite:
        memories[share] = memory(share)
        if not is_forgetful(memories[share], memories[0.0]):
            most = share
        else:
            too_much = share
        if not is_mixable or too_much - most <= FINEST:
            break
        share = (most + too_much) / 2
    competing = {part * most for part in (COMPETING if is_mixable else (0.0, 1.0))}
    merits = {share: validation(share) for share in sorted(competing)}
    shares = sorted({*memories, *merits})
    return [Tried(share, merits.get(share), *memories.get(share, (None, None))) for share in shares]


def is_forgetful(memory: Memory, before: Memory) -> bool:
    """Whether one of the scores in that memory, against the one `before`, is more than FORGOTTEN worse."""
    pairs = zip(memory, before, strict=True)
    return any(now is not None and old is not None and now > (1 + FORGOTTEN) * old for now, old in pairs)


def choose(tried: Sequence[Tried]) -> Tried:
    """The best on validation of the shares that forget at most FORGOTTEN; of equal ones, the smallest.

    `tried` begins with share 0, the starting weights, which forget nothing. So the choice is never worse than those, on
    these pictures. Without validation, it is the largest share that forgets at most FORGOTTEN.
    """
    kept = [one for one in tried if not is_forgetful(one.memory, tried[0].memory)]
    if tried[0].validation is None:
        return max(kept, key=lambda one: one.share)
    return min((one for one in kept if one.validation is not None), key=lambda one: (one.validation, one.share))
