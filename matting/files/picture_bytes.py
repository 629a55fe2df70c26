"""Reading a picture's bytes from a path or an open file, and its name for messages."""

from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, TypeAlias

FileOrPath: TypeAlias = Path | str | BinaryIO


def name_of(source: FileOrPath) -> str:
    """The file's name on one line, without its folder."""
    path = source if isinstance(source, (str, Path)) else getattr(source, "name", "the picture")
    return " ".join(Path(str(path)).name.split())


def with_path(path: Path | str, message: str) -> str:
    """A message with the file's whole path in front, instead of its bare name if it begins with that."""
    name = name_of(path)
    if message.startswith(str(path)):
        return message
    return f"{path}{message.removeprefix(name)}" if message.startswith(name) else f"{path}: {message}"


def read_bytes(source: FileOrPath, longest: int) -> bytes:
    """Everything in `source`.

    Raises:
        OSError: it cannot be opened, is not an ordinary file, or holds more than `longest` bytes.
        ValueError: its path contains a NUL.
    """
    path = Path(source) if isinstance(source, str) else source
    if isinstance(path, Path) and path.exists() and not path.is_file():
        raise OSError("it is a folder or a device")
    with path.open("rb") if hasattr(path, "open") else nullcontext(path) as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        raise OSError(f"it is larger than {longest / 1e6:.0f} MB, the most that a picture of the allowed size can take")
    return content
