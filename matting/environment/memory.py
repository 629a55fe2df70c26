"""How much memory there is to work with."""

import os
from contextlib import suppress
from pathlib import Path

LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where a container's limit stands, in bytes."""


def memory_gb() -> float:
    """All the memory of this machine, or of the container this runs in; infinite where that can't be told."""
    found = [float("inf")]
    with suppress(ValueError, OSError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9)
    with suppress(ValueError, OSError):
        found.append(int(LIMIT.read_text()) / 1e9)  # "max" where there is no limit
    return min(found)
