"""Errors told to the person: one sentence in a notice, no traceback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import gradio as gr

from annotation.store import StoreError
from matting.weights import WeightsError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def told(handler: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """`handler`, whose expected failures (bad input, no weights, a full disk) become a notice in the page."""

    @wraps(handler)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with telling():
            return handler(*args, **kwargs)

    return wrapped


@contextmanager
def telling() -> Iterator[None]:
    """Turn expected failures inside the block into a gr.Error of the same sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise gr.Error("This photo is no longer open here; drop it again.", print_exception=False) from error
    except (ValueError, OSError, WeightsError, StoreError) as error:
        raise gr.Error(str(error), print_exception=False) from error
