"""Labels that look wrong, and what to do with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Doubtful(StrEnum):
    """What to do with labels that look wrong."""

    STOP = "stop"
    """Learn nothing until a person has looked at them."""
    KEEP = "keep"
    LEAVE_OUT = "leave-out"


@dataclass(frozen=True)
class Doubt:
    """A label that looks wrong."""

    photo: Path
    alpha: Path
    reason: str
    """Words that follow the name of the picture."""

    def __str__(self) -> str:
        """On one line."""
        return f"{self.alpha} {self.reason}"


class DoubtfulLabelsError(ValueError):
    """Labels look wrong, and nobody has decided what to do with them."""

    def __init__(self, doubts: Sequence[Doubt], pictures: int) -> None:
        self.doubts = tuple(doubts)
        super().__init__(
            f"{len({doubt.alpha for doubt in doubts})} of {pictures} labels look wrong, so nothing is trained yet: "
            f"correct them, leave them out (--doubtful leave-out), or use them as they are (--doubtful keep)"
        )
