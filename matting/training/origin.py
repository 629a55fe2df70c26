"""What a run learns from. Two runs with the same origin and settings learn the same, bit for bit on one machine."""

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
    """Everything besides the settings that affects what is learned; content is named by its SHA-256."""

    dataset: str = ""
    """The SHA-256 of the names and bytes of every picture used, in all splits."""
    start: str = ""
    """The SHA-256 of the weights it starts from; "" for random ones."""
    code: str = ""
    """The SHA-256 of the program that makes crops and learns from them."""
    synthetic: float = 0.0
    cached: int = 0

    def differences(self, stored: object) -> list[str]:
        """What differs from `stored`, the record of another origin, in words that follow "holds a run"."""
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
    """The SHA-256 of the files' paths in `root` and bytes, and of pictures from elsewhere.

    It stays the same if the folder is moved, copied or exported again. OSError if a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256_of(path)}\n".encode())
    for picture in photographs:
        digest.update(f"{picture.shape}".encode() + np.ascontiguousarray(picture).tobytes())
    return digest.hexdigest()


@cache
def code_now(parts: tuple[str, ...] = CODE) -> str:
    """The SHA-256 of the code that makes crops, guesses and networks, or of other `parts` of this package."""
    places = [ROOT / part for part in parts]
    files = {path for place in places for path in ([place] if place.is_file() else place.rglob("*.py"))}
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
