"""How much memory there is to work with, and how much this process takes."""

import ctypes
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

CONTAINER = Path("/sys/fs/cgroup")
"""The files with a container's memory limit (memory.max), and with how much of it is used, in bytes."""
MACHINE = Path("/proc/meminfo")
"""What Linux says about the machine, in kilobytes."""
HEAPS = 2
M_ARENA_MAX = -8
"""The setting's number in glibc's malloc.h."""
GIVE_BACK_SECONDS = 30.0
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""What Linux says about this process, and the file that resets its peak memory."""


def memory_gb() -> float:
    """All the memory of this machine, or of the container this runs in; infinite if that can't be told."""
    found = [float("inf")]
    with suppress(ValueError, OSError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9)
    with suppress(ValueError, OSError):
        found.append(int((CONTAINER / "memory.max").read_text()) / 1e9)  # "max" where there is no limit
    return min(found)


def free_gb() -> float:
    """The memory that a new task can have, swap included; infinite if that can't be told."""
    found = [float("inf")]
    with suppress(OSError, ValueError, KeyError):
        machine = _numbers(MACHINE)
        found.append((machine["MemAvailable:"] + machine["SwapFree:"]) * 1024 / 1e9)
    with suppress(OSError, ValueError, KeyError):
        limit = int((CONTAINER / "memory.max").read_text())
        used = int((CONTAINER / "memory.current").read_text())
        cached = _numbers(CONTAINER / "memory.stat")["inactive_file"]  # the system gives it up when asked
        found.append((limit - used + cached) / 1e9)
    return max(0.0, min(found))


def share_heaps() -> None:
    """Let all threads of this process share two heaps. Call it before there are others.

    glibc gives the threads of a server eight heaps for each core, and what one of them has freed stays in its heap. So
    with 20 visitors of a demo the app grew to 2.2 GB instead of 1.4. Other C libraries have no such heaps.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Hand what this process has freed back to the system, where its C library can: on Linux, mostly."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def keep_giving_back() -> None:
    """From now on, hand back every GIVE_BACK_SECONDS what this process has freed, in a thread.

    glibc keeps what lies below the last piece in use. So the app had 1.86 GB after six visitors of 37 minutes, of which
    it used 1.23. One call takes 0.05 s for 400 MB, and 0.002 s when there is nothing to give back.
    """

    def give() -> None:
        while True:
            time.sleep(GIVE_BACK_SECONDS)
            give_back()

    threading.Thread(target=give, name="memory", daemon=True).start()


class Growth:
    """How far this process's memory rises, from now on, above what it is now. Known on Linux only."""

    def __init__(self) -> None:
        with suppress(OSError):
            RESET.write_text("5")  # the peak is what there is now
        self._before = _of_process("VmRSS")

    def peak_gb(self) -> float | None:
        """In GB; None if it can't be told."""
        peak = _of_process("VmHWM")
        return None if peak is None or self._before is None else max(0.0, peak - self._before)


def _numbers(path: Path) -> dict[str, int]:
    """The first number of each line, by the word before it."""
    return {words[0]: int(words[1]) for words in map(str.split, path.read_text().splitlines()) if len(words) > 1}


def _of_process(field: str) -> float | None:
    """A number of the kernel's about this process, in GB."""
    with suppress(OSError, ValueError, StopIteration):
        lines = STATUS.read_text().splitlines()
        return int(next(line for line in lines if line.startswith(f"{field}:")).split()[1]) * 1024 / 1e9
    return None
