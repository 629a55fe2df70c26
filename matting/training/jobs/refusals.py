"""What a command that trains says when it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager

from matting.environment.terminal import report, stop
from matting.training.jobs.request import sentence
from matting.training.labels.doubts import DoubtfulLabelsError
from matting.weights import WeightsError


@contextmanager
def refused_in_a_sentence() -> Iterator[None]:
    """What goes wrong inside ends the command with a sentence and status 1; labels that look wrong get a line each."""
    try:
        yield
    except DoubtfulLabelsError as error:
        for doubt in error.doubts:
            report(str(doubt))
        raise stop(error) from error
    except (WeightsError, ValueError, OSError, RuntimeError) as error:
        raise stop(sentence(error)) from error
