"""`--ray`: a batch on the machines of a Ray cluster, or without one on the cores of this machine.

Each actor loads the models once and writes its pictures itself, so that only paths and outcomes travel.
"""

import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from matting.batches.one_picture import Outcome, Work, attempt, naming
from matting.environment.terminal import stop
from matting.files.places import place
from matting.models import unload_models

BLOCKS_PER_ACTOR = 16
"""A task is a block of pictures, small enough that all actors end at about the same time."""
LARGEST_BLOCK = 256
AT_ONCE_ON_A_GPU = 4
"""The pictures in work in the actor of a GPU, so that the GPU need not wait for reading and writing."""


def _is_here(is_wanted: bool) -> bool:
    """As given; refused before anything else is done if Ray is missing."""
    if is_wanted and not (find_spec("ray") and find_spec("pyarrow")):
        raise typer.BadParameter("needs Ray: pip install 'ray[data]'")
    return is_wanted


RayOption = Annotated[
    bool,
    typer.Option(
        "--ray",
        callback=_is_here,
        help="Share the work among the machines of a Ray cluster, or without one among the cores of this machine.",
    ),
]


def on_cluster(paths: Sequence[Path], work: Work, *, overwrite: bool) -> Iterator[Outcome]:
    """The outcome of each of `paths`, in the order in which they come; stops if Ray gives up.

    If a machine is lost, the others do its pictures, except those whose files it has written. A picture whose process
    dies every time is one that failed.
    """
    if not paths:
        return
    unload_models()  # this process has only tried whether they can be loaded
    ray = _connected()
    resource = "GPU" if _count(ray, "GPU") else "CPU"
    actors = max(1, _count(ray, resource))
    tries = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Tries).remote()
    outcomes = ray.data.from_arrow(_blocks(paths, actors)).map_batches(
        Loaded,
        fn_constructor_args=(work, overwrite, str(Path.cwd()), tries, AT_ONCE_ON_A_GPU if resource == "GPU" else 1),
        batch_size=None,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=actors, initial_size=actors),
        num_cpus=1,
        num_gpus=int(resource == "GPU"),
    )
    try:
        for row in outcomes.iter_rows():
            yield Outcome(row["was_done"], os.fsdecode(row["failure"]))
    except ray.exceptions.RayError as error:
        raise stop(f"Ray gave up: {_reason(error)}") from error


class Loaded:
    """An actor: a process in which the models are loaded."""

    def __init__(self, work: Work, overwrite: bool, folder: str, tries: Any, at_once: int) -> None:
        with suppress(OSError):  # paths may be relative to it; a machine may lack it if none is
            os.chdir(folder)
        self._attempt = partial(attempt, work=work, process=work.load(), overwrite=overwrite)
        self._tries, self._pool = tries, ThreadPoolExecutor(at_once)

    def __call__(self, block: Any) -> Any:
        """What became of each picture of a block, an Arrow table of paths: another one."""
        import pyarrow

        paths = [place(os.fsdecode(path)) for path in block["path"].to_pylist()]
        is_first_try = self._begin(f"the block of {paths[0]}") == 1
        outcomes = list(self._pool.map(self._attempt, paths) if is_first_try else map(self._alone, paths))
        failures = [os.fsencode(outcome.failure) for outcome in outcomes]  # a path need not be valid text
        return pyarrow.table({"was_done": [outcome.was_done for outcome in outcomes], "failure": failures})

    def _alone(self, path: Path) -> Outcome:
        """As in the first try, one after the other, so that a second death is the fault of one picture: it is left."""
        if self._begin(str(path)) > 1:
            return Outcome(failure=naming(path, ValueError("the process that works on it dies every time")))
        return self._attempt(path)

    def _begin(self, what: str) -> int:
        import ray

        return int(ray.get(self._tries.begin.remote(what)))


class Tries:
    """Another actor, one for all: it counts how often something was begun, for it outlives those that begin it."""

    def __init__(self) -> None:
        self._begun = Counter[str]()

    def begin(self, what: str) -> int:
        """The number of this try, 1 for the first."""
        self._begun[what] += 1
        return self._begun[what]


def _connected() -> Any:
    """Ray, connected to the cluster that RAY_ADDRESS names or that was started on this machine, else to a new one."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray
    import ray.data

    try:
        with _silence():
            ray.init(log_to_driver=False, logging_level=logging.CRITICAL, include_dashboard=False)
    except Exception as error:
        raise stop(f"Ray cannot be reached: {_reason(error)}") from error
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    settings = ray.data.DataContext.get_current()
    settings.enable_progress_bars = settings.print_on_execution_start = False
    settings.target_max_block_size = 1_000_000  # outcomes are small; Ray keeps room for this much per task
    settings.memory_usage_poll_interval_s = None  # looking costs the actors some per cent of their time
    return ray


@contextmanager
def _silence() -> Iterator[None]:
    """Inside, nothing appears on stderr, where Ray's native part says how it logs."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _blocks(paths: Sequence[Path], actors: int) -> list[Any]:
    """Arrow tables of the paths, as bytes."""
    import pyarrow

    size = min(LARGEST_BLOCK, -(-len(paths) // (actors * BLOCKS_PER_ACTOR))) or 1
    starts = range(0, len(paths), size)
    return [
        pyarrow.table({"path": [os.fsencode(str(path)) for path in paths[start : start + size]]}) for start in starts
    ]


def _reason(error: Exception) -> str:
    """The last line of an error: Ray puts the tracebacks of other processes before it."""
    return str(error).strip().rpartition("\n")[2] or type(error).__name__


def _count(ray: Any, resource: str) -> int:
    """How many of a resource the cluster has."""
    return int(ray.cluster_resources().get(resource, 0))
