"""Drafts in the store: owned by one browser, strokes kept once and in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, NotYoursError, collect_garbage, open_store
from annotation.strokes.stroke import Stroke
from tests.annotation.correction.test_resolving import settle
from tests.annotation.editor.app import picture, quick_solve

MINE, OTHERS = "the secret of my browser", "the secret of another browser"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Drafts(open_store(tmp_path)), quick_solve)


def begin(workspace):
    image, alpha, trimap = picture(48, 64)
    return workspace.begin(image, trimap, name="photo", alpha=alpha)


def brush(name, x=10):
    return Stroke(name, "brush", "foreground", 3, ((x, 10), (20, 20)))


def test_a_work_belongs_to_the_first_secret_that_opens_it(workspace):
    draft = begin(workspace)
    workspace.open(draft, MINE)
    for secret in (OTHERS, "", "short"):
        with pytest.raises(NotYoursError):
            workspace.open(draft, secret)
    assert [row.id for row, _ in workspace.drafts.unfinished(MINE)] == [draft]
    assert list(workspace.drafts.unfinished(OTHERS)) == []


def test_a_short_secret_cannot_claim_a_draft(workspace):
    draft = begin(workspace)
    with pytest.raises(NotYoursError):
        workspace.open(draft, "guessable")
    workspace.open(draft, MINE)


def test_the_secret_itself_is_not_stored(workspace, tmp_path):
    workspace.open(begin(workspace), MINE)
    assert not any(MINE.encode() in file.read_bytes() for file in tmp_path.glob("dataset.db*"))


def test_the_list_counts_the_strokes_that_count(workspace):
    """Neither undo nor redo, nor what is undone; of a draft without strokes, none."""
    untouched = workspace.open(begin(workspace), MINE).stored.id
    open_draft = workspace.open(begin(workspace), MINE)
    switches = [("undo", "a"), ("undo", "b"), ("undo", "b"), ("redo", "a"), ("undo", 'c"kind":"undo"')]
    for name in ("a", "b", 'c"kind":"undo"'):
        workspace.paint(open_draft, brush(name), "tab")
    for number, (kind, target) in enumerate(switches):
        workspace.paint(open_draft, Stroke(f"{number}", kind, target=target), "tab")
        listed = {draft.id: count for draft, count in workspace.drafts.unfinished(MINE)}
        assert listed == {untouched: 0, open_draft.stored.id: open_draft.session.stroke_count}
    assert open_draft.session.stroke_count == 1


def test_a_stroke_sent_twice_counts_once(workspace):
    open_draft = workspace.open(begin(workspace), MINE)
    assert workspace.paint(open_draft, brush("a"), "tab") == 1
    assert workspace.paint(open_draft, brush("b"), "tab") == 2
    assert workspace.paint(open_draft, brush("a"), "tab") == 1
    assert [stroke.id for stroke in workspace.drafts.strokes(open_draft.stored.id)] == ["a", "b"]
    assert len(open_draft.session.strokes) == 2


def test_a_stroke_that_refers_to_nothing_is_neither_stored_nor_painted(workspace):
    open_draft = workspace.open(begin(workspace), MINE)
    with pytest.raises(ValueError, match="which does not exist"):
        workspace.paint(open_draft, Stroke("a", "undo", target="missing"), "tab")
    assert workspace.drafts.strokes(open_draft.stored.id) == []


def test_a_reopened_work_is_as_it_was_left(workspace, tmp_path):
    draft = begin(workspace)
    open_draft = workspace.open(draft, MINE)
    for stroke in (brush("a"), brush("b", 30), Stroke("c", "undo", target="a")):
        workspace.paint(open_draft, stroke, "tab")
    again = Workspace(Drafts(open_store(tmp_path)), quick_solve).open(draft, MINE).session
    assert (again.trimap == open_draft.session.trimap).all()
    assert again.strokes == open_draft.session.strokes
    for session in (again, open_draft.session):
        settle(session, quick_solve)
    assert (again.alpha == open_draft.session.alpha).all()


def test_a_new_start_is_stored_and_survives_the_clean_up(workspace):
    draft = begin(workspace)
    open_draft = workspace.open(draft, MINE)
    trimap = open_draft.session.automatic.copy()
    trimap[:10] = 255
    workspace.start_over(open_draft, trimap, "again", "tab")
    collect_garbage(workspace.drafts.store, older_than=0)
    fresh = Workspace(workspace.drafts, quick_solve).open(draft, MINE).session
    assert (fresh.trimap == trimap).all()


def test_a_closed_work_leaves_the_list_only(workspace):
    draft = begin(workspace)
    workspace.paint(workspace.open(draft, MINE), brush("a"), "tab")
    with pytest.raises(NotYoursError):
        workspace.drafts.close(draft, OTHERS)
    workspace.drafts.close(draft, MINE)
    assert list(workspace.drafts.unfinished(MINE)) == []
    assert len(workspace.drafts.strokes(draft)) == 1


def test_many_threads_on_one_work_give_every_stroke_its_own_number(workspace):
    open_draft = workspace.open(begin(workspace), MINE)
    strokes = [brush(f"{number}", number) for number in range(48)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda stroke: workspace.paint(open_draft, stroke, "tab"), strokes))
    assert sorted(numbers) == list(range(1, 49))
    stored = workspace.drafts.strokes(open_draft.stored.id)
    assert stored == open_draft.session.strokes
    assert [stored[number - 1] for number in numbers] == strokes
