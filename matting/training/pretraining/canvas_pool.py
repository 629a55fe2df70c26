"""The latest canvases on a device, added by a thread as they are drawn, and the batches made of them."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from matting.training.pretraining.canvas_batches import photographed
from matting.training.pretraining.canvases import PLANES
from matting.training.pretraining.random_tensors import Chance
from matting.training.pretraining.settings import Descent

AHEAD = 4
"""The most blocks that wait to be taken in."""
PAUSE = 1.0
"""Seconds after a failure before drawing begins again."""
FAULTS = 5
"""Failures in a row, without a block between them, after which waiting for the first canvases ends."""

log = logging.getLogger(__name__)


class Pool:
    """A ring of canvases (PLANES, side, side) uint8: each new one takes the place of the oldest."""

    def __init__(
        self, blocks: Callable[[int], Iterator[Tensor]], *, side: int, capacity: int, device: torch.device, first: int
    ) -> None:
        """`blocks` gives the blocks from a given canvas on; `first` is the number of the first canvas to draw."""
        self.canvases = torch.zeros(capacity, PLANES, side, side, dtype=torch.uint8, device=device)
        self.first, self.taken = first, 0
        self._blocks, self._arrived = blocks, queue.Queue[Tensor](AHEAD)
        self._is_open, self._faults = True, list[Exception]()
        threading.Thread(target=self._draw, daemon=True).start()

    def _draw(self) -> None:
        """Draw for ever; after a failure, go on after the canvases that failed."""
        number = self.first
        while self._is_open:
            try:
                for block in self._blocks(number):
                    number += len(block)
                    self._faults.clear()
                    if not self._hand_over(block):
                        return
            except Exception as error:  # noqa: BLE001 - one canvas in thousands must not end a run
                log.warning("drawing failed at canvas %d or after, and goes on: %s", number, error)
                number += 1
                self._faults.append(error)
            time.sleep(PAUSE)

    def _hand_over(self, block: Tensor) -> bool:
        """Wait until there is room for `block`; False once the pool is closed."""
        while self._is_open:
            try:
                self._arrived.put(block, timeout=1)
                return True
            except queue.Full:
                continue
        return False

    @property
    def filled(self) -> int:
        """The number of canvases it holds."""
        return min(self.taken, len(self.canvases))

    @property
    def next_number(self) -> int:
        """The number of the next canvas that this pool has not seen."""
        return self.first + self.taken

    def receive(self) -> None:
        """Take in what has arrived."""
        while not self._arrived.empty():
            self._take(self._arrived.get())

    def wait_for(self, least: int) -> None:
        """Take in what arrives until there are `least` canvases; RuntimeError if drawing fails again and again."""
        while self.filled < min(least, len(self.canvases)):
            try:
                self._take(self._arrived.get(timeout=PAUSE))
            except queue.Empty:
                if len(self._faults) >= FAULTS:
                    raise RuntimeError(f"canvases cannot be drawn: {self._faults[-1]}") from None

    def _take(self, block: Tensor) -> None:
        places = (self.taken + torch.arange(len(block), device=self.canvases.device)) % len(self.canvases)
        self.canvases[places] = block.to(self.canvases.device)
        self.taken += len(block)

    def sample(self, count: int, chance: Chance) -> Tensor:
        """(count, PLANES, side, side) uint8, drawn at random from those it holds."""
        return self.canvases[(chance.uniform(count) * self.filled).long().clamp(max=self.filled - 1)]

    def close(self) -> None:
        """Stop drawing."""
        self._is_open = False


class Feed:
    """Gives the batch of a step. Its canvases, sizes and light depend on the seed, the step and the pool."""

    def __init__(self, pool: Pool, descent: Descent) -> None:
        self._pool, self._descent = pool, descent

    def __call__(self, step: int) -> dict[str, Any]:
        """See `photographed`."""
        self._pool.receive()
        chance = Chance(self._pool.canvases.device, [self._descent.seed, step])
        count, side = self._descent.shape_of(chance.whole(1000) / 1000)
        return photographed(self._pool.sample(count, chance), side, chance)
