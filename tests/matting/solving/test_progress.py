"""The time left, told to people: as true as the pace is even, whatever waiting came before."""

import pytest

from matting.solving.progress import SHARE_AT_BEGINNING, TimeLeft


@pytest.mark.parametrize("waiting", [0.0, 45.0])
@pytest.mark.parametrize("step", [0.02, 0.1])
def test_of_even_work_the_time_left_is_exact_wherever_it_is_asked(waiting, step):
    now = [0.0]
    clock, told = TimeLeft(lambda: now[0]), []
    while now[0] < waiting + 100:
        done = (now[0] - waiting) / 100
        share = 0.0 if done < 0 else SHARE_AT_BEGINNING + (1 - SHARE_AT_BEGINNING) * step * int(done / step + 1e-9)
        told.append((done, clock.after(share)))
        now[0] += 0.5
    assert all(left is None for done, left in told if done < min(0.05, step))
    late = [(100 * (1 - done), left) for done, left in told if done >= 0.1]
    assert all(left == pytest.approx(true, abs=0.2) for true, left in late)


def test_work_that_begins_anew_is_timed_anew():
    now = [0.0]
    clock = TimeLeft(lambda: now[0])
    for share, seconds in ((SHARE_AT_BEGINNING, 0), (1.0, 10), (0.0, 11), (0.0, 40)):
        now[0] = seconds
        clock.after(share)
    assert clock.after(SHARE_AT_BEGINNING) is None
    now[0] = 50
    assert clock.after(0.5 + SHARE_AT_BEGINNING) == pytest.approx(10, abs=0.1)
