"""A robot that goes where `N` points, like a person who does not search: how much an order of places is worth.

At each press it looks at the part of the picture that the editor then shows, and paints the one stroke that repairs
most there, if any does. So the presses count, not only the strokes.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.correction.uncertainty import MAP_SIDE, places_of, predicted_error
from annotation.strokes.stroke import Stroke
from benchmarks.robot.hand import ZOOM
from benchmarks.robot.robot import Robot
from benchmarks.robot.strokes import best_stroke
from matting.resize import resize, within

SEEN = 0.03
"""Places nearer than this, as a share of the long side, count as one: as in the editor."""
Order: TypeAlias = Callable[[Robot], NDArray[np.float32]]
"""A robot → the error that it expects where, on a small map."""


def by_softness(robot: Robot) -> NDArray[np.float32]:
    """What the alpha itself leaves open, α(1 − α): the order before."""
    alpha = robot.solved[1]
    return resize((alpha * (1 - alpha)).astype(np.float32), within((alpha.shape[0], alpha.shape[1]), MAP_SIDE))


def by_prediction(robot: Robot) -> NDArray[np.float32]:
    """The product's order."""
    session = robot.session
    return predicted_error(session.image, robot.solved[1], session.trimap, robot.solve, session.strokes)


def by_truth(robot: Robot) -> NDArray[np.float32]:
    """The true error, which no program knows: the best that an order can do."""
    error = np.abs(robot.solved[1] - robot.subject.truth)
    return resize(error, within((error.shape[0], error.shape[1]), MAP_SIDE))


ORDERS: dict[str, Order] = {"softness": by_softness, "predicted": by_prediction, "truth": by_truth}


class Led(Robot):
    """After a first click, it goes from place to place. A step is a press of `N`."""

    order: Order

    def begin(self, name: str) -> None:
        """Click on the subject, if that is better than the automatic trimap."""
        found = self.best_click(name)
        if found:
            self.keep(found[1], name)
        self.seen: list[tuple[int, int]] = []

    def step(self, name: str) -> float | None:
        """The error after one more press; None if there are no places."""
        places = places_of(self.order(self), self.session.trimap.shape).places
        if not places:
            return None
        place = next((each for each in places if not self.was_seen(each)), None)
        if place is None:
            self.seen.clear()
            place = places[0]
        self.seen.append(place)
        found = self.best_near(place, name)
        return self.keep(found[1], name) if found else self.solved[0]

    def was_seen(self, place: tuple[int, int]) -> bool:
        """Whether it has looked at this place."""
        reach = SEEN * max(self.session.trimap.shape)
        return any(np.hypot(place[0] - x, place[1] - y) <= reach for x, y in self.seen)

    def best_near(self, place: tuple[int, int], name: str) -> tuple[float, Stroke] | None:
        """(error repaired, stroke) of the stroke that repairs most of what is seen around `place`."""
        truth, half = self.subject.truth, max(self.session.trimap.shape) // (2 * ZOOM)
        top, left = max(0, place[1] - half), max(0, place[0] - half)
        shown = truth.copy()
        window = slice(top, place[1] + half + 1), slice(left, place[0] + half + 1)
        shown[window] = self.solved[1][window]
        return best_stroke(self.session.trimap, shown, truth, vain=self.vain, name=name)


def led_by(order: str) -> type[Led]:
    """The robot that follows this one of ORDERS."""
    return type("Led", (Led,), {"order": staticmethod(ORDERS[order])})
