"""While a draft is finished its tabs see it come, and a stroke painted meanwhile is not painted over."""

from io import BytesIO
from threading import Event, Thread

import numpy as np
import pytest

from annotation.correction import finishing
from annotation.correction.finishing import finish, save
from annotation.correction.resolving import Patch
from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store
from annotation.strokes.raster import covered
from annotation.strokes.stroke import DOES, Stroke
from matting.arrays import UNKNOWN
from matting.files import read_alpha, read_trimap
from matting.solving.box import Box
from matting.solving.partial_results import Piece, show
from matting.weights.credit import Answer, Credit
from tests.annotation.editor.app import picture, quick_solve

LEFT, RIGHT, ALL = Box(0, 0, 120, 80), Box(0, 80, 120, 160), Box(0, 0, 120, 160)


class Watched:
    """A draft whose solver shows a first look, the left half, waits for `go`, and then the right half."""

    def __init__(self, folder, monkeypatch):
        image, _, self.trimap = picture(120, 160)
        workspace = Workspace(Drafts(open_store(folder)), quick_solve)
        self.open_draft = workspace.open(workspace.begin(image, self.trimap, name=""), "the secret of a test")
        self.news, self.shown, self.go = [], Event(), Event()
        self.open_draft.listeners["tab"] = self.news.append
        self.answer = np.where(self.trimap == UNKNOWN, 0.25, self.trimap / 255).astype(np.float32)
        monkeypatch.setattr(finishing, "solve_apart", self.solve)

    def solve(self, _model, _image, trimap):
        show(Piece(ALL, np.full((12, 16), 0.75, np.float32)))
        show(Piece(LEFT, self.answer[LEFT.slices]))
        self.shown.set()
        assert self.go.wait(20)
        show(Piece(RIGHT, self.answer[RIGHT.slices]))
        return Answer(self.answer, Credit("any"))

    def finish(self, meanwhile=lambda: None):
        finishing = Thread(target=finish, args=(self.open_draft, "any", lambda _: None))
        finishing.start()
        assert self.shown.wait(20)
        meanwhile()
        self.go.set()
        finishing.join(20)

    @property
    def seen(self):
        alpha = np.full(self.trimap.shape, np.nan, np.float32)
        for patch in self.news:
            if isinstance(patch, Patch):
                alpha[patch.box.slices] = patch.alpha
        return alpha


@pytest.fixture
def draft(tmp_path, monkeypatch):
    return Watched(tmp_path, monkeypatch)


def test_a_tab_sees_the_look_then_the_pieces_and_in_the_end_the_answer(draft):
    unknown = draft.trimap == UNKNOWN

    def meanwhile():
        seen = draft.seen
        assert (seen[LEFT.slices] == draft.answer[LEFT.slices]).all()
        assert np.abs(seen[unknown][np.nonzero(unknown)[1] >= 80] - 0.75).max() < 1e-3

    draft.finish(meanwhile)
    assert np.array_equal(draft.seen, draft.answer)
    assert np.array_equal(draft.open_draft.session.alpha, draft.answer)
    assert not draft.open_draft.session.waiting


def test_a_first_look_does_not_cover_what_was_solved_before(draft):
    session = draft.open_draft.session
    session.put(ALL, np.full(draft.trimap.shape, 0.3, np.float32))
    seen = []
    draft.finish(lambda: seen.append(draft.seen))
    assert (seen[0][RIGHT.slices][draft.trimap[RIGHT.slices] == UNKNOWN] == np.float32(0.3)).all()


def test_a_stroke_meanwhile_is_not_held_up_and_stays(draft):
    session = draft.open_draft.session
    rows, columns = np.nonzero(draft.trimap == UNKNOWN)
    at = int(np.flatnonzero(columns >= 100)[0])
    stroke = Stroke("a", "brush", "foreground", 3, ((int(columns[at]), int(rows[at])),))

    def meanwhile():
        with session.lock:  # as the workspace paints
            session.add(stroke)

    draft.finish(meanwhile)
    assert session.alpha[rows[at], columns[at]] == 1
    assert draft.seen[rows[at], columns[at]] != draft.answer[rows[at], columns[at]]
    assert (draft.seen[LEFT.slices] == draft.answer[LEFT.slices]).all()


