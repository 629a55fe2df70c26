"""Everything that can be chosen about a descent, in one frozen record that its checkpoints carry."""

from dataclasses import dataclass

RESERVE = 0.1, 20.0
"""The share of a command's time that is kept for its end, and the most seconds."""


@dataclass(frozen=True)
class Descent:
    """A descent: from a high rate to zero in `total` minutes and any number of steps. The defaults suit a large GPU."""

    total: float = 9.0  # minutes of all commands together, start-up and measuring included
    minutes: float = 9.0  # of this command
    batch: int = 96  # windows per step
    crop: int = 320  # side of a window in pixels, a multiple of 32
    wide_share: float = 0.3  # of the steps, which use half as many windows, 1.4 times as wide
    canvas: int = 512  # side of a canvas in pixels
    pool: int = 10000  # canvases kept on the device
    least: int = 1200  # canvases to wait for before the first step
    rate: float = 1.2e-3  # AdamW's learning rate once warmed up
    encoder_rate: float = 0.4  # of `rate`, for the pretrained encoder
    warm_up: int = 300  # steps
    weight_decay: float = 2e-2
    clip: float = 1.0  # norm at which gradients are clipped
    ema: float = 0.999  # decay per step of the averaged weights, which are the result of a descent
    bf16: bool = True  # mixed precision
    seed: int = 0
    held_out: int = 160  # pictures for choosing, from canvases that are never learned from
    measure_every: float = 75.0  # seconds between measurements, each followed by a checkpoint
    workers: int = 0  # processes that draw canvases

    def __post_init__(self) -> None:
        """Refuse settings that cannot train."""
        if self.crop % 32 or self.crop < 64:
            raise ValueError(f"crop must be a multiple of 32 pixels, 64 or more, but is {self.crop}")
        if self.canvas % 16 or self.canvas < self.crop:
            raise ValueError(
                f"canvas must be a multiple of 16 pixels, at least as large as a crop, but is {self.canvas}"
            )
        if not 0 < self.rate < 1:
            raise ValueError(f"rate must lie between 0 and 1, but is {self.rate}")
        if not 0 < self.minutes <= self.total:
            raise ValueError(
                f"total must be {self.minutes:g} minutes, which this command takes, or more, but is {self.total:g}"
            )

    @property
    def reserve(self) -> float:
        """Seconds of this command that are kept for its last measurement and for writing."""
        return min(RESERVE[0] * 60 * self.minutes, RESERVE[1])

    @property
    def whole(self) -> float:
        """Seconds of learning, in all commands together, after which the rate is zero; each keeps its reserve."""
        return 60 * self.total * (1 - self.reserve / (60 * self.minutes))

    def shape_of(self, drawn: float) -> tuple[int, int]:
        """(windows, side) of a step, chosen by `drawn`, a number in [0, 1)."""
        if drawn >= self.wide_share:
            return self.batch, self.crop
        return max(1, self.batch // 2), round(1.4 * self.crop / 32) * 32
