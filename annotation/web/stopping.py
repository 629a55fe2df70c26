"""SIGTERM, by which systems and containers end a program: what somebody waits for may finish first.

Then the program ends as by Ctrl+C, so that its temporary folder is removed; by itself, the signal ends it on the spot.
"""

import os
import signal
import sys
from collections.abc import Callable
from threading import Event
from time import monotonic, sleep

from matting.environment.variables import whole_number

STOP_SECONDS = whole_number("MATTING_STOP_SECONDS", 8, least=0)
"""Seconds that running work may take to finish; containers are killed 10 seconds after the signal."""
ANSWER_SECONDS = 0.5
"""Seconds for the last answers to reach their pages."""

_told = Event()
_served = Event()


def is_stopping() -> bool:
    """Whether the program was told to end, and only finishes what somebody waits for."""
    return _told.is_set()


def finish_on_sigterm(is_busy: Callable[[], bool]) -> None:
    """From now on, SIGTERM waits until `is_busy` says no, then interrupts the main thread; a second one does so at
    once."""

    def finish(*_: object) -> None:
        _told.set()
        signal.signal(signal.SIGTERM, interrupt)
        end = monotonic() + STOP_SECONDS
        if is_busy():
            while is_busy() and monotonic() < end:
                sleep(0.05)
            sleep(ANSWER_SECONDS)
        interrupt()

    signal.signal(signal.SIGTERM, finish)


def served() -> None:
    """Note that the app was stopped in order: nothing is left to do but to leave."""
    _served.set()


def leave() -> None:
    """If the app was stopped in order, end the process, and with it the threads that still compute.

    Python ends such a thread when it comes back from native code, which C++ takes for a crash: it aborts the process.
    """
    if _served.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def interrupt(*_: object) -> None:
    """As Ctrl+C does."""
    raise KeyboardInterrupt
