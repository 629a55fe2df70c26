"""Files that appear whole or not at all."""

import os
import secrets
from pathlib import Path

from matting.files.places import is_remote


def open_partial(folder: Path | str) -> tuple[int, str]:
    """A new hidden file in `folder`: (its handle, its path). The umask decides who may read it."""
    path = f"{folder}/.partial-{secrets.token_hex(8)}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), path


def write_file(path: Path, content: bytes) -> None:
    """Write `content` beside `path`, flush it to the disk, then rename: a reader sees the old file or the new one."""
    if is_remote(path):
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = open_partial(path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
