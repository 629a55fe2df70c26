"""Content-addressed files in a folder. What is put survives a power cut, whether one by one or by the thousand."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Self

from annotation.store.errors import StoreError
from annotation.store.files.base import Files, check_name, is_name
from annotation.store.files.sync import sync, sync_all
from matting.files.atomic import open_partial


class LocalFiles(Files):
    """Files under a folder, `ab/ab12…`: written beside their place, fsynced, renamed, and the folder fsynced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)

    def path(self, name: str) -> Path:
        """The path that the file has or would have."""
        return Path(f"{self.folder}/{name[:2]}/{check_name(name)}")

    def write(self, name: str, content: bytes) -> None:
        """Write a temporary file beside its place, fsync it, rename it, and fsync the folder."""
        temporary = self.write_beside(name, content)
        try:
            sync(temporary)
            temporary.replace(self.path(name))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(self.path(name).parent)

    def write_beside(self, name: str, content: bytes) -> Path:
        """Write `content` to a temporary file in the folder of `name`; its path."""
        folder = f"{self.folder}/{name[:2]}"
        try:
            handle, temporary = open_partial(folder)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            sync(self.folder)
            handle, temporary = open_partial(folder)
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
        """Set the time of change to now. The folder is synced too, in case the file's writer did not get that far."""
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
        """Only finished files; anything else in the folder belongs to somebody else."""
        return (path.name for path in self.folder.glob("??/*") if is_name(path.name) and path == self.path(path.name))

    def read_note(self, label: str) -> str:
        """A text file in the folder itself."""
        try:
            return (self.folder / label).read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return ""

    def write_note(self, label: str, text: str, *, is_durable: bool = True) -> None:
        """Write it beside its place, flush it and rename it. If it need not be durable, overwrite the earlier one.

        An overwritten text never gets shorter, so a reader finds either the old one or the new one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not is_durable:
            handle = os.open(self.folder / label, os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                os.write(handle, text.encode())
            finally:
                os.close(handle)
            return
        handle, temporary = open_partial(self.folder)
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
        """The files that interrupted writes left behind."""
        return chain(self.folder.glob("??/.partial-*"), self.folder.glob(".partial-*"))


class ManyFiles(LocalFiles):
    """For storing thousands of files, which exist and are durable once the `with` block has ended without an error."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._waiting: dict[str, Path] = {}

    def renew(self, name: str, content: bytes) -> bool:
        """A waiting file counts as present."""
        return name in self._waiting or super().renew(name, content)

    def write(self, name: str, content: bytes) -> None:
        """Only write it beside its place, for now."""
        temporary = self.write_beside(name, content)
        if self._waiting.setdefault(name, temporary) is not temporary:  # another thread was first
            temporary.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Flush all files together, which is much faster than one by one; rename them; flush the folders."""
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
    """`files` for storing thousands of them; they count once the block has ended."""
    if not isinstance(files, LocalFiles):
        yield files
        return
    with ManyFiles(files.folder) as deferred:
        yield deferred
