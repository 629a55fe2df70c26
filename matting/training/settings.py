"""Everything that can be chosen about a run, in one frozen record that its checkpoints carry."""

import math
from dataclasses import dataclass

import torch

from matting.training.losses import LOSSES


@dataclass(frozen=True)
class Settings:
    """How to train. The defaults suit fine-tuning on a small dataset."""

    steps: int = 1000
    batch: int = 8  # crops per step, in all processes together
    crop: int = 256  # pixels; a multiple of 32
    rate: float = 2e-4  # AdamW's learning rate once warmed up
    encoder_rate: float = 0.3  # of `rate`, for the pretrained encoder
    warm_up: int = 100  # steps
    last_rate: float = 0.01  # of `rate`, at the end of the cosine
    weight_decay: float = 1e-2
    clip: float = 1.0  # norm at which gradients are clipped
    ema: float = 0.998  # decay per step of the averaged weights, which are the result of a run
    l1: float = 1.0  # weights of LOSSES: L1 on unknown pixels, every picture alike
    pixel_l1: float = 0.0  # the same, every pixel alike
    square: float = 0.0
    laplacian: float = 1.0
    gradient: float = 0.0
    composition: float = 0.0
    coarse: float = 0.0  # of answers at a fraction of the size, if the network gives any
    freeze_norms: bool = True  # batch norms keep their statistics, which is better for small datasets
    bf16: bool = True  # mixed precision
    seed: int = 0
    validate_every: int = 250  # steps
    checkpoint_every: float = 30.0  # seconds; the most that a kill can lose
    minutes: float = 1e6  # after which it stops early; the run can be resumed
    workers: int = 0  # processes that make crops; with 0, they are made between steps

    def __post_init__(self) -> None:
        """Refuse settings that cannot train."""
        for name in ("steps", "batch", "crop", "validate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, but is {getattr(self, name)}")
        if self.crop % 32:
            raise ValueError(f"crop must be a multiple of 32 pixels, but is {self.crop}")
        if not 0 < self.rate < 1:
            raise ValueError(f"rate must lie between 0 and 1, but is {self.rate}")

    @property
    def losses(self) -> dict[str, float]:
        """The weights of LOSSES."""
        return {name: getattr(self, name) for name in LOSSES}

    def rate_at(self, step: int) -> float:
        """The learning rate of `step`: a linear warm-up, then half a cosine down to `last_rate` of the peak."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.rate * (self.last_rate + (1 - self.last_rate) * (1 + math.cos(math.pi * done)) / 2)


def has_bf16() -> bool:
    """Whether bfloat16 is faster than float32 on this machine: on GPUs since Ampere, CPUs with AVX-512 BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
