"""Processes that run this program's own code: what they import, and how low their priority is."""

import os
import sys
from contextlib import suppress
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")
"""Linux divides the cores among sessions first, and looks at niceness only within one; this is the session's own."""


def own_environment() -> dict[str, str]:
    """The environment in which a Python process finds the modules that this one does, whatever folder it starts in."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path)}


def yield_to_others(niceness: int) -> None:
    """Lower the priority of this process by `niceness`, and that of its session if it leads one. Can't be undone."""
    if not hasattr(os, "nice"):
        return
    with suppress(OSError):
        lowered = os.nice(niceness)
        if os.getsid(0) == os.getpid():
            AUTOGROUP.write_text(str(lowered))
