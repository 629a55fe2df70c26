"""Long tasks in another process: a task can be ended at any moment, whatever native code it is in, and takes no core
from the server. If that process dies, for instance for lack of memory, nothing else does.

Idle processes are kept for a while, as each takes seconds to load what it needs. Only a few tasks run at once, and
fewer long ones, so that short tasks need not wait for long ones; a visitor has one long task at a time. Others wait.
"""

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO, Any, TypeVar

from matting.environment.own_process import own_environment, yield_to_others
from matting.environment.prometheus import WORK_LOST, measured
from matting.solving.partial_results import is_watched, show, watched
from matting.solving.progress import report, report_waiting, reporting_to
from matting.solving.task_queue import PULSE_SECONDS, Line

Result = TypeVar("Result")

GRACE_SECONDS = 0.3
"""Seconds that a cancelled task has to stop by itself, so that its process can be kept."""
KEPT_SECONDS = 120.0
"""Seconds that an idle process is kept."""
SLOTS, LONG_SLOTS = 3, 2
"""Tasks that run at once, and how many of them may be long."""
NICENESS = 10
"""The process's niceness."""
PROGRAM = "from matting.solving.separate_process import serve; serve()"
LOST = (
    "The work was ended from outside, most likely for lack of memory; "
    "try a smaller photo or fewer unknown pixels, or try again when fewer people are here."
)

_line = Line(SLOTS, LONG_SLOTS)
_idle: "list[Worker]" = []
_changing = threading.Lock()
_VISITOR: ContextVar[str] = ContextVar("visitor", default="")


class LostError(OSError):
    """The process ended in the middle of its task."""


class StoppedError(BaseException):
    """Raised in the process when a cancelled task next reports progress."""


def apart(function: Callable[..., Result], *arguments: Any, is_long: bool = False) -> Result:
    """The result of `function`, a module-level function, for `arguments`, computed in another process.

    Progress is reported through solving.progress at least every PULSE_SECONDS; if on_progress raises, the process stops
    within GRACE_SECONDS. Pieces are shown through solving.partial_results. What `function` raises is raised here. A
    task that `is_long` waits for other long ones.

    Raises:
        LostError: the process was ended from outside, or ran out of memory.
    """
    with measured(_line.turn(_VISITOR.get(), is_long=is_long, tell=report_waiting)):
        worker, is_usable = _take(), False
        try:
            kind, value = worker.work(function, arguments)
            is_usable = True
        except LostError:
            WORK_LOST.inc()
            raise
        except BaseException:
            is_usable = worker.has_stopped()
            raise
        finally:
            _give_back(worker) if is_usable else worker.end()
    if kind == "error":
        raise LostError(LOST) if isinstance(value, MemoryError) else value
    return value  # type: ignore[no-any-return]


@contextmanager
def asked_by(visitor: str) -> Iterator[None]:
    """Inside the block, tasks belong to `visitor`, who has one long task at a time; "" has no such limit."""
    token = _VISITOR.set(visitor)
    try:
        yield
    finally:
        _VISITOR.reset(token)


def _take() -> "Worker":
    """An idle process, or a new one."""
    with _changing:
        while _idle:
            worker = _idle.pop()
            worker.letting_go.cancel()
            if worker.process.poll() is None:
                return worker
    return Worker()


def _give_back(worker: "Worker") -> None:
    """Keep a process for the next task, for a while."""

    def let_go() -> None:
        with _changing:
            if worker not in _idle:  # taken at this very moment
                return
            _idle.remove(worker)
        worker.end()

    worker.letting_go = threading.Timer(KEPT_SECONDS, let_go)
    worker.letting_go.daemon = True
    with _changing:
        _idle.append(worker)
        worker.letting_go.start()


class Worker:
    """A process that does one task after another, and the messages it sends back."""

    letting_go: threading.Timer
    """Ends it when it has been idle for too long."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=own_environment(),
        )
        self.news: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, name="apart", daemon=True).start()

    def work(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
        """("result", what `function` returned) or ("error", what it raised)."""
        assert self.process.stdin
        try:
            _send(self.process.stdin, ("work", (function, arguments, is_watched())))
        except OSError as error:
            raise LostError(LOST) from error
        share = 0.0
        while True:
            try:
                kind, value = self.news.get(timeout=PULSE_SECONDS)
            except Empty:
                report(share)
                continue
            if kind == "lost":
                raise LostError(LOST)
            if kind == "piece":
                show(value)
            elif kind == "share":
                share = value
                report(share)
            else:
                return kind, value

    def has_stopped(self) -> bool:
        """Cancel the task; whether it ends within GRACE_SECONDS."""
        assert self.process.stdin
        end = monotonic() + GRACE_SECONDS
        with suppress(OSError, Empty):
            _send(self.process.stdin, ("stop", None))
            while (left := end - monotonic()) > 0:
                kind, _ = self.news.get(timeout=left)
                if kind in ("result", "error"):
                    return True
        return False

    def end(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            with suppress(OSError):
                pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout
        with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
            while True:
                self.news.put(_receive(self.process.stdout))
        self.news.put(("lost", None))


def _send(pipe: IO[bytes], message: tuple[str, Any]) -> None:
    """Send a message pickled twice, so that the reader has all of it before unpickling imports anything."""
    pickle.dump(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL), pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[str, Any]:
    """The next message; EOFError after the last."""
    return pickle.loads(pickle.load(pipe))  # type: ignore[no-any-return]


def serve() -> None:
    """In the process: do the tasks that come, until the parent process is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent process
    yield_to_others(NICENESS)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get among the messages
    tasks: SimpleQueue[bytes] = SimpleQueue()
    stop = threading.Event()
    threading.Thread(target=_read, args=(tasks, stop), daemon=True).start()

    def send_share(share: float) -> None:
        if stop.is_set():
            raise StoppedError
        _send(replies, ("share", share))

    def send_piece(piece: Any) -> None:
        _send(replies, ("piece", piece))

    while True:
        task = tasks.get()
        try:
            _, (function, arguments, is_seen) = pickle.loads(task)
            with reporting_to(send_share), watched(send_piece if is_seen else None):
                message = ("result", function(*arguments))
        except BaseException as error:  # noqa: BLE001 (it is raised in the parent process)
            message = ("error", _portable(error))
        stop.clear()
        _send(replies, message)
        del task, message


def _read(tasks: SimpleQueue[bytes], stop: threading.Event) -> None:
    """Pass tasks on, and requests to stop; end this process when the parent process has ended."""
    while True:
        try:
            packed = pickle.load(sys.stdin.buffer)
        except BaseException:  # noqa: BLE001 (the parent process is gone)
            os._exit(0)
        if packed == STOP:
            stop.set()
        else:
            tasks.put(packed)


def _portable(error: BaseException) -> BaseException:
    """`error`, with its traceback as a note if it is a bug; a RuntimeError with its text if it can't be pickled."""
    if not isinstance(error, ValueError | OSError):
        error.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 (pickling raises what it likes)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


STOP = pickle.dumps(("stop", None), protocol=pickle.HIGHEST_PROTOCOL)
