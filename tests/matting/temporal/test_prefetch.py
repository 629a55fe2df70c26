"""Work done ahead in other threads: in order, a few at a time, and its errors where they belong."""

import threading

import pytest

from matting.temporal.prefetch import ahead, map_ahead


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_results_come_in_order(count):
    assert list(ahead(iter(range(count)))) == list(range(count))
    assert list(map_ahead(lambda number: number**2, range(count), 3)) == [number**2 for number in range(count)]


def test_as_many_at_once_as_there_are_threads_and_no_more_taken():
    taken, meeting = [], threading.Barrier(2, timeout=30)

    def numbers():
        for number in range(100):
            taken.append(number)
            yield number

    results = map_ahead(lambda number: meeting.wait() >= 0 and number, numbers(), 2)
    assert next(results) == 0  # neither of the first two returns before the other has begun
    assert taken == [0, 1]
    meeting.abort()
    results.close()


def test_an_error_comes_where_its_result_would():
    results = map_ahead(lambda number: 6 // number, [3, 2, 0, 1], 2)
    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)
