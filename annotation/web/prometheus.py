"""What Prometheus can measure in the running app, at a port of its own. Numbers only, no names and no pictures."""

import logging

from prometheus_client import Counter, Gauge, start_http_server

QUEUE = Gauge("matting_queue_waiting", "Steps of pages, and calls of other programs, that wait for their turn")
STROKES_UNACKNOWLEDGED = Gauge("matting_strokes_unacknowledged", "Strokes that came in and are not on the disk yet")
SEATS_TAKEN = Gauge("matting_live_seats_taken", "People who use Live")
ERRORS = Counter("matting_errors", "Failures: expected ones, reported in a sentence, and unexpected ones", ["kind"])
TOLD_ERRORS, UNEXPECTED_ERRORS = ERRORS.labels("told"), ERRORS.labels("unexpected")


class Counting(logging.Handler):
    """Counts what is logged as an error: it happened where nobody could see it."""

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        """One more."""
        UNEXPECTED_ERRORS.inc()


def serve_measures(address: str) -> None:
    """Answer Prometheus at `address`, as in 127.0.0.1:9464, in a thread of its own.

    Raises:
        ValueError: it is not an address and a port. OSError: nobody can listen there.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"an address and port for the measurements look like 127.0.0.1:9464, but got {address!r}")
    start_http_server(int(port), host.strip("[]"))
    logging.getLogger().addHandler(Counting(logging.ERROR))
