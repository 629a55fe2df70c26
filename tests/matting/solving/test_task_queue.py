"""Who is next: against a plain simulation of fairness, and what a waiting task is told."""

import threading
import time
from collections import Counter

import pytest

from matting.solving import task_queue as line_module
from matting.solving.progress import Standing, report_waiting, reporting_to, standing
from matting.solving.task_queue import Line
from tests.browser import wait_until


class Task(threading.Thread):
    """A task in a line, which runs until it is let go; notes when it began and what it was told."""

    def __init__(self, line, begun, name, *, visitor="", is_long=True):
        super().__init__(daemon=True)
        self.line, self.begun, self.visitor, self.is_long = line, begun, visitor, is_long
        self.label, self.told, self.done, self.error = name, [], threading.Event(), None
        known = len(line.waiting) + len(line.running)
        self.start()
        wait_until(lambda: len(line.waiting) + len(line.running) > known, seconds=5)

    def tell(self, told):
        self.told.append(told)
        if self.error:
            raise self.error

    def run(self):
        try:
            with self.line.turn(self.visitor, is_long=self.is_long, tell=self.tell):
                self.begun.append(self.label)
                self.done.wait(20)
        except KeyError:
            self.begun.append(f"{self.label} gave up")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(line_module, "PULSE_SECONDS", 0.01)


def run_all(tasks, begun):
    """Let the running ones go, one after the other in the order in which they began, until all have."""
    by_label = {task.label: task for task in tasks}
    for at in range(len(tasks)):
        wait_until(lambda at=at: len(begun) > at, seconds=5)
        by_label[begun[at]].done.set()
    for task in tasks:
        task.join(5)


def test_one_visitors_many_long_tasks_hold_up_nobody_elses_first():
    line, begun = Line(3, 2), []
    tasks = [Task(line, begun, f"greedy {n}", visitor="greedy") for n in range(6)]
    tasks += [Task(line, begun, f"{n}", visitor=f"visitor {n}") for n in range(10)]
    run_all(tasks, begun)
    others = [begun.index(f"{n}") for n in range(10)]
    assert begun[0] == "greedy 0"
    assert others == sorted(others)
    assert Counter(label.split()[0] for label in begun[:12])["greedy"] <= 2, begun


def test_a_visitor_has_one_long_task_at_a_time_and_nobody_is_bounded():
    line, begun = Line(9, 9), []
    mine = [Task(line, begun, f"mine {n}", visitor="me") for n in range(2)]
    free = [Task(line, begun, f"free {n}") for n in range(2)]
    wait_until(lambda: len(begun) == 3, seconds=5)
    assert begun == ["mine 0", "free 0", "free 1"]
    run_all([*mine, *free], begun)


def test_short_tasks_pass_long_ones_but_not_for_ever(monkeypatch):
    line, begun = Line(2, 1), []
    busy = [Task(line, begun, f"busy {n}", is_long=False) for n in range(2)]
    long = Task(line, begun, "long")
    short = [Task(line, begun, f"short {n}", is_long=False) for n in range(2)]
    run_all([*busy, *short, long], begun)
    assert begun == ["busy 0", "busy 1", "short 0", "short 1", "long"]

    monkeypatch.setattr(line_module, "PATIENCE_SECONDS", 0.0)
    line, begun = Line(1, 1), []
    busy = Task(line, begun, "busy", is_long=False)
    long = Task(line, begun, "long")
    short = [Task(line, begun, f"short {n}", is_long=False) for n in range(20)]
    run_all([busy, long, *short], begun)
    assert "long" in begun


def test_who_waits_is_told_the_place_and_about_how_long():
    line, begun = Line(3, 2), []
    line.usual_seconds[True] = 30.0
    tasks = [Task(line, begun, f"{n}") for n in range(6)]
    wait_until(lambda: all(task.told for task in tasks[2:]), seconds=5)
    assert [task.told[-1] for task in tasks[2:]] == [
        Standing(1, 30.0), Standing(2, 30.0), Standing(3, 60.0), Standing(4, 60.0),
    ]  # fmt: skip
    tasks[0].done.set()
    wait_until(lambda: tasks[5].told[-1].place == 3, seconds=5)
    run_all(tasks, begun)


def test_the_usual_time_follows_what_tasks_took():
    line = Line(1, 1)
    for seconds in (0.05, 0.05, 0.05):
        with line.turn("", is_long=True, tell=print):
            time.sleep(seconds)
    assert 0.045 < line.usual_seconds[True] < 0.5
    assert False not in line.usual_seconds


def test_what_is_given_up_leaves_the_line():
    line, begun = Line(1, 1), []
    first, second, third = (Task(line, begun, name) for name in ("first", "second", "third"))
    second.error = KeyError("given up")
    wait_until(lambda: "second gave up" in begun, seconds=5)
    wait_until(lambda: third.told[-1].place == 1, seconds=5)
    first.done.set()
    wait_until(lambda: "third" in begun, seconds=5)
    third.done.set()
    wait_until(lambda: not line.running and not line.waiting, seconds=5)


def test_a_listener_learns_that_the_work_waits():
    heard = []
    with reporting_to(lambda share: heard.append((share, standing()))):
        report_waiting(Standing(3, 12.0))
    assert heard == [(0, Standing(3, 12.0))]
    assert standing() is None
