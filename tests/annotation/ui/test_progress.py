"""Progress in words: nothing of the time left before the pace tells, then what the pace says."""

import gradio as gr
import pytest

from annotation.studio import Studio
from annotation.ui import progress
from annotation.ui.getting_ready import Warmup
from annotation.ui.page import build
from annotation.ui.progress import SOLVING, counting, solving
from matting.solving.progress import SHARE_AT_BEGINNING as BEGUN
from matting.solving.progress import Standing, TimeLeft, report, report_waiting, reporting_to
from matting.solving.time_left import Pace, duration


def test_the_bar_tells_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now, shown = [100.0], []

    class Bar(gr.Progress):
        def __call__(self, share, desc=None, **_):
            shown.append((share, desc))

    monkeypatch.setattr(progress, "TimeLeft", lambda: TimeLeft(lambda: now[0]))
    tell = solving(Bar())
    for share, seconds in (
        (0.0, 0.0),
        (BEGUN, 30.0),
        (0.25 + BEGUN, 70.0),
        (0.25 + BEGUN, 75.0),
    ):
        now[0] = 100 + seconds
        tell(share)
    assert shown == [
        (0.0, SOLVING),
        (BEGUN, SOLVING),
        (0.25 + BEGUN, f"{SOLVING}, 2 min 00 s left"),
        (0.25 + BEGUN, f"{SOLVING}, 1 min 55 s left"),
    ]


def test_what_counts_its_progress_shows_the_bar_where_there_is_room(tmp_path):
    page = build(Studio.open(tmp_path), Warmup())
    counted = [event for event in page.fns.values() if event.tracks_progress and event.show_progress != "hidden"]
    places = [[each for each in event.show_progress_on or event.outputs if each.visible is True] for event in counted]
    assert len(counted) > 10
    assert {len(shown) for shown in places} == {1}  # one bar, not one on each field
    assert {shown[0].min_height for shown in places} == {progress.BAR_HEIGHT}


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (187, "3 min 07 s")])
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    "waits, words",
    [
        (Standing(1, None), "Waiting for others, you are next"),
        (Standing(1, 4.2), "Waiting for others, you are next: about 4 s"),
        (Standing(7, 95.0), "Waiting for others, place 7 in line: about 1 min 35 s"),
    ],
)
def test_who_waits_reads_the_place_and_about_how_long(waits, words):
    shown = []
    listen = solving(lambda share, desc: shown.append((share, desc)))
    with reporting_to(listen):
        report_waiting(waits)
        report(0)
    assert shown == [(0, words), (0, "Working out the edge")]


@pytest.mark.parametrize(
    ("done", "seconds", "words"),
    [
        (0, 9, "0 of 40"),
        (10, 5, "10 of 40, 2.0 a second, 15 s left"),
        (4, 40, "4 of 40, 6.0 a minute, 6 min 00 s left"),
    ],
)
def test_work_on_many_tells_count_pace_and_time_left(done: int, seconds: float, words: str) -> None:
    now, shown = [100.0], []

    class Bar(gr.Progress):
        def __call__(self, share, desc=None, **_):
            shown.append((share, desc))

    pace = Pace(lambda: now[0])
    heard: list[float] = []
    count = counting(Bar(), "photos", heard.append)
    now[0] += seconds
    assert pace.words(done, 40) == words
    count(done, 40)
    assert shown[0][0] == heard[0] == done / 40 and shown[0][1].startswith(f"photos: {done} of 40")
