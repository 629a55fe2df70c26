"""Content-addressed files in any place that fsspec can reach, such as `s3://bucket/folder`."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from errno import ENOENT
from typing import Any

from annotation.store.errors import StoreError
from annotation.store.files.base import Files, check_name, is_name

LOOKUP_THREADS = 16
"""The number of objects looked up at the same time."""


class RemoteFiles(Files):
    """Files in object storage, where writing a whole object is atomic by itself.

    Every method raises StoreError if the storage cannot be reached or refuses.
    """

    def __init__(self, url: str, **options: Any) -> None:
        import fsspec

        self.url = self.place = url
        try:
            self.system, self.root = fsspec.core.url_to_fs(url, **options)
        except (ValueError, ImportError) as error:
            raise StoreError(f"cannot keep files at {url}: {error}") from error

    def path(self, name: str) -> str:
        """The object's key."""
        return f"{self.folder(name)}/{check_name(name)}"

    def folder(self, name: str) -> str:
        """The prefix that its key shares with the objects beside it."""
        return f"{self.root}/{name[:2]}"

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

    def missing(self, names: Iterable[str]) -> list[str]:
        """Several are looked up at the same time."""
        every = list(names)
        with ThreadPoolExecutor(LOOKUP_THREADS) as pool:
            return [name for name, put in zip(every, pool.map(self.put_at, every), strict=True) if put is None]

    def put_at(self, name: str) -> float | None:
        """The time the storage reports."""
        self.system.invalidate_cache(self.folder(name))
        try:
            with reaching(self.url, may_miss=True):
                return float(self.system.modified(self.path(name)).timestamp())
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """The objects in their place below the root; anything else there belongs to somebody else."""
        self.system.invalidate_cache()
        with reaching(self.url):
            found = self.system.find(self.root)
        named = ((path, path.rsplit("/", 1)[-1]) for path in found)
        return (name for path, name in named if is_name(name) and path == self.path(name))

    def read_note(self, label: str) -> str:
        """An object of its own below the root."""
        try:
            with reaching(self.url, may_miss=True):
                return bytes(self.system.cat_file(f"{self.root}/{label}")).decode(errors="replace").strip()
        except FileNotFoundError:
            return ""

    def write_note(self, label: str, text: str, *, is_durable: bool = True) -> None:  # noqa: ARG002 (it always is)
        """One upload."""
        with reaching(self.url):
            self.system.pipe_file(f"{self.root}/{label}", text.encode())

    def remove(self, name: str) -> None:
        """Delete the object."""
        if self.put_at(name) is not None:
            with reaching(self.url):
                self.system.rm_file(self.path(name))


@contextmanager
def reaching(url: str, *, may_miss: bool = False) -> Iterator[None]:
    """Turn errors of the storage's client into a StoreError with one sentence.

    With `may_miss`, a FileNotFoundError is passed on.
    """
    try:
        yield
    except Exception as error:
        if may_miss and isinstance(error, FileNotFoundError):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        refused = "access was refused, check the keys: " if isinstance(error, PermissionError) else ""
        raise StoreError(f"could not reach the files of the dataset at {url}: {refused}{reason}") from error
