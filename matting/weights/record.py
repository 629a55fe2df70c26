"""What a record says about a file of weights."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from matting.weights import folders
from matting.weights.sources import WeightsSource


@dataclass(frozen=True)
class Weights:
    """One file of weights."""

    file: str
    size: int
    licence: str
    """The licence of the weights, which binds whoever uses them."""
    sha256: str = ""
    """Empty if nobody publishes it: then the size must be right, and the network in the file is checked."""
    sources: tuple[WeightsSource, ...] = ()
    by_default: bool = False
    """Whether the app fetches it unasked; the others wait until a person chooses the model and has seen the licence."""
    is_shipped: bool = False
    """Whether it comes with the project, and so lies in `folders.SHIPPED` whatever MATTING_WEIGHTS says."""
    by_hand: str = ""
    """Where a person gets a file no program can fetch; what such a file holds is checked, instead of its SHA-256."""

    code_licence: str = ""
    """The licence of the published code, where it needs telling apart."""
    data: str = ""
    """What they were trained on, with its terms as far as they are known."""
    memory_gb: float = 0
    """What the model takes at its peak on a processor; 0 if it is little, or not known."""
    sha256_by: str = ""
    """Who states the SHA-256, if it was not computed from the file by us."""

    @property
    def cost(self) -> str:
        """Size and memory, in words."""
        return f"{self.size / 1e6:.0f} MB" + (f", {self.memory_gb:g} GB of memory" if self.memory_gb else "")

    @property
    def background(self) -> str:
        """The licence of the code, and what the weights learned from; "" if the record does not tell them apart."""
        parts = (f"code: {self.code_licence}" if self.code_licence else "", f"data: {self.data}" if self.data else "")
        return "; ".join(filter(None, parts))

    @property
    def terms(self) -> str:
        """What choosing it means, to be read before it is fetched: size, memory and licences."""
        return "; ".join(filter(None, [f"{self.cost}, {self.licence}", self.background]))

    @property
    def path(self) -> Path:
        """Where the file belongs, whether or not it is there."""
        return (folders.SHIPPED if self.is_shipped else folders.FOLDER) / self.file

    @property
    def is_present(self) -> bool:
        """Whether a file of the right size is in place; `find_weights` checks its SHA-256 too."""
        is_file = os.path.isfile(self.path)  # noqa: PTH113 — Path.is_file fails in a folder that may not be entered
        return is_file and (bool(self.by_hand) or self.path.stat().st_size == self.size)


@dataclass(frozen=True)
class WeightsUsed:
    """The weights that an answer came from, as records keep them; `Model.weights_used` gives them."""

    file: str
    sha256: str
    licence: str


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
