"""What an alpha came from: the model that answered, its weights and their licence. An answer carries it along."""

from collections.abc import Iterable
from dataclasses import dataclass

from matting.arrays import Alpha


@dataclass(frozen=True)
class Credit:
    """Who answered, for the record."""

    model: str
    """The model; of one that chooses among others, the one it chose."""
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
    """The SPDX expression of what is under all of `licences` at once; "" where none is named."""
    named = list(dict.fromkeys(filter(None, licences)))
    return named[0] if len(named) == 1 else " AND ".join(f"({one})" if " " in one else one for one in named)