HALF = Stroke("half", "brush", "unknown", 6, ((60, 40), (100, 80)), does="alpha", value=128)
SOFT = Stroke("soft", "brush", "unknown", 9, ((40, 60),), does="soften")
ERASED = Stroke("erased", "brush", "unknown", 5, ((100, 40),), does="erase")
TAKEN_BACK = Stroke("taken back", "brush", "unknown", 3, ((100, 80),))


def test_what_was_painted_into_the_alpha_is_saved_and_outlasts_every_later_solve(tmp_path, monkeypatch):
    """Of the draft, of a page that opens it again, and of the next revision by somebody who solves it anew."""
    image, _, trimap = picture(120, 160)
    workspace = Workspace(Drafts(open_store(tmp_path)), quick_solve)
    levels = iter([0.25, 0.75, 0.375])
    answer = {}

    def solve(_model, _image, trimap):
        answer["alpha"] = np.where(trimap == UNKNOWN, next(levels), trimap / 255).astype(np.float32)
        return Answer(answer["alpha"], Credit("any"))

    monkeypatch.setattr(finishing, "solve_apart", solve)
    draft = workspace.begin(image, trimap, name="")
    for revision in (1, 2, 3):
        open_draft = workspace.open(draft, "the secret of a test")
        if revision == 1:
            for stroke in (HALF, SOFT, ERASED, TAKEN_BACK):
                workspace.paint(open_draft, stroke, "tab")
        if revision == 2:
            workspace.paint(open_draft, Stroke("more", "brush", "foreground", 2, ((80, 60),)), "tab")
        saved = save(workspace, open_draft, "any", lambda _: None)
        files = workspace.drafts.store.files
        alpha, saved_trimap = read_alpha(BytesIO(files.get(saved.alpha))), read_trimap(BytesIO(files.get(saved.trimap)))
        half = covered(np.array(HALF.points), HALF, trimap.shape)
        others = [covered(np.array(each.points), each, trimap.shape) for each in (TAKEN_BACK, ERASED, SOFT)]
        alone = half & ~np.any(others, axis=0) & (saved_trimap == UNKNOWN)
        assert np.abs(alpha[alone] - 128 / 255).max() < 1e-4 and alone.sum() > 500
        back = others[0] & (saved_trimap == UNKNOWN)
        assert np.abs(alpha[back] - answer["alpha"][back]).max() < 1e-4 and back.any()
        assert (alpha[others[1]] == 0).mean() > 0.4
        assert saved.strokes == (4 if revision == 1 else 1 if revision == 2 else 0)
        if revision > 1:
            assert saved_trimap[60, 80] == 255 and alpha[60, 80] == 1
        draft = finishing.take_sample(workspace, saved.sample)


@pytest.mark.parametrize("does", [does for does in DOES if does])
def test_a_draft_of_a_sample_shows_the_alpha_as_it_was_saved(tmp_path, monkeypatch, does):
    """Its retouching strokes are in that alpha already. They are applied again to what is solved, piece by piece."""
    image, _, trimap = picture(120, 160)
    workspace = Workspace(Drafts(open_store(tmp_path)), quick_solve)
    ramp = np.broadcast_to(np.linspace(0, 1, 160, dtype=np.float32), trimap.shape)
    answer = np.where(trimap == UNKNOWN, ramp, trimap / 255).astype(np.float32)
    monkeypatch.setattr(finishing, "solve_apart", lambda *_: Answer(answer, Credit("any")))
    open_draft = workspace.open(workspace.begin(image, trimap, name=""), "the secret of a test")
    row, column = (int(at[len(at) // 2]) for at in np.nonzero(trimap == UNKNOWN))
    for name, at in (("one", column), ("two", column + 7)):
        stroke = Stroke(name, "brush", "unknown", 24, ((at, row),), does=does, value=90 if does == "alpha" else 0)
        workspace.paint(open_draft, stroke, "tab")
    saved = save(workspace, open_draft, "any", lambda _: None)
    alpha = read_alpha(BytesIO(workspace.drafts.store.files.get(saved.alpha)))
    assert np.abs(alpha - answer).max() > 0.1

    session = workspace.open(finishing.take_sample(workspace, saved.sample), "the secret of a test").session
    assert np.abs(session.alpha - alpha).max() < 1e-4
    for box in (RIGHT, LEFT):
        session.put(box, answer[box.slices])
    assert np.abs(session.alpha - alpha).max() < 1e-4
