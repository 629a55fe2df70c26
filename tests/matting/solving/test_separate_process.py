"""Work in another process: its result, progress and errors, and that it ends in the midst of native code."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

import gradio as gr
import numpy as np
import psutil
import pytest

from annotation.correction import full_size, ready_process, whole_picture
from annotation.correction.whole_picture import held
from annotation.ui.cancelling import GivenUpError, give_up, waited_for
from annotation.ui.errors import keeps_error, shows_errors
from matting.models import load_model
from matting.solving import separate_process as module
from matting.solving.progress import report, reporting_to
from matting.solving.separate_process import LONG_SLOTS, LostError, apart
from tests.annotation.editor.app import picture
from tests.browser import wait_until


def double(array):
    report(0.5)
    sys.stdout.write("a library's chatter is no message\n")
    sys.stdout.flush()
    return 2 * array


def fail(error):
    raise error


def run_out():
    raise MemoryError


def vanish():
    os.kill(os.getpid(), signal.SIGKILL)


def process():
    return os.getpid()


def deaf(seconds):
    """Native code that holds the interpreter, as a compiled solver does."""
    report(0.1)
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))


def attentive(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        report(0.1)
        time.sleep(0.01)


def solve(name, image, trimap):
    return load_model(name)(image, trimap)


@pytest.fixture(autouse=True)
def warm():
    """A process that is there already, as what is timed is not its start."""
    apart(process)


def children():
    return [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]


def test_result_and_progress_come_back():
    shares = []
    with reporting_to(shares.append):
        assert np.array_equal(apart(double, np.arange(5)), 2 * np.arange(5))
    assert 0.5 in shares


def test_a_solve_gives_what_it_gives_here():
    image, _, trimap = picture(60, 80)
    assert np.array_equal(apart(solve, "shared", image, trimap), load_model("shared")(image, trimap))


def test_errors_come_back_as_they_are():
    with pytest.raises(ValueError, match=r"^wanted this, but got that$"):
        apart(fail, ValueError("wanted this, but got that"))
    for lost in (run_out, vanish):
        with pytest.raises(LostError, match="lack of memory"):
            apart(lost)
    assert apart(process)  # and the next work is done


def test_one_process_does_one_work_after_the_other():
    assert apart(process) == apart(process) != os.getpid()


@pytest.mark.parametrize("work", [deaf, attentive])
def test_who_raises_has_the_work_ended_within_a_second(work):
    class EnoughError(Exception):
        pass

    begun = []

    def listen(share):
        if share > 0:
            begun.append(time.monotonic())
            raise EnoughError

    before = {child.pid for child in children()}
    with pytest.raises(EnoughError), reporting_to(listen):
        apart(work, 60)
    assert time.monotonic() - begun[0] < 1
    running = [child for child in children() if child.cpu_percent(0.2) > 50]
    assert not running
    is_kept = before <= {child.pid for child in children()}
    assert is_kept == (work is attentive)


def test_what_takes_long_leaves_room_for_the_rest():
    begun, may_end = threading.Semaphore(0), threading.Event()

    class OverError(Exception):
        pass

    def listen(share):
        if share > 0:
            begun.release()
        if may_end.is_set():
            raise OverError

    def wait_long():
        with pytest.raises(OverError), reporting_to(listen):
            apart(attentive, 60, is_long=True)

    threads = [threading.Thread(target=wait_long) for _ in range(LONG_SLOTS + 1)]
    for thread in threads:
        thread.start()
    for _ in range(LONG_SLOTS):
        assert begun.acquire(timeout=30)
    try:
        assert np.array_equal(apart(double, np.arange(3)), [0, 2, 4])
    finally:
        may_end.set()
        for thread in threads:
            thread.join(10)
    assert not any(thread.is_alive() for thread in threads)  # neither what ran nor what waited


def test_one_visitor_leaves_a_long_place_to_others():
    """Who asked for as much as there are places for has one of them, and the next when that is done."""
    begun, may_end = {"many": threading.Semaphore(0), "other": threading.Semaphore(0)}, threading.Event()

    class OverError(Exception):
        pass

    def wait_long(visitor):
        def listen(share):
            if share > 0 and not is_begun:
                is_begun.append(True)
                begun[visitor].release()
            if is_begun and may_end.is_set():
                raise OverError

        is_begun = []
        with pytest.raises(OverError), waited_for(Page(visitor), listen):
            apart(attentive, 60, is_long=True)

    many = [threading.Thread(target=wait_long, args=("many",)) for _ in range(LONG_SLOTS)]
    other = threading.Thread(target=wait_long, args=("other",))
    for thread in many:
        thread.start()
    assert begun["many"].acquire(timeout=30)
    other.start()
    try:
        assert begun["other"].acquire(timeout=30)
        assert not begun["many"].acquire(timeout=1)
    finally:
        may_end.set()
        for thread in (*many, other):
            thread.join(30)
    assert not any(thread.is_alive() for thread in (*many, other))
    assert begun["many"].acquire(timeout=1)  # the second had its turn


def test_processes_go_with_who_started_them():
    program = (
        "import os, signal; from matting.solving.separate_process import apart;"
        "from tests.matting.solving.test_separate_process import process;"
        "print(apart(process), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    number = int(done.stdout)
    end = time.monotonic() + 5
    while psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_download_finds_a_process_that_is_ready(monkeypatch):
    while module._idle:
        module._idle.pop().end()
    monkeypatch.setattr(ready_process, "READY", threading.Event())
    full_size.get_ready()
    ready_process.READY.set()
    full_size.get_ready()
    wait_until(lambda: bool(module._idle), seconds=30)
    monkeypatch.setattr(module, "Worker", lambda: pytest.fail("waited for another process"))
    assert whole_picture.png_apart(np.zeros((4, 4, 3), np.uint8)).startswith(b"\x89PNG")


def test_who_paints_finds_a_process_that_is_ready_to_finish(monkeypatch):
    while module._idle:
        module._idle.pop().end()
    monkeypatch.setattr(ready_process, "READY", threading.Event())
    ready_process.READY.set()
    finishing = ready_process.FinishingReady("shared")
    finishing.renew()
    wait_until(lambda: bool(module._idle), seconds=30)
    monkeypatch.setattr(module, "Worker", lambda: pytest.fail("waited for another process"))
    monkeypatch.setattr(ready_process, "Thread", lambda **_: pytest.fail("did it again at the next stroke"))
    finishing.renew()
    solved = whole_picture.solve_apart("shared", *ready_process.tiny_photo())
    assert (solved.alpha[:16] == 0).all() and (solved.alpha[48:] == 1).all()


def test_idle_processes_are_let_go(monkeypatch):
    monkeypatch.setattr(module, "KEPT_SECONDS", 0.1)
    number = apart(process)
    end = time.monotonic() + 5
    while number in {child.pid for child in children()}:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_many_short_tasks_leave_one_timer():
    before = set(threading.enumerate())
    for _ in range(12):
        apart(process)
    begun = [one for one in threading.enumerate() if isinstance(one, threading.Timer) and one not in before]
    wait_until(lambda: sum(one.is_alive() for one in begun) == 1, seconds=20)


class Page:
    """What Gradio tells of the page a request came from."""

    def __init__(self, name):
        self.session_hash = name


def test_a_page_gives_up_what_it_waits_for_and_nothing_else():
    def step(page, seconds):
        with waited_for(page, lambda share: begun.release()):
            apart(attentive, seconds)
        return "done"

    def run(page, seconds):
        try:
            told_lines[page.session_hash] = list(keeps_error(shows_errors(step), 1)(page, seconds))
        except gr.Error as error:
            ended[page.session_hash] = error

    begun, told_lines, ended = threading.Semaphore(0), {}, {}
    mine, other = Page("mine"), Page("other")
    threads = [threading.Thread(target=run, args=each) for each in ((mine, 60), (other, 2))]
    for thread in threads:
        thread.start()
    for _ in range(8):
        assert begun.acquire(timeout=30)
    start = time.monotonic()
    give_up(mine)
    threads[0].join(10)
    assert time.monotonic() - start < 1
    assert ended["mine"].message == "Cancelled." and not ended["mine"].visible
    threads[1].join(30)
    assert told_lines["other"][0][0] == "done"


def test_who_waits_for_another_tab_can_give_up_too():
    lock, page = threading.RLock(), Page("second")
    with lock:
        ended = []

        def wait():
            try:
                with waited_for(page, lambda share: give_up(page)), held(lock):
                    pass
            except GivenUpError as error:
                ended.append(str(error))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(5)
    assert ended == ["Cancelled."]
