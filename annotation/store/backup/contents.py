"""What is in the file of a backup, and reading it: nothing is read from one that is not whole."""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from annotation.store.errors import StoreError
from annotation.store.files.base import digest, is_name

FORMAT = 1
NOTE = "backup.json"
DAMAGE = (BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, NotImplementedError, RuntimeError, OSError)
"""What reading a damaged zip, and the JSON in it, raises."""

OnProgress = Callable[[int, int], None]
"""Called with the number of files done, and of how many."""


def unheard(done: int, total: int) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Written:
    """One table in a backup."""

    rows: int
    sha256: str
    """The SHA-256 of its lines."""


@dataclass(frozen=True)
class Note:
    """What a backup holds."""

    made: str
    """When it was made, as ISO 8601."""
    schema: str
    """The revision of the database's schema."""
    identity: str
    files: int
    bytes: int
    """The bytes of all files."""
    tables: dict[str, Written]
    """The tables by name, in the order in which they can be put back."""
    format: int = FORMAT

    def rows(self, table: str) -> int:
        """How many rows of a table it holds; 0 if it was made before there was such a table."""
        return self.tables[table].rows if table in self.tables else 0

    def to_json(self) -> str:
        """As `read_note` reads it."""
        return json.dumps(asdict(self), indent=1)


def read_note(text: bytes) -> Note:
    """The note of a backup; ValueError, TypeError or KeyError if it is not one, StoreError if its format is newer."""
    fields = json.loads(text)
    if fields["format"] != FORMAT:
        raise StoreError(f"its format is {fields['format']!r}, and this version of the program reads {FORMAT}")
    return Note(**fields | {"tables": {name: Written(**each) for name, each in fields["tables"].items()}})


def place_of_table(name: str) -> str:
    """Where the rows of a table are in the zip."""
    return f"database/{name}.jsonl"


def place_of_file(name: str) -> str:
    """Where a stored file is in the zip."""
    return f"files/{name[:2]}/{name}"


class Backup:
    """An opened backup, checked."""

    def __init__(self, path: Path, archive: ZipFile, note: Note, files: list[str]) -> None:
        self.path, self.archive, self.note, self.files = path, archive, note, files

    def content(self, name: str) -> bytes:
        """A stored file."""
        return self.archive.read(place_of_file(name))

    @contextmanager
    def lines(self, table: str) -> Iterator[IO[bytes]]:
        """The lines of a table."""
        with self.archive.open(place_of_table(table)) as lines:
            yield lines


@contextmanager
def opened(path: Path, on_progress: OnProgress) -> Iterator[Backup]:
    """The backup in the file at `path`, with every byte of it checked.

    Raises:
        StoreError: it cannot be read, or is not a whole backup.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from error
    with file:
        try:
            archive = ZipFile(file)
            backup = _listed(path, archive)
            _check(backup, on_progress)
        except (StoreError, *DAMAGE) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise StoreError(f"{path} is not a whole backup: {reason}") from error
        with archive:
            yield backup


def _listed(path: Path, archive: ZipFile) -> Backup:
    """The backup with all that its note names, and nothing else."""
    note, names = read_note(archive.read(NOTE)), archive.namelist()
    files = [name.rpartition("/")[2] for name in names if name.startswith("files/")]
    wanted = [*map(place_of_table, note.tables), *map(place_of_file, files), NOTE]
    if sorted(names) != sorted(wanted) or len(set(names)) < len(names) or not all(map(is_name, files)):
        raise ValueError("it holds other files than its note says")
    if len(files) != note.files:
        raise ValueError(f"{note.files} files should be in it, but {len(files)} are")
    return Backup(path, archive, note, sorted(files))


def _check(backup: Backup, on_progress: OnProgress) -> None:
    """ValueError, or what zipfile raises, unless each file and each table is what was put in."""
    for name, written in backup.note.tables.items():
        with backup.lines(name) as lines:
            if sha256_of(lines) != written.sha256:
                raise ValueError(f"the rows of {name} are damaged")
    for done, name in enumerate(backup.files):
        on_progress(done, len(backup.files))
        if digest(backup.content(name)) != name:
            raise ValueError(f"the file {name} is damaged")


def sha256_of(lines: Iterable[bytes]) -> str:
    """The SHA-256 of all lines together."""
    hashed = hashlib.sha256()
    for line in lines:
        hashed.update(line)
    return hashed.hexdigest()
