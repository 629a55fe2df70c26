"""Two addresses for whoever runs the app: is it alive, and could it serve a person now?"""

import shutil
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route

from annotation.store import Filter, Store, StoreError, next_sample
from annotation.web.stopping import is_stopping
from matting import MODELS
from matting.weights import WEIGHTS

READY = "ready"
LEAST_FREE_BYTES = 500_000_000
"""Room for a 50-megapixel draft, its strokes and its sample."""


class Health:
    """`/healthz` answers while the process does. `/readyz` says what is ready, with status 503 if something is not."""

    def __init__(self, store: Store, folder: Path) -> None:
        """`folder` is where drafts, exports and videos lie."""
        self.checks: dict[str, Callable[[], str]] = {
            "app": app_state,
            "weights": weights_state,
            "dataset": lambda: dataset_state(store),
            "disk": lambda: disk_state(folder),
        }

    @property
    def routes(self) -> list[BaseRoute]:
        """Both addresses."""
        return [Route("/healthz", self.healthz), Route("/readyz", self.readyz)]

    async def healthz(self, request: Request) -> PlainTextResponse:  # noqa: ARG002
        """Status 200."""
        return PlainTextResponse("alive\n")

    async def readyz(self, request: Request) -> JSONResponse:  # noqa: ARG002
        """The state of each part, in words; it asks disk and database in a thread."""
        states = {name: await run_sync(check) for name, check in self.checks.items()}
        is_ready = all(state == READY for state in states.values())
        return JSONResponse(states, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


def app_state() -> str:
    """Whether the app takes on new work."""
    return "it finishes what it is doing, then stops" if is_stopping() else READY


def weights_state() -> str:
    """Whether the weights that a first photo needs are in place."""
    absent = [WEIGHTS[name].file for name in MODELS["auto"].weights if not WEIGHTS[name].is_present]
    return f"not here yet: {', '.join(absent)}" if absent else READY


def dataset_state(store: Store) -> str:
    """Whether the database answers."""
    try:
        next_sample(store, 0, Filter())
    except StoreError as error:
        return str(error)
    return READY


def disk_state(folder: Path) -> str:
    """Whether there is room for more work."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"the folder of the dataset cannot be read: {error.strerror}"
    if free < LEAST_FREE_BYTES:
        return f"{free / 1e6:.0f} MB are free, and {LEAST_FREE_BYTES / 1e6:.0f} MB are needed"
    return READY
