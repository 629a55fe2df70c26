"""Everything one may choose about a run, in one frozen record that its checkpoints carry."""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Settings:
    """What to train for and how; the defaults fine-tune on a small set of one's own."""

    steps: int = 1000
    batch: int = 8  # crops a step, over all processes
    crop: int = 256  # pixels; a multiple of 32
    rate: float = 2e-4  # AdamW's learning rate once warmed up
    encoder_rate: float = 0.3  # of `rate`, for the pretrained encoder
    warm_up: int = 100  # steps
    last_rate: float = 0.01  # of `rate`, at the end of the cosine
    weight_decay: float = 1e-2
    clip: float = 1.0  # longest gradient
    ema: float = 0.998  # decay a step of the averaged weights, which are what a run gives
    l1: float = 1.0  # weight of the L1 loss on unknown pixels, every picture alike
    pixel_l1: float = 0.0  # the same, every pixel alike
    square: float = 0.0
    laplacian: float = 1.0
    gradient: float = 0.0
    composition: float = 0.0
    coarse: float = 0.0  # of answers at a fraction of the size, where a network gives some
    freeze_norms: bool = True  # batch norms keep their statistics, as small sets need
    bf16: bool = True  # mixed precision
    seed: int = 0
    validate_every: int = 250  # steps
    checkpoint_every: float = 30.0  # seconds; what a kill may lose
    minutes: float = 1e6  # after which to stop early; the same run goes on later
    workers: int = 0  # processes that make crops; 0 makes them between steps

    def __post_init__(self) -> None:
        """Refuse what cannot train, in one sentence."""
        for name in ("steps", "batch", "crop", "validate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, but is {getattr(self, name)}")
        if self.crop % 32:
            raise ValueError(f"crop must be a multiple of 32 pixels, but is {self.crop}")
        if not 0 < self.rate < 1:
            raise ValueError(f"rate must lie between 0 and 1, but is {self.rate}")

    @property
    def losses(self) -> dict[str, float]:
        """Their weights, by the names that `losses.weighted_loss` knows."""
        names = ("l1", "pixel_l1", "square", "laplacian", "gradient", "composition", "coarse")
        return {name: getattr(self, name) for name in names}

    def rate_at(self, step: int) -> float:
        """The learning rate of `step`: a linear warm-up, then half a cosine down to `last_rate` of the peak."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.rate * (self.last_rate + (1 - self.last_rate) * (1 + math.cos(math.pi * done)) / 2)


def has_bf16() -> bool:
    """Whether bfloat16 is faster than float32 here: on GPUs since Ampere and CPUs with AVX-512 BF16 or AMX."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
