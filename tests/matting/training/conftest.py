"""Each test trains as in a process of its own."""

import pytest
from accelerate.state import AcceleratorState


@pytest.fixture(autouse=True)
def fresh_accelerator():
    """accelerate keeps the precision of a process's first training; tests want different ones in one process."""
    AcceleratorState._reset_state(reset_partial_state=True)
