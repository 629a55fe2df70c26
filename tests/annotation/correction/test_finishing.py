"""While a draft is finished its tabs see it come, and a stroke painted meanwhile is not painted over."""

from threading import Event, Thread

import numpy as np
import pytest

from annotation.correction import finishing
from annotation.correction.finishing import finish
from annotation.correction.resolving import Patch
from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store
from annotation.strokes.stroke import Stroke
from matting.arrays import UNKNOWN
from matting.models.credit import Answer, Credit
from matting.solving.box import Box
from matting.solving.watching import Piece, show
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
        assert (seen[unknown][np.nonzero(unknown)[1] >= 80] == 0.75).all()

    draft.finish(meanwhile)
    assert np.array_equal(draft.seen, draft.answer)
    assert np.array_equal(draft.open_draft.session.alpha, draft.answer)
    assert not draft.open_draft.session.waiting


def test_a_first_look_does_not_cover_what_was_solved_before(draft):
    session = draft.open_draft.session
    session.alpha[draft.trimap == UNKNOWN] = 0.3
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
