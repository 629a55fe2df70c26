"""What reading a file may do to the process that does it. Imports little, as each new process imports it."""

import os
import signal
import time

from matting.files import ImageError


def process(_):
    return os.getpid()


def crash(_):
    os.kill(os.getpid(), signal.SIGSEGV)


def fill(_):
    return len(bytearray(3_000_000_000))


def take_long(_):
    time.sleep(100)


def refuse(source):
    raise ImageError(f"{source} is no picture")
