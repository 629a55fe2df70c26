"""Long work in another process: it can be ended at any moment, whatever native code it is in, and takes no core from
who answers people. What ends that process, such as a lack of memory, ends nothing else.

A few processes are kept for the next work, as each takes seconds to load what it needs. More work than there are
processes waits; a part of them is kept free of what takes long, and no visitor has all of the rest.
"""

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import IO, Any, TypeVar

from matting.environment.own_process import own_environment, yield_to_others
from matting.solving.progress import report, reporting_to
from matting.solving.watching import Piece, is_watched, show, watched

Result = TypeVar("Result")

PULSE_SECONDS = 0.2
"""Seconds after which the same share is reported again, so that on_progress can end the work."""
GRACE_SECONDS = 0.3
"""Seconds that ended work has to stop by itself, so that its process can be kept."""
KEPT_SECONDS = 120.0
"""Seconds that an idle process is kept."""
SLOTS, LONG_SLOTS = 3, 2
"""How much work is done at once, and how much of it may take long."""
NICENESS = 10
"""By how much the process yields to others."""
PROGRAM = "from matting.solving.separate_process import serve; serve()"
LOST = (
    "The work was ended from outside, most likely for lack of memory; "
    "try a smaller photo, less unknown, or when fewer people are here."
)

_room, _long_room = threading.Semaphore(SLOTS), threading.Semaphore(LONG_SLOTS)
_idle: "list[Worker]" = []
_changing = threading.Lock()
_long_of: set[str] = set()
"""The visitors who have long work done."""
_VISITOR: ContextVar[str] = ContextVar("visitor", default="")


class LostError(OSError):
    """The process ended in the middle of its work."""


class StoppedError(BaseException):
    """Raised in the process where the work reports progress, once it should stop."""


def apart(function: Callable[..., Result], *arguments: Any, is_long: bool = False) -> Result:
    """The result of `function`, a module-level function, for `arguments`, computed in another process.

    solving.progress gets a report at least every PULSE_SECONDS; if on_progress raises, the process has stopped
    GRACE_SECONDS later. solving.watching gets the pieces. What `function` raises is raised here. `is_long` waits for
    others that take long.

    Raises:
        LostError: the process was ended from outside, or ran out of memory.
    """
    with _turn(is_long):
        worker, is_usable = _take(), False
        try:
            kind, value = worker.work(function, arguments)
            is_usable = True
        except LostError:
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
    """Inside, work is done for `visitor`, who has one long work at a time, however many they ask for; "" is anybody."""
    token = _VISITOR.set(visitor)
    try:
        yield
    finally:
        _VISITOR.reset(token)


@contextmanager
def _turn(is_long: bool) -> Iterator[None]:
    """Wait until there is room for one more, and until this visitor's other long work is done."""
    visitor = _VISITOR.get() if is_long else ""
    with ExitStack() as held:
        if visitor:
            while not _is_first_of(visitor):
                report(0)
                sleep(PULSE_SECONDS)
            held.callback(_long_of.discard, visitor)
        for room in (_long_room, _room) if is_long else (_room,):
            while not room.acquire(timeout=PULSE_SECONDS):
                report(0)
            held.callback(room.release)
        yield


def _is_first_of(visitor: str) -> bool:
    """Whether `visitor` had no long work done; they have now."""
    with _changing:
        if visitor in _long_of:
            return False
        _long_of.add(visitor)
        return True


def _take() -> "Worker":
    """An idle process, or a new one."""
    with _changing:
        while _idle:
            worker = _idle.pop()
            if worker.process.poll() is None:
                return worker
    return Worker()


def _give_back(worker: "Worker") -> None:
    """Keep a process for the next work, for a while."""

    def let_go() -> None:
        with _changing:
            if worker not in _idle:
                return
            _idle.remove(worker)
        worker.end()

    with _changing:
        _idle.append(worker)
    timer = threading.Timer(KEPT_SECONDS, let_go)
    timer.daemon = True
    timer.start()


class Worker:
    """A process that does one piece of work after the other, and its reports."""

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
        """("result", what it gave) or ("error", what it raised)."""
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
        """Whether the work ends within GRACE_SECONDS when it should."""
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
    """A message as bytes in bytes: who reads has all of it before anything is imported for it."""
    pickle.dump(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL), pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[str, Any]:
    """The next message; EOFError where there will be none."""
    return pickle.loads(pickle.load(pipe))  # type: ignore[no-any-return]


def serve() -> None:
    """In the process: do what comes, until whoever started it is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for whoever started it
    yield_to_others(NICENESS)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no message
    tasks: SimpleQueue[bytes] = SimpleQueue()
    stop = threading.Event()
    threading.Thread(target=_read, args=(tasks, stop), daemon=True).start()

    def hear(share: float) -> None:
        if stop.is_set():
            raise StoppedError
        _send(replies, ("share", share))

    def see(piece: Piece) -> None:
        _send(replies, ("piece", piece))

    while True:
        task = tasks.get()
        try:
            _, (function, arguments, is_seen) = pickle.loads(task)
            with reporting_to(hear), watched(see if is_seen else None):
                message = ("result", function(*arguments))
        except BaseException as error:  # noqa: BLE001 (it is raised where the work was asked for)
            message = ("error", _portable(error))
        stop.clear()
        _send(replies, message)
        del task, message


def _read(tasks: SimpleQueue[bytes], stop: threading.Event) -> None:
    """Pass work on, and the wish to stop it; end the process with whoever started it."""
    while True:
        try:
            packed = pickle.load(sys.stdin.buffer)
        except BaseException:  # noqa: BLE001 (nobody is there any more)
            os._exit(0)
        if packed == STOP:
            stop.set()
        else:
            tasks.put(packed)


def _portable(error: BaseException) -> BaseException:
    """`error`, with its traceback as a note where it is a fault; as a RuntimeError of its text if it can't be sent."""
    if not isinstance(error, ValueError | OSError):
        error.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 (pickling raises what it likes)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


STOP = pickle.dumps(("stop", None), protocol=pickle.HIGHEST_PROTOCOL)
