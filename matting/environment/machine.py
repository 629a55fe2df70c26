"""The machine that something was measured on, in words."""

import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from matting.environment.memory import memory_gb

PROCESSORS = Path("/proc/cpuinfo")
"""What Linux says about the processors."""
RUNTIMES = ("torch", "onnxruntime")


def machine_in_words() -> str:
    """Processor, cores, memory, system, Python and the packages that networks run in: one line for a table."""
    versions = [f"Python {platform.python_version()}"]
    for name in RUNTIMES:
        with suppress(PackageNotFoundError):
            versions.append(f"{name} {version(name)}")
    memory = f"{memory_gb():.0f} GB"
    return f"{_processor()}, {os.cpu_count()} cores, {memory}, {platform.system()}; {', '.join(versions)}"


def _processor() -> str:
    """The processor's own name for itself; otherwise its kind."""
    with suppress(OSError, StopIteration):
        lines = PROCESSORS.read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return platform.processor() or platform.machine()
