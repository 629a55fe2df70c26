"""A store: one database and the files its rows name."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

from annotation.store.appearances import Appearances
from annotation.store.database import open_database
from annotation.store.files import Files
from annotation.store.local_files import LocalFiles
from annotation.store.remote_files import RemoteFiles


@dataclass(frozen=True)
class Store:
    """Every function of `annotation.store` takes one; it may be shared by threads. Close it when done."""

    engine: Engine
    files: Files
    appearances: Appearances = field(default_factory=Appearances)

    def close(self) -> None:
        """Give the database's connections back."""
        self.engine.dispose()


def open_store(data: Path | str = "data", *, database: str = "", files: str = "") -> Store:
    """The dataset in the folder `data`, made if it is not there: `dataset.db` and `files/`.

    A team gives `database` (`postgresql://…`) and `files` (`s3://bucket/folder`), or sets MATTING_DATABASE and
    MATTING_FILES.

    Raises:
        StoreError: it cannot be opened.
    """
    folder = Path(data)
    database = database or os.environ.get("MATTING_DATABASE", "") or f"sqlite:///{folder / 'dataset.db'}"
    place = files or os.environ.get("MATTING_FILES", "") or folder / "files"
    return Store(open_database(database), open_files(place))


def open_files(url: str | Path) -> Files:
    """The files at `url`: a folder, or an fsspec URL such as `s3://bucket/folder`."""
    scheme = urlsplit(str(url)).scheme
    if len(scheme) <= 1:
        return LocalFiles(Path(url))
    return LocalFiles(Path(urlsplit(str(url)).path)) if scheme == "file" else RemoteFiles(str(url))
