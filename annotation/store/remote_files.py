"""Content-addressed files in any place fsspec reaches, such as `s3://bucket/folder`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOENT
from typing import Any

from annotation.store.errors import StoreError
from annotation.store.files import Files, check_name


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
