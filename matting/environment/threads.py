"""How many threads numba uses: as many as torch where a person says so."""

import os
import sys


def settle_threads() -> None:
    """Have numba heed OMP_NUM_THREADS. Call before it is imported.

    Both use one OpenMP. numba sets its number of threads there, all cores by default, and from then on torch uses as
    many: on busy cores, whose threads wait for each other, that took three times the processor time.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked) and "numba" not in sys.modules:
        os.environ.setdefault("NUMBA_NUM_THREADS", asked)
