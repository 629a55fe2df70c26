"""Errors shown to the person: a sentence in a notice without traceback, or one that stays where the result would be."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from inspect import isgeneratorfunction
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from annotation.store import StoreError
from annotation.ui.cancelling import GivenUpError
from annotation.web.prometheus import TOLD_ERRORS, UNEXPECTED_ERRORS
from matting.weights import WeightsError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

SHOWN_WARNINGS = 10
UNEXPECTED = "Something went wrong in the program. The server's log has the details."


def shows_errors(handler: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """`handler`, whose expected failures (bad input, no weights, a full disk) become a notice in the page."""
    if isgeneratorfunction(handler):

        @wraps(handler)
        def stepping(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with errors_shown():
                yield from handler(*args, **kwargs)

        return stepping  # type: ignore[return-value]  # it gives what `handler` gives

    @wraps(handler)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with errors_shown():
            return handler(*args, **kwargs)

    return wrapped


def error_line() -> gr.Markdown:
    """Where `keeps_error` shows why a step failed; it takes no room while there is nothing to show."""
    return gr.Markdown("", visible=False, elem_classes="problem")


def keeps_error(step: Callable[Parameters, Any], outputs: int) -> Callable[Parameters, Iterator[tuple[object, ...]]]:
    """`step`, which gives `outputs` values, with one more: why it failed, for a line that stays when the notice goes.

    It may give them several times, as a generator. A step that succeeds empties the line. A failure leaves the other
    outputs as they are and ends the chain of steps.
    """

    @wraps(step)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Iterator[tuple[object, ...]]:
        try:
            given = step(*args, **kwargs)
            for values in given if isinstance(given, Generator) else [given]:
                yield *(values if outputs > 1 else [values]), gr.Markdown("", visible=False)
        except Exception as error:
            words = error.message if isinstance(error, gr.Error) else UNEXPECTED
            sign = "" if isinstance(error.__cause__, GivenUpError) else "⚠️ "
            yield *[gr.skip()] * outputs, gr.Markdown(f"{sign}{words}", visible=True)
            raise

    if isinstance(step, partial):  # Gradio finds the parameter for its request by the annotation
        wrapped.__annotations__ = step.func.__annotations__
    return wrapped


@contextmanager
def errors_shown() -> Iterator[None]:
    """Turn expected failures inside the block into a gr.Error of the same sentence."""
    try:
        yield
    except GivenUpError as error:  # asked for, so it needs no notice
        raise gr.Error(str(error), visible=False, print_exception=False) from error
    except (ValueError, OSError, WeightsError, StoreError) as error:
        TOLD_ERRORS.inc()
        raise gr.Error(message_of(error), print_exception=False) from error
    except gr.Error:
        raise
    except Exception:
        UNEXPECTED_ERRORS.inc()
        raise


def message_of(error: Exception) -> str:
    """The sentence of an error; for the system's own errors, what is wrong and with which file."""
    if not isinstance(error, OSError) or not error.strerror:
        return as_sentence(str(error) or type(error).__name__)
    return f"{error.strerror}: {error.filename}" if error.filename else f"{error.strerror}."


def as_sentence(words: str) -> str:
    """The `words` of the library as the page writes them: a capital, unless a file is named first, and a full stop."""
    first = words.partition(" ")[0]
    begun = words[:1].upper() + words[1:] if first.isalpha() else words
    return begun if begun.endswith((".", "!", "?", "…", "*")) else f"{begun}."


def with_warnings(words: str, warnings: Sequence[str]) -> str:
    """`words` and a line for each warning, the first ten of them."""
    lines = [f"⚠️ {as_sentence(warning)}" for warning in warnings[:SHOWN_WARNINGS]]
    rest = len(warnings) - len(lines)
    return "\n\n".join([words, *lines, *([f"and {rest} more"] if rest else [])])
