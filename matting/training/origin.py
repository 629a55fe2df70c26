"""What a run learns from. Two runs of one origin and the same settings learn the same, bit for bit on one machine."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from matting.arrays import Image
from matting.weights import sha256_of

ROOT = Path(__file__).parents[1]
CODE = ("training", "models", "networks", "solving", "composite.py", "resize.py")


@dataclass(frozen=True)
class Origin:
    """Everything besides settings that decides what is learned; each as a SHA-256 where it is content."""

    dataset: str = ""
    """Of the names and bytes of every picture that is learned from, chosen by or measured with."""
    start: str = ""
    """Of the weights it starts from; "" for a network that knows nothing."""
    code: str = ""
    """Of the program that makes crops and learns from them."""
    synthetic: float = 0.0
    cached: int = 0

    def differences(self, stored: object) -> list[str]:
        """What is not as in `stored`, a record of another origin, in words that follow "holds a run"."""
        before = stored if isinstance(stored, dict) else {}
        words = {
            "dataset": "on another dataset, or on this one before it changed",
            "start": "from other weights (--start)",
            "code": "by another version of this program",
            "synthetic": f"with --synthetic {before.get('synthetic')}",
            "cached": f"with --cached {before.get('cached')}",
        }
        return [words[name] for name, value in asdict(self).items() if before.get(name) != value]


def digest_of(files: Iterable[Path], root: Path, photographs: Iterable[Image] = ()) -> str:
    """The SHA-256 of the files, by their paths in `root` and their bytes, and of pictures that come from elsewhere.

    The same when the folder is moved, copied or exported again. OSError if a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256_of(path)}\n".encode())
    for picture in photographs:
        digest.update(f"{picture.shape}".encode() + np.ascontiguousarray(picture).tobytes())
    return digest.hexdigest()


@cache
def code_now(parts: tuple[str, ...] = CODE) -> str:
    """The SHA-256 of the sources that crops, guesses and networks are made by, or of other `parts` of this package."""
    places = [ROOT / part for part in parts]
    files = {path for place in places for path in ([place] if place.is_file() else place.rglob("*.py"))}
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
