"""One person's moving picture on the server: the frames they send, the alpha that follows them."""

from collections.abc import Iterator
from threading import Event, Lock
from time import monotonic

from matting.arrays import Alpha, Image
from matting.models import LIVE_MODELS
from matting.models.base import Follow, Live
from matting.resize import resize, scaled_size
from matting.temporal.clean_plate import with_plate
from matting.temporal.tracking import Tracker


class Viewer:
    """Frames come in through `show` on one thread, the model's turns through `run` on another."""

    def __init__(self) -> None:
        self.name = ""
        self.side = 0
        """The short side, in pixels, that frames should have now."""
        self.runs = 0
        self.served = 0.0
        """When the model last took its turn for this viewer."""
        self.is_waiting = False
        """Whether a frame has come that the model has not looked at."""
        self.seconds = 0.0
        """How long the last turn took."""
        self.is_broken = False
        """Whether the model failed; it gives nothing more."""
        self.plate: Image | None = None
        self.lock = Lock()
        self.answered = Event()
        self._tracker = Tracker()
        self._alphas: Iterator[Alpha] | None = None
        self._frame: Image | None = None
        self._looked = self._known = 0.0

    @property
    def age(self) -> float:
        """Seconds since the frame that the model last answered was seen; after more than a little, carrying it is
        guesswork."""
        return monotonic() - self._known

    @property
    def model(self) -> Live:
        """The model that works for this viewer."""
        return LIVE_MODELS[self.name]

    def use(self, name: str, follow: Follow) -> None:
        """Let the model called `name` work from now on; what another model remembered of the frames is forgotten."""
        with self.lock:
            self.name, self._alphas = name, follow(self._frames())
            self.side = self.side if self.side in self.model.sides else self.model.sides[len(self.model.sides) // 2]

    def show(self, frame: Image) -> Alpha | None:
        """The alpha carried to `frame`, larger ones shrunk first; None before the model's first answer."""
        with self.lock:
            size = self.size_of((frame.shape[0], frame.shape[1]))
            small = resize(frame, size) if size[0] < frame.shape[0] else frame
            alpha = self._tracker.step(small)
            self.answered.clear()
            self.is_waiting = True
            return alpha

    def shown(self) -> Alpha | None:
        """The newest frame's alpha as far as it is known by now."""
        with self.lock:
            return self._tracker.shown()

    def size_of(self, size: tuple[int, int]) -> tuple[int, int]:
        """(height, width) to which a picture of `size` is brought for the model."""
        return scaled_size(size, self.side, multiple_of=self.model.multiple, longest=3 * self.side)

    def run(self) -> int:
        """The model's turn: look at the newest frame and learn. The number of pixels it was shown."""
        with self.lock:
            self._frame, alphas, self.is_waiting = self._tracker.take_newest(), self._alphas, False
            self._looked = monotonic()
        if self._frame is None or alphas is None:
            return 0
        began = monotonic()
        alpha = next(alphas)
        self.seconds = monotonic() - began
        if self.plate is not None:
            alpha = with_plate(alpha, self._frame, self.plate)
        with self.lock:
            self._tracker.learn(alpha)
            self._known = self._looked
            self.runs += 1
        self.answered.set()
        return alpha.size

    def _frames(self) -> Iterator[Image]:
        """The frame to work on, again and again: a model pulls one for each alpha it gives."""
        while self._frame is not None:
            yield self._frame
