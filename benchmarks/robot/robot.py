"""The robot that corrects one picture, by the one thing that repairs most error at each step."""

import numpy as np

from annotation.correction.resolving import Solve
from annotation.correction.selecting import clicked, select_clicked
from annotation.correction.session import Session, rough_alpha
from annotation.strokes.raster import replay
from annotation.strokes.stroke import Stroke
from benchmarks.robot.hand import Exact
from benchmarks.robot.pictures import Subject
from benchmarks.robot.strokes import best_stroke, repaired
from matting.arrays import Alpha, Trimap
from matting.metrics import sad
from matting.models.mobile_sam import Point, Selector


class Robot:
    """Corrects one picture. It sees the alpha of the whole picture, as a download has it."""

    def __init__(
        self, subject: Subject, trimap: Trimap, solve: Solve, selector: Selector, hand: Exact | None = None
    ) -> None:
        self.subject, self.solve, self.selector = subject, solve, selector
        self.hand = hand or Exact()
        self.session = Session(subject.image, trimap)
        self.vain = {label: np.zeros(trimap.shape, bool) for label in ("foreground", "background", "unknown")}
        self.is_clicking = True
        self.solved: tuple[float, Alpha] = self.look()

    def begin(self, name: str) -> None:
        """What is done before the strokes are counted: nothing."""

    def look(self) -> tuple[float, Alpha]:
        """The present error, and the alpha."""
        trimap = self.session.trimap
        try:
            alpha = self.solve(self.subject.image, trimap)
        except ValueError:  # no foreground or no background is known
            alpha = rough_alpha(trimap)
        return sad(alpha, self.subject.truth), alpha

    def step(self, name: str) -> float | None:
        """The error after one more stroke or click, which is undone if it made things worse; None if none is left."""
        found = [self.best_click(name), self.best_brush(name)]
        best = max((each for each in found if each), key=lambda each: each[0], default=None)
        return self.keep(best[1], name) if best else None

    def keep(self, meant: Stroke, name: str) -> float:
        """The error after the stroke as the hand paints it; it is undone if it made things worse."""
        stroke, before = meant, self.session.trimap.copy()
        if meant.kind != "start":
            stroke = self.hand.stroke(meant, before.shape)
        self.session.add(stroke)
        solved = self.look()
        if solved[0] <= self.solved[0]:
            self.solved = solved
            return solved[0]
        if stroke.kind == "start":
            self.is_clicking = False
        else:
            self.vain[stroke.label] |= self.session.trimap != before
        self.session.add(Stroke(f"undo {name}", "undo", target=name))
        return self.solved[0]

    def best_brush(self, name: str) -> tuple[float, Stroke] | None:
        """(error repaired, stroke) of the brush stroke or lasso that repairs most."""
        return best_stroke(self.session.trimap, self.solved[1], self.subject.truth, vain=self.vain, name=name)

    def best_click(self, name: str) -> tuple[float, Stroke] | None:
        """(error repaired, click) where most is wrong, or on the subject if there was no click yet."""
        session, truth = self.session, self.subject.truth
        clicks, error = clicked(session.strokes), np.abs(self.solved[1] - truth)
        region = error > 0.5 if clicks else truth > 0.5
        if not (self.is_clicking and region.any()):
            return None
        meant = self.hand.place(region)
        is_foreground = bool(truth[meant[1], meant[0]] > 0.5)
        x, y = self.hand.click(meant, truth.shape)
        try:
            base = select_clicked(self.selector, [*clicks, Point(x, y, is_foreground)])
        except ValueError:
            return None
        session.starts[name] = base
        label = "foreground" if is_foreground else "background"
        stroke = Stroke(name, "start", label, points=((x, y),), target=name)
        after = replay(session.automatic, [*session.strokes, stroke], session.starts)
        gain = repaired(after, session.trimap, error, truth)
        return (gain, stroke) if gain > 0 else None
