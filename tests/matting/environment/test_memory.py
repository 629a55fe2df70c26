import re
import subprocess
import sys

import psutil
import pytest

from matting.environment import memory
from matting.environment.memory import HEAPS, free_gb, memory_gb


def test_it_is_what_psutil_says(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    assert free_gb() == pytest.approx((psutil.virtual_memory().available + psutil.swap_memory().free) / 1e9, rel=0.1)
    assert memory_gb() == pytest.approx(psutil.virtual_memory().total / 1e9, rel=0.01)


@pytest.mark.parametrize(("used", "cached", "free"), [(1_500_000_000, 0, 0.5), (1_900_000_000, 400_000_000, 0.5),
                                                      (2_100_000_000, 0, 0)])  # fmt: skip
def test_a_containers_limit_counts(monkeypatch, tmp_path, used, cached, free):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    (tmp_path / "memory.max").write_text("2000000000\n")
    (tmp_path / "memory.current").write_text(f"{used}\n")
    (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\nslab 2\n")
    assert free_gb() == pytest.approx(free) and memory_gb() == 2
    (tmp_path / "memory.max").write_text("max\n")
    assert free_gb() > 0.5


def test_where_nothing_is_told_nothing_is_bounded(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    monkeypatch.setattr(memory, "MACHINE", tmp_path / "none")
    assert free_gb() == float("inf")


HOLES = """
import time
from matting.environment import memory
def megabytes():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmRSS:"))
memory.GIVE_BACK_SECONDS = 0.2
pieces = [bytes(60_000) for _ in range(5000)]
memory.keep_giving_back() if {is_given} else None
kept, full = pieces[::5], megabytes()
del pieces
time.sleep(1.5)
print(full - megabytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the heaps are those of glibc")
def test_what_is_freed_between_pieces_in_use_goes_back_to_the_system():
    given, kept = (
        float(subprocess.check_output([sys.executable, "-c", HOLES.format(is_given=is_given)]))
        for is_given in (True, False)
    )
    assert given > 150 and kept < 50  # of the 240 MB freed


MANY_THREADS = """
import ctypes, sys, threading
from matting.environment.memory import share_heaps
if sys.argv[1] == "shared":
    share_heaps()
libc, together = ctypes.CDLL(None), threading.Barrier(12)
libc.malloc.restype = ctypes.c_void_p
def take():
    together.wait(20)
    for _ in range(200):
        libc.malloc(3000)
threads = [threading.Thread(target=take) for _ in range(12)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out), libc.fflush(out)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the heaps are those of glibc")
def test_the_threads_of_the_app_share_a_few_heaps():
    """By glibc's own account."""

    def heaps(kind):
        told = subprocess.run([sys.executable, "-c", MANY_THREADS, kind], capture_output=True, text=True, check=True)
        return len(re.findall("<heap nr=", told.stdout))

    assert heaps("shared") <= HEAPS < heaps("each its own")
