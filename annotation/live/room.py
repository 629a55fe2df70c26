"""The current viewers, and the one thread that runs the model for each of them in turn."""

import logging
from threading import Condition, Thread
from time import monotonic

from annotation.live.viewer import Viewer
from annotation.web.prometheus import SEATS_TAKEN
from matting.environment.variables import whole_number

SEATS = whole_number("MATTING_LIVE_SEATS", 4, least=0)
"""How many people may be live at once; set by MATTING_LIVE_SEATS."""
TURN_SECONDS = 0.11
"""Seconds a turn may take when one viewer is alone; with more it shrinks as the square root of their number."""
QUICK_SECONDS = 0.03
"""Seconds a round may take for every frame to wait for its own answer instead of a carried one."""
RESIZING_SECONDS = 2.0
"""Seconds between two changes of size for one viewer."""

log = logging.getLogger(__name__)


class Room:
    """Seats, and turns: whoever has waited longest is next."""

    def __init__(self, seats: int = SEATS) -> None:
        self.seats = seats
        self.viewers: list[Viewer] = []
        self._changed = Condition()
        self._thread: Thread | None = None
        self._pace: dict[str, float] = {}
        """Seconds a pixel takes, by the model's name."""
        self._resized: dict[int, float] = {}

    def enter(self, viewer: Viewer) -> bool:
        """Give `viewer` a seat; False if all are taken."""
        with self._changed:
            if len(self.viewers) >= self.seats:
                return False
            self.viewers.append(viewer)
            SEATS_TAKEN.inc()
            if self._thread is None:
                self._thread = Thread(target=self._work, name="live", daemon=True)
                self._thread.start()
        return True

    def leave(self, viewer: Viewer) -> None:
        """Free the seat."""
        with self._changed:
            self.viewers.remove(viewer)
            SEATS_TAKEN.dec()
            self._resized.pop(id(viewer), None)
            self._changed.notify()

    def call(self) -> None:
        """A frame has come."""
        with self._changed:
            self._changed.notify()

    @property
    def is_quick(self) -> bool:
        """Whether the model answers so fast that a frame can wait for its own alpha."""
        turns = [viewer.seconds for viewer in list(self.viewers)]
        return all(turns) and sum(turns) <= QUICK_SECONDS

    def _work(self) -> None:
        """Turn after turn, until the last viewer has left."""
        while True:
            with self._changed:
                while not (waiting := [viewer for viewer in self.viewers if viewer.is_waiting]):
                    if not self.viewers:
                        self._thread = None
                        return
                    self._changed.wait()
                viewer = min(waiting, key=lambda one: one.served)
                viewer.served = monotonic()
            try:
                self._note(viewer, viewer.run())
            except Exception:
                log.exception("the live model failed for one viewer")
                viewer.is_broken = True

    def _note(self, viewer: Viewer, pixels: int) -> None:
        """Measure the model's speed by a turn, and choose the viewer's size accordingly."""
        if not pixels:
            return
        pace = viewer.seconds / pixels
        known = self._pace.get(viewer.name, pace)
        self._pace[viewer.name] = known + 0.2 * (pace - known)
        if monotonic() - self._resized.get(id(viewer), 0.0) < RESIZING_SECONDS or viewer.runs < 3:
            return
        side = best_side(viewer, pixels, self._pace[viewer.name], TURN_SECONDS / max(1, len(self.viewers)) ** 0.5)
        if side != viewer.side:
            self._resized[id(viewer)] = monotonic()
            viewer.side = side


def best_side(viewer: Viewer, pixels: int, pace: float, most: float) -> int:
    """The largest side at which a turn takes under `most` seconds; one larger than now needs some room to spare."""
    sides = viewer.model.sides
    fitting = sides[0]
    for side in sides:
        seconds = pace * pixels * (side / viewer.side) ** 2
        if seconds <= most * (0.8 if side > viewer.side else 1.1 if side == viewer.side else 1.0):
            fitting = side
    return fitting
