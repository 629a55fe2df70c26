"""Where pictures lie: on this computer, or in object storage."""

from pathlib import Path
from typing import cast


def place(text: str) -> Path:
    """The folder or file that a person names by its path, or by a URL such as s3://bucket/photos.

    Of a URL it is a UPath, which does all that is asked of a Path here, with whatever fsspec can reach.

    Raises:
        ValueError: it is a URL, and the package that reaches such places is missing or knows none of this kind.
    """
    if "://" not in text:
        return Path(text)
    try:
        from upath import UPath

        remote = UPath(text)
        _ = remote.fs
    except ImportError as error:
        raise ValueError(f"{text} needs more packages: pip install universal-pathlib, and s3fs for s3://") from error
    except ValueError as error:
        raise ValueError(f"{text} cannot be reached: {error}") from error
    return cast(Path, remote)


def is_remote(path: Path) -> bool:
    """Whether a place is in object storage, where an object appears whole or not at all."""
    return not isinstance(path, Path)
