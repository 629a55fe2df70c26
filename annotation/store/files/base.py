"""Content-addressed files: each is named by its own sha256, so it never changes and is never stored twice.

They are kept on the local disk (`local.py`) or, for teams, in any place that fsspec can reach (`remote.py`).
"""

import hashlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from annotation.store.errors import LostFileError, StoreError


def digest(content: bytes) -> str:
    """The sha256 of `content`, in hexadecimal: the name under which it is stored."""
    return hashlib.sha256(content).hexdigest()


def check_name(name: str) -> str:
    """`name`, if it is a sha256 in hexadecimal; ValueError for anything else, so that no path is built from it."""
    if not is_name(name):
        raise ValueError(f"a stored file is named by the 64 digits of its sha256, but got {name!r}")
    return name


def is_name(name: str) -> bool:
    """Whether `name` is a sha256 in hexadecimal."""
    return len(name) == 64 and not set(name) - set("0123456789abcdef")


class Files(ABC):
    """Files by the sha256 of their content. `put` is idempotent, and what it returned survives a power cut."""

    place: str
    """Where they are, for people to read."""

    def put(self, content: bytes) -> str:
        """Store `content`; its sha256. A file that exists and is whole is only marked as put again.

        Raises:
            StoreError: the place could not be written.
        """
        name = digest(content)
        try:
            if not self.renew(name, content):
                self.write(name, content)
        except FileNotFoundError as error:
            raise LostFileError(f"the file {name} was removed while it was written; save again") from error
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
            raise StoreError(f"the file {name} of the dataset is damaged: its content has a different sha256")
        return content

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Store all of `content`, or nothing if there is an error."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The content, unchecked; OSError if it is missing."""

    def renew(self, name: str, content: bytes) -> bool:  # noqa: ARG002 (for subclasses that can)
        """Whether the file exists with this content; if so, it now counts as just put."""
        return False

    def age(self, name: str) -> float | None:
        """Seconds since the file was last put, as far as clocks agree; None if it is missing."""
        put = self.put_at(name)
        return None if put is None else time.time() - put

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that do not exist."""
        return [name for name in names if self.put_at(name) is None]

    @abstractmethod
    def put_at(self, name: str) -> float | None:
        """When the file was last put, in seconds since 1970 by the storage's clock; None if it is missing."""

    @abstractmethod
    def read_note(self, label: str) -> str:
        """The text that `write_note` left beside the files; "" if there is none."""

    @abstractmethod
    def write_note(self, label: str, text: str, *, is_durable: bool = True) -> None:
        """Keep a short text beside the files; it replaces an earlier one."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """The names of all files, in no particular order."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove the file, if it exists."""
