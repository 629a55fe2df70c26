"""A store: one database and the files its rows name."""

import logging
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

from annotation.store.appearances import Appearances
from annotation.store.database.opening import open_database
from annotation.store.errors import StoreError
from annotation.store.files.base import Files
from annotation.store.files.local import LocalFiles
from annotation.store.files.remote import RemoteFiles
from annotation.store.identity import doubts, identify

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """A dataset's database and files. Threads may share it. Close it when done."""

    engine: Engine
    files: Files
    appearances: Appearances = field(default_factory=Appearances)

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()


def open_store(data: Path | str = "data", *, database: str = "", files: str = "") -> Store:
    """The dataset in the folder `data`, made if it does not exist: `dataset.db` and `files/`.

    A team gives `database` (`postgresql://…`) and `files` (`s3://bucket/folder`), or sets MATTING_DATABASE and
    MATTING_FILES. If database and files do not belong to one dataset, the log says so. Saving still works then, but no
    clean-up removes anything.

    Raises:
        StoreError: it cannot be opened.
    """
    folder = Path(data)
    database = database or os.environ.get("MATTING_DATABASE", "")
    files = files or os.environ.get("MATTING_FILES", "")
    if bool(database) != bool(files):
        given, other = ("MATTING_DATABASE", "MATTING_FILES") if database else ("MATTING_FILES", "MATTING_DATABASE")
        log.warning("%s is set but %s is not, so the other half of the dataset is in %s", given, other, folder)
    engine = open_database(database or f"sqlite:///{folder / 'dataset.db'}")
    store = Store(engine, open_files(files or folder / "files"))
    with suppress(StoreError, OSError):  # the error will be raised when the store is used
        identify(store.engine, store.files)
        for doubt in doubts(store.engine, store.files):
            log.warning("%s", doubt)
    return store


def open_files(url: str | Path) -> Files:
    """The files at `url`: a folder, or an fsspec URL such as `s3://bucket/folder`."""
    scheme = urlsplit(str(url)).scheme
    if len(scheme) <= 1:
        return LocalFiles(Path(url))
    return LocalFiles(Path(urlsplit(str(url)).path)) if scheme == "file" else RemoteFiles(str(url))
