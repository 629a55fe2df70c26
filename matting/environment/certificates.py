"""The certificates that the environment names."""

import logging
import os
from pathlib import Path

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""They stand for those of the operating system. A Python environment that was removed often leaves one behind."""

log = logging.getLogger(__name__)


def forget_missing() -> None:
    """From now on, ignore a variable that names a file or a folder that is not there: httpx ends the program at it."""
    for name in VARIABLES:
        value = os.environ.get(name)
        if value and not Path(value).exists():
            log.warning("%s names %s, which does not exist, and is ignored", name, value)
            del os.environ[name]
