"""Random tensors on a device, repeatable by seed."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class Chance:
    """The random number generator of one step or one set of pictures. Integers come from the CPU, without waiting."""

    def __init__(self, device: torch.device, seed: Sequence[int]) -> None:
        number = int(np.random.SeedSequence(list(seed)).generate_state(1, np.uint64)[0] >> 1)
        self.device = device
        self._there, self._here = (torch.Generator(place).manual_seed(number) for place in (device, "cpu"))

    def uniform(self, *shape: int, low: float = 0, high: float = 1) -> Tensor:
        """Uniform in [low, high)."""
        return low + (high - low) * torch.rand(*shape, generator=self._there, device=self.device)

    def normal(self, *shape: int, deviation: float = 1) -> Tensor:
        """Normal with mean 0."""
        return deviation * torch.randn(*shape, generator=self._there, device=self.device)

    def one_of(self, count: int, share: float) -> Tensor:
        """(count, 1, 1, 1) of True with probability `share`."""
        return self.uniform(count, 1, 1, 1) < share

    def whole(self, high: int) -> int:
        """A whole number in [0, high)."""
        return int(torch.randint(high, (1,), generator=self._here).item())
