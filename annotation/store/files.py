"""Content-addressed files: what is put in is named by its own sha256, so it never changes and is never stored twice.

On the local disk or, for teams, in any place fsspec reaches (`s3://bucket/folder`).
"""

import hashlib
import os
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from annotation.store.errors import StoreError

SYNCS = 16
"""How many files are flushed to the disk at a time."""


def open_files(url: str | Path) -> "Files":
    """The files at `url`: a folder, or an fsspec URL such as `s3://bucket/folder`."""
    scheme = urlsplit(str(url)).scheme
    if len(scheme) <= 1:
        return LocalFiles(Path(url))
    return LocalFiles(Path(urlsplit(str(url)).path)) if scheme == "file" else RemoteFiles(str(url))


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


class LocalFiles(Files):
    """Files under a folder, `ab/ab12…`: written beside their place, fsynced, renamed, and the folder fsynced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where the file is or would be."""
        return Path(f"{self.folder}/{name[:2]}/{check_name(name)}")

    def write(self, name: str, content: bytes) -> None:
        """Temporary file beside the place, fsync, rename, fsync of the folder."""
        temporary = self.write_beside(name, content)
        try:
            sync(temporary)
            temporary.replace(self.path(name))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(self.path(name).parent)

    def write_beside(self, name: str, content: bytes) -> Path:
        """A temporary file with `content` in the folder `name` belongs in."""
        folder = f"{self.folder}/{name[:2]}"
        try:
            handle, temporary = tempfile.mkstemp(prefix=".partial-", dir=folder)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            sync(self.folder)
            handle, temporary = tempfile.mkstemp(prefix=".partial-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return Path(temporary)

    def read(self, name: str) -> bytes:
        """The content of the file."""
        return self.path(name).read_bytes()

    def touch(self, name: str) -> bool:
        """Sets the time of change to now. The folder is synced too: whoever wrote the file may not have come to it."""
        folder = f"{self.folder}/{name[:2]}"
        try:
            os.utime(f"{folder}/{name}")
        except FileNotFoundError:
            return False
        sync(Path(folder))
        return True

    def age(self, name: str) -> float | None:
        """By the time of change."""
        try:
            return time.time() - self.path(name).stat().st_mtime
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """Finished files only."""
        return (path.name for path in self.folder.glob("??/*") if not path.name.startswith("."))

    def remove(self, name: str) -> None:
        """Unlink."""
        self.path(name).unlink(missing_ok=True)

    def partial(self) -> Iterator[Path]:
        """What interrupted writes left behind."""
        return self.folder.glob("??/.partial-*")


class RemoteFiles(Files):
    """Files in object storage, where writing a whole object is atomic by itself.

    Every method raises StoreError where the storage cannot be reached or refuses.
    """

    def __init__(self, url: str, **options: Any) -> None:
        import fsspec

        self.url = url
        try:
            self.system, self.root = fsspec.core.url_to_fs(url, **options)
        except (ValueError, ImportError) as error:
            raise StoreError(f"cannot keep files at {url}: {error}") from error

    def path(self, name: str) -> str:
        """The object's key."""
        return f"{self.root}/{name[:2]}/{check_name(name)}"

    def write(self, name: str, content: bytes) -> None:
        """One upload."""
        with reaching(self.url):
            self.system.pipe_file(self.path(name), content)

    def read(self, name: str) -> bytes:
        """One download."""
        try:
            with reaching(self.url, may_miss=True):
                return bytes(self.system.cat_file(self.path(name)))
        except FileNotFoundError as error:
            raise FileNotFoundError(ENOENT, f"not found: {error}") from error

    def touch(self, name: str) -> bool:
        """An object older than an hour is uploaded again, as object storage has no touch."""
        age = self.age(name)
        return age is not None and age < 3600

    def age(self, name: str) -> float | None:
        """By the time the storage reports."""
        self.system.invalidate_cache(self.system._parent(self.path(name)))
        try:
            with reaching(self.url, may_miss=True):
                return time.time() - float(self.system.modified(self.path(name)).timestamp())
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """Every object below the root."""
        self.system.invalidate_cache()
        with reaching(self.url):
            return (path.rsplit("/", 1)[1] for path in self.system.find(self.root))

    def remove(self, name: str) -> None:
        """Delete the object."""
        if self.age(name) is not None:
            with reaching(self.url):
                self.system.rm_file(self.path(name))


@contextmanager
def reaching(url: str, *, may_miss: bool = False) -> Iterator[None]:
    """Turn what a storage's client raises, each client its own, into a StoreError of one sentence.

    With `may_miss`, FileNotFoundError stays what it is.
    """
    try:
        yield
    except Exception as error:
        if may_miss and isinstance(error, FileNotFoundError):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        refused = "access was refused, check the keys: " if isinstance(error, PermissionError) else ""
        raise StoreError(f"could not reach the files of the dataset at {url}: {refused}{reason}") from error


class ManyFiles(LocalFiles):
    """For putting thousands: what is put is there, and durable, once the `with` block has ended without an error."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._waiting: dict[str, Path] = {}

    def touch(self, name: str) -> bool:
        """A file that waits is as good as there."""
        return name in self._waiting or super().touch(name)

    def write(self, name: str, content: bytes) -> None:
        """Only beside its place, for now."""
        temporary = self.write_beside(name, content)
        if self._waiting.setdefault(name, temporary) is not temporary:  # another thread was first
            temporary.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Flush all files at once, as a disk does in one go what it does slowly one by one; rename; flush folders."""
        waiting, self._waiting = self._waiting, {}
        try:
            if kind is None:
                sync_all(waiting.values())
                for name, temporary in waiting.items():
                    temporary.replace(self.path(name))
                sync_all({temporary.parent for temporary in waiting.values()})
        except OSError as error:
            raise StoreError(f"could not write a file of the dataset: {error.strerror or error}") from error
        finally:
            for temporary in waiting.values():
                temporary.unlink(missing_ok=True)


@contextmanager
def many(files: Files) -> Iterator[Files]:
    """`files` for putting thousands; what was put counts when the block has ended."""
    if not isinstance(files, LocalFiles):
        yield files
        return
    with ManyFiles(files.folder) as deferred:
        yield deferred


def sync_all(paths: Iterable[Path]) -> None:
    """`sync` of each, several at a time."""
    every = list(paths)
    with ThreadPoolExecutor(SYNCS) as pool:
        list(pool.map(sync_each, (every[start::SYNCS] for start in range(min(SYNCS, len(every))))))


def sync_each(paths: Iterable[Path]) -> None:
    """`sync` of each, one after the other."""
    for path in paths:
        sync(path)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, durable. Windows does the latter by itself and opens no folder."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
