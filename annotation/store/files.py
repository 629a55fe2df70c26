"""Content-addressed files: what is put in is named by its own sha256, so it never changes and is never stored twice.

Kept on the local disk (`local_files.py`) or, for teams, in any place fsspec reaches (`remote_files.py`).
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator

from annotation.store.errors import StoreError


def digest(content: bytes) -> str:
    """The sha256 of `content`, in hexadecimal: the name it is stored under."""
    return hashlib.sha256(content).hexdigest()


def check_name(name: str) -> str:
    """`name` if it is a sha256 in hexadecimal; ValueError for anything else, so that no path is ever built from it."""
    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        raise ValueError(f"a stored file is named by the 64 digits of its sha256, but got {name!r}")
    return name


class Files(ABC):
    """Files by the sha256 of their content. Putting is idempotent; what `put` returned survives a power cut."""

    def put(self, content: bytes) -> str:
        """Store `content`; its sha256. A file already there is marked young again, so that no clean-up takes it.

        Raises:
            StoreError: the place could not be written.
        """
        name = digest(content)
        try:
            if not self.touch(name):
                self.write(name, content)
        except OSError as error:
            raise StoreError(f"could not write a file of the dataset: {error.strerror or error}") from error
        return name

    def get(self, name: str) -> bytes:
        """The content named `name`, checked against its name.

        Raises:
            StoreError: it is missing, cannot be read, or is not what was put in.
        """
        try:
            content = self.read(check_name(name))
        except OSError as error:
            raise StoreError(f"the file {name} of the dataset cannot be read: {error.strerror or error}") from error
        if digest(content) != name:
            raise StoreError(f"the file {name} of the dataset is damaged: its content has another sha256")
        return content

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Store `content`: afterwards it is wholly there, or after an error not at all."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The content, unchecked; OSError where it is missing."""

    @abstractmethod
    def touch(self, name: str) -> bool:
        """Whether the file is there; if it is, its age starts anew."""

    @abstractmethod
    def age(self, name: str) -> float | None:
        """Seconds since the file was last put; None where it is missing."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """The names of all files, in no order."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove the file; nothing happens where it is missing."""
