"""Works in the store: owned by one browser, strokes kept once and in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from annotation.correction.workspace import Desk
from annotation.store import NotYoursError, Works, collect_garbage, open_store
from annotation.strokes.stroke import Stroke
from tests.annotation.correction.test_resolving import settle
from tests.annotation.editor.app import picture, quick_solve

MINE, OTHERS = "the secret of my browser", "the secret of another browser"


@pytest.fixture
def desk(tmp_path):
    return Desk(Works(open_store(tmp_path)), quick_solve)


def begin(desk):
    image, alpha, trimap = picture(48, 64)
    return desk.begin(image, trimap, name="photo", alpha=alpha)


def brush(name, x=10):
    return Stroke(name, "brush", "foreground", 3, ((x, 10), (20, 20)))


def test_a_work_belongs_to_the_first_secret_that_opens_it(desk):
    work = begin(desk)
    desk.open(work, MINE)
    for secret in (OTHERS, "", "short"):
        with pytest.raises(NotYoursError):
            desk.open(work, secret)
    assert [row.id for row, _ in desk.works.unfinished(MINE)] == [work]
    assert list(desk.works.unfinished(OTHERS)) == []


def test_a_short_secret_cannot_claim_a_work(desk):
    work = begin(desk)
    with pytest.raises(NotYoursError):
        desk.open(work, "guessable")
    desk.open(work, MINE)


def test_the_secret_itself_is_not_stored(desk, tmp_path):
    desk.open(begin(desk), MINE)
    assert not any(MINE.encode() in file.read_bytes() for file in tmp_path.glob("dataset.db*"))


def test_a_stroke_sent_twice_counts_once(desk):
    open_work = desk.open(begin(desk), MINE)
    assert desk.paint(open_work, brush("a"), "tab") == 1
    assert desk.paint(open_work, brush("b"), "tab") == 2
    assert desk.paint(open_work, brush("a"), "tab") == 1
    assert [stroke.id for stroke in desk.works.strokes(open_work.work.id)] == ["a", "b"]
    assert len(open_work.session.strokes) == 2


def test_a_stroke_that_refers_to_nothing_is_neither_stored_nor_painted(desk):
    open_work = desk.open(begin(desk), MINE)
    with pytest.raises(ValueError, match="which is not there"):
        desk.paint(open_work, Stroke("a", "undo", target="missing"), "tab")
    assert desk.works.strokes(open_work.work.id) == []


def test_a_reopened_work_is_as_it_was_left(desk, tmp_path):
    work = begin(desk)
    open_work = desk.open(work, MINE)
    for stroke in (brush("a"), brush("b", 30), Stroke("c", "undo", target="a")):
        desk.paint(open_work, stroke, "tab")
    again = Desk(Works(open_store(tmp_path)), quick_solve).open(work, MINE).session
    assert (again.trimap == open_work.session.trimap).all()
    assert again.strokes == open_work.session.strokes
    for session in (again, open_work.session):
        settle(session, quick_solve)
    assert (again.alpha == open_work.session.alpha).all()


def test_a_new_start_is_stored_and_survives_the_clean_up(desk):
    work = begin(desk)
    open_work = desk.open(work, MINE)
    trimap = open_work.session.automatic.copy()
    trimap[:10] = 255
    desk.start_over(open_work, trimap, "again", "tab")
    collect_garbage(desk.works.store, older_than=0)
    fresh = Desk(desk.works, quick_solve).open(work, MINE).session
    assert (fresh.trimap == trimap).all()


def test_a_closed_work_leaves_the_list_only(desk):
    work = begin(desk)
    desk.paint(desk.open(work, MINE), brush("a"), "tab")
    with pytest.raises(NotYoursError):
        desk.works.close(work, OTHERS)
    desk.works.close(work, MINE)
    assert list(desk.works.unfinished(MINE)) == []
    assert len(desk.works.strokes(work)) == 1


def test_many_threads_on_one_work_give_every_stroke_its_own_number(desk):
    open_work = desk.open(begin(desk), MINE)
    strokes = [brush(f"{number}", number) for number in range(48)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda stroke: desk.paint(open_work, stroke, "tab"), strokes))
    assert sorted(numbers) == list(range(1, 49))
    stored = desk.works.strokes(open_work.work.id)
    assert stored == open_work.session.strokes
    assert [stored[number - 1] for number in numbers] == strokes
