"""Works in the store: owned by one browser, strokes kept once and in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from annotation.correction.workspace import Workspace
from annotation.store import NotYoursError, Works, collect_garbage, open_store
from annotation.strokes.stroke import Stroke
from tests.annotation.correction.test_resolving import settle
from tests.annotation.editor.app import picture, quick_solve

MINE, OTHERS = "the secret of my browser", "the secret of another browser"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Works(open_store(tmp_path)), quick_solve)


def begin(workspace):
    image, alpha, trimap = picture(48, 64)
    return workspace.begin(image, trimap, name="photo", alpha=alpha)


def brush(name, x=10):
    return Stroke(name, "brush", "foreground", 3, ((x, 10), (20, 20)))


def test_a_work_belongs_to_the_first_secret_that_opens_it(workspace):
    work = begin(workspace)
    workspace.open(work, MINE)
    for secret in (OTHERS, "", "short"):
        with pytest.raises(NotYoursError):
            workspace.open(work, secret)
    assert [row.id for row, _ in workspace.works.unfinished(MINE)] == [work]
    assert list(workspace.works.unfinished(OTHERS)) == []


def test_a_short_secret_cannot_claim_a_work(workspace):
    work = begin(workspace)
    with pytest.raises(NotYoursError):
        workspace.open(work, "guessable")
    workspace.open(work, MINE)


def test_the_secret_itself_is_not_stored(workspace, tmp_path):
    workspace.open(begin(workspace), MINE)
    assert not any(MINE.encode() in file.read_bytes() for file in tmp_path.glob("dataset.db*"))


def test_a_stroke_sent_twice_counts_once(workspace):
    open_work = workspace.open(begin(workspace), MINE)
    assert workspace.paint(open_work, brush("a"), "tab") == 1
    assert workspace.paint(open_work, brush("b"), "tab") == 2
    assert workspace.paint(open_work, brush("a"), "tab") == 1
    assert [stroke.id for stroke in workspace.works.strokes(open_work.work.id)] == ["a", "b"]
    assert len(open_work.session.strokes) == 2


def test_a_stroke_that_refers_to_nothing_is_neither_stored_nor_painted(workspace):
    open_work = workspace.open(begin(workspace), MINE)
    with pytest.raises(ValueError, match="which is not there"):
        workspace.paint(open_work, Stroke("a", "undo", target="missing"), "tab")
    assert workspace.works.strokes(open_work.work.id) == []


def test_a_reopened_work_is_as_it_was_left(workspace, tmp_path):
    work = begin(workspace)
    open_work = workspace.open(work, MINE)
    for stroke in (brush("a"), brush("b", 30), Stroke("c", "undo", target="a")):
        workspace.paint(open_work, stroke, "tab")
    again = Workspace(Works(open_store(tmp_path)), quick_solve).open(work, MINE).session
    assert (again.trimap == open_work.session.trimap).all()
    assert again.strokes == open_work.session.strokes
    for session in (again, open_work.session):
        settle(session, quick_solve)
    assert (again.alpha == open_work.session.alpha).all()


def test_a_new_start_is_stored_and_survives_the_clean_up(workspace):
    work = begin(workspace)
    open_work = workspace.open(work, MINE)
    trimap = open_work.session.automatic.copy()
    trimap[:10] = 255
    workspace.start_over(open_work, trimap, "again", "tab")
    collect_garbage(workspace.works.store, older_than=0)
    fresh = Workspace(workspace.works, quick_solve).open(work, MINE).session
    assert (fresh.trimap == trimap).all()


def test_a_closed_work_leaves_the_list_only(workspace):
    work = begin(workspace)
    workspace.paint(workspace.open(work, MINE), brush("a"), "tab")
    with pytest.raises(NotYoursError):
        workspace.works.close(work, OTHERS)
    workspace.works.close(work, MINE)
    assert list(workspace.works.unfinished(MINE)) == []
    assert len(workspace.works.strokes(work)) == 1


def test_many_threads_on_one_work_give_every_stroke_its_own_number(workspace):
    open_work = workspace.open(begin(workspace), MINE)
    strokes = [brush(f"{number}", number) for number in range(48)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda stroke: workspace.paint(open_work, stroke, "tab"), strokes))
    assert sorted(numbers) == list(range(1, 49))
    stored = workspace.works.strokes(open_work.work.id)
    assert stored == open_work.session.strokes
    assert [stored[number - 1] for number in numbers] == strokes
