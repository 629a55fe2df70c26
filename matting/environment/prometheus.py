"""What Prometheus can measure about the work in other processes. Cheap, and nothing is sent to anybody."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300)
"""Bounds of the histograms' buckets: a stroke's edge to a large photo's."""

WORK_WAITING = Gauge("matting_work_waiting", "Work that waits for a process of its own")
WORK_WAITED = Histogram("matting_work_waited_seconds", "How long work waited for its process", buckets=SECONDS)
WORK_SECONDS = Histogram("matting_work_seconds", "How long work in a process of its own took", buckets=SECONDS)
WORK_LOST = Counter("matting_work_lost", "Work whose process was ended from outside, most likely for lack of memory")


@contextmanager
def measured(turn: AbstractContextManager[None]) -> Iterator[None]:
    """Inside `turn`; entering it is counted as waiting, the rest as work."""
    with ExitStack() as stack:
        with WORK_WAITING.track_inprogress(), WORK_WAITED.time():
            stack.enter_context(turn)
        with WORK_SECONDS.time():
            yield
