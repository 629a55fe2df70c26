"""The credit of an alpha: the model that made it, its weights and their licence."""

from collections.abc import Iterable
from dataclasses import dataclass

from matting.arrays import Alpha


@dataclass(frozen=True)
class Credit:
    """The model and weights that made an alpha."""

    model: str
    """The model; if it chose among others, the chosen one."""
    weights: str = ""
    """The SHA-256 of its weights; empty for a solver."""
    licence: str = ""
    """Their licence, as an SPDX expression; empty for a solver."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Answer:
    """An alpha (H, W) float32 in [0, 1] with what it came from."""

    alpha: Alpha
    credit: Credit


def all_of(licences: Iterable[str]) -> str:
    """The SPDX expression of something under all of `licences` at once; "" if none is named."""
    named = list(dict.fromkeys(filter(None, licences)))
    return named[0] if len(named) == 1 else " AND ".join(f"({one})" if " " in one else one for one in named)
