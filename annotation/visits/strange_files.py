"""Files of strangers are read in another process, with bounded memory and time: what ends it ends nothing else."""

from collections.abc import Callable
from typing import Any, TypeVar

from annotation.visits.visit import current
from matting.environment.process_limits import bounded
from matting.files import ImageError
from matting.files.pixel_limit import MAX_PIXELS
from matting.solving.separate_process import LostError, apart

Result = TypeVar("Result")

MEMORY_BYTES = 700_000_000 + 26 * MAX_PIXELS
"""What reading one file may take: 16-bit RGBA, which takes most, takes 26 bytes per pixel."""
SECONDS = 30.0
TOO_MUCH = "The file takes more memory or time than a picture or video should; please choose another."


def read_upload(read: Callable[[Any], Result], source: Any) -> Result:
    """What `read`, a module-level function, makes of `source`; in a demo, in a process of its own.

    Raises:
        ImageError: reading it took more than MEMORY_BYTES or SECONDS, or ended the process.
    """
    if current() is None:
        return read(source)
    try:
        return apart(bounded, read, source, MEMORY_BYTES, SECONDS)  # type: ignore[no-any-return]
    except LostError as error:
        raise ImageError(TOO_MUCH) from error
