"""The whole network: a frame and what is remembered in, its alpha and what is remembered from then on out."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from matting.networks.published.matanyone.blocks import WIDTH, Fusion, positions, shrunk
from matting.networks.published.matanyone.decoder import Decoder
from matting.networks.published.matanyone.encoders import (
    ImageEncoder,
    KeyProjection,
    Keys,
    MaskEncoder,
    ObjectSummarizer,
)
from matting.networks.published.matanyone.memory import EVERY, Changed, Memory, of_frame, read
from matting.networks.published.matanyone.transformer import ObjectTransformer

WARM_UP = 10
"""How often the first frame is answered, each time from the answer before, until its answer counts."""


class Seen(NamedTuple):
    """What a frame shows, whatever the subject is."""

    image: Tensor
    sizes: tuple[Tensor, ...]
    """What the image encoder saw at 1/8, 1/4 and 1/2, and the image."""
    features: Tensor
    """(1, 256, h, w)."""
    keys: Keys
    places: Tensor
    """(h · w, 256): see `positions`."""


class MatAnyone2(nn.Module):
    """The frames of a video in, one by one, and with the first a rough mask; alphas out."""

    def __init__(self) -> None:
        super().__init__()
        self.pixel_encoder = ImageEncoder()
        self.pix_feat_proj = nn.Conv2d(1024, WIDTH, 1)
        self.key_proj = KeyProjection()
        self.mask_encoder = MaskEncoder()
        self.mask_decoder = Decoder()
        self.pixel_fuser = PixelFuser()
        self.object_transformer = ObjectTransformer()
        self.object_summarizer = ObjectSummarizer()
        self.temp_sparity = Changed()  # spelled so by its authors

    def forward(self, image: Tensor, mask: Tensor | None = None, **memory: Tensor) -> tuple[Tensor, ...]:
        """The alpha (1, 1, H, W) in [0, 1], and the tensors of `Memory` for the next frame.

        `image` (1, 3, H, W) RGB with ImageNet's mean and deviation taken out, H and W multiples of 16. The first frame
        comes with a `mask` (1, 1, H, W), 1 where the subject is and else 0; every other one with the `memory`.
        """
        seen = self._see(image)
        after = self._next(seen, Memory(**memory)) if mask is None else self._first(seen, mask)
        return after.alpha, *after

    def _first(self, seen: Seen, mask: Tensor) -> Memory:
        """The memory after the first frame."""
        memory = self._begin(seen, mask, torch.zeros_like(seen.features))
        for _ in range(WARM_UP + 1):
            memory = self._begin(seen, *self._answer(seen, memory.value, memory))
        return memory

    def _begin(self, seen: Seen, alpha: Tensor, sensory: Tensor) -> Memory:
        """The memory that holds one frame, with this `alpha`."""
        value = self.mask_encoder(seen.image, seen.features, alpha)
        return Memory(
            self.mask_encoder.sensory_update(value, sensory),
            self.object_summarizer(alpha, value, seen.places),
            *of_frame(seen.keys, value),
            alpha,
            seen.features,
            value,
            torch.zeros_like(alpha[0, 0, 0, :1]),
        )

    def _next(self, seen: Seen, memory: Memory) -> Memory:
        """The memory after a frame that is not the first."""
        found = read(memory, seen.keys)
        known = torch.lerp(memory.value, found, self.temp_sparity(memory, seen.features, found))
        alpha, sensory = self._answer(seen, known, memory)
        value = self.mask_encoder(seen.image, seen.features, alpha)
        memory = memory.with_new(sensory=sensory, alpha=alpha, features=seen.features, value=value, age=memory.age + 1)
        if memory.age < EVERY:
            return memory
        return memory.with_frame(seen.keys).with_new(
            sensory=self.mask_encoder.sensory_update(value, sensory),
            summaries=memory.summaries + self.object_summarizer(alpha, value, seen.places),
        )

    def _see(self, image: Tensor) -> Seen:
        half, quarter, eighth, sixteenth = self.pixel_encoder(image)
        features = self.pix_feat_proj(sixteenth)
        sizes = eighth, quarter, half, image
        return Seen(image, sizes, features, self.key_proj(sixteenth), positions(features))

    def _answer(self, seen: Seen, known: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Alpha (1, 1, H, W) and the new sensory memory, from what is `known` (1, 256, h, w) at each place."""
        pixels = self.pixel_fuser(seen.features, known, memory.sensory, memory.alpha)
        pixels = self.object_transformer(pixels, memory.summaries, seen.places)
        answer, sensory = self.mask_decoder(seen.sizes, pixels, memory.sensory)
        return answer.clamp(0, 1), sensory


class PixelFuser(nn.Module):
    """What is seen, known and remembered of each place becomes one."""

    def __init__(self) -> None:
        super().__init__()
        self.fuser = Fusion(WIDTH)
        self.sensory_compress = nn.Conv2d(WIDTH + 1, WIDTH, 1)

    def forward(self, features: Tensor, known: Tensor, sensory: Tensor, alpha: Tensor) -> Tensor:
        """(N, 256, h, w), three times, and the last alpha (N, 1, H, W) → (N, 256, h, w)."""
        remembered = torch.cat((sensory, shrunk(alpha, sensory.shape)), dim=1)
        return self.fuser(features, known + self.sensory_compress(remembered))  # type: ignore[no-any-return]
