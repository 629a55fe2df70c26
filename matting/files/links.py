"""A second name for a file, or a copy where the disk has no links."""

import shutil
from pathlib import Path


def link_or_copy(old: Path, new: Path) -> bool:
    """Make `new`, whose folder need not exist, the same as `old`; whether it is a link.

    Raises:
        OSError: `old` cannot be read, or `new` cannot be written.
    """
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        new.hardlink_to(old)
        return True
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(old, new)
        return False
