"""Content-addressed files in a folder: what is put survives a power cut, one by one or by the thousand."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Self

from annotation.store.errors import StoreError
from annotation.store.files.base import Files, check_name, is_name
from annotation.store.files.sync import sync, sync_all


class LocalFiles(Files):
    """Files under a folder, `ab/ab12…`: written beside their place, fsynced, renamed, and the folder fsynced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)

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

    def renew(self, name: str, content: bytes) -> bool:
        """Set the time of change to now. The folder is synced too: whoever wrote the file may not have got that far."""
        path = self.path(name)
        try:
            if path.read_bytes() != content:
                return False
            os.utime(path)
        except OSError:  # missing, or no longer readable: it is written anew
            return False
        sync(path.parent)
        return True

    def put_at(self, name: str) -> float | None:
        """The time of change."""
        try:
            return self.path(name).stat().st_mtime
        except FileNotFoundError:
            return None

    def names(self) -> Iterator[str]:
        """Finished files only; everything else in the folder is somebody else's."""
        return (path.name for path in self.folder.glob("??/*") if is_name(path.name) and path == self.path(path.name))

    def read_note(self, label: str) -> str:
        """A text file in the folder itself."""
        try:
            return (self.folder / label).read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return ""

    def write_note(self, label: str, text: str, *, is_durable: bool = True) -> None:
        """Written beside its place, flushed and renamed; one that need not be durable is written over the earlier one.

        Such a text never gets shorter, so that a reader finds the old one or the new one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not is_durable:
            handle = os.open(self.folder / label, os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                os.write(handle, text.encode())
            finally:
                os.close(handle)
            return
        handle, temporary = tempfile.mkstemp(prefix=".partial-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
            sync(Path(temporary))
            Path(temporary).replace(self.folder / label)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync(self.folder)

    def remove(self, name: str) -> None:
        """Unlink."""
        self.path(name).unlink(missing_ok=True)

    def partial(self) -> Iterator[Path]:
        """What interrupted writes left behind."""
        return chain(self.folder.glob("??/.partial-*"), self.folder.glob(".partial-*"))


class ManyFiles(LocalFiles):
    """For storing thousands: they are there, and durable, once the `with` block has ended without an error."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._waiting: dict[str, Path] = {}

    def renew(self, name: str, content: bytes) -> bool:
        """A waiting file counts as present."""
        return name in self._waiting or super().renew(name, content)

    def write(self, name: str, content: bytes) -> None:
        """Write it beside its place, for now."""
        temporary = self.write_beside(name, content)
        if self._waiting.setdefault(name, temporary) is not temporary:  # another thread was first
            temporary.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Flush all files together, which is much quicker than one by one; rename them; flush the folders."""
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
    """`files` for storing thousands; they count when the block has ended."""
    if not isinstance(files, LocalFiles):
        yield files
        return
    with ManyFiles(files.folder) as deferred:
        yield deferred
