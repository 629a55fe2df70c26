"""What is remembered from frame to frame, and how it is read."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.published.matanyone.blocks import WIDTH, shrunk
from matting.networks.published.matanyone.encoders import Keys

EVERY = 5
"""Every how many frames one is remembered."""
FRAMES = 5
"""How many frames are remembered: the first of the video, and the latest."""
LIKEST = 30
"""How many remembered places a place reads from."""
STRIP = 1024
"""Places that read at a time, which bounds memory."""


class Memory(NamedTuple):
    """Of one video: its size does not grow with the number of frames."""

    sensory: Tensor
    """(1, 256, h, w): what changes with every frame."""
    summaries: Tensor
    """(1, 16, 257): sums over all remembered frames, the last of them the weights."""
    keys: Tensor
    """(places, 64): of each place of each remembered frame."""
    sharpness: Tensor
    """(places,): see Keys."""
    values: Tensor
    """(places, 256): what is known there."""
    alpha: Tensor
    """(1, 1, H, W): the last frame's, and the next three are of that frame, too."""
    features: Tensor
    """(1, 256, h, w): what the image encoder saw."""
    value: Tensor
    """(1, 256, h, w): what the mask encoder made of it."""
    age: Tensor
    """(1,): frames since one was remembered."""

    def with_new(self, **tensors: Tensor) -> "Memory":
        """The memory, some of its tensors replaced."""
        return self._replace(**tensors)

    def with_frame(self, keys: Keys) -> "Memory":
        """The memory that also holds the last frame, whose `keys` these are."""
        new = of_frame(keys, self.value)
        kept = (latest(*each) for each in zip((self.keys, self.sharpness, self.values), new, strict=True))
        return self.with_new(**dict(zip(("keys", "sharpness", "values"), kept, strict=True)), age=self.age * 0)


class Changed(nn.Module):
    """Where a frame differs from the last one, so that what was known there may no longer hold."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1x1_v2 = nn.Conv2d(3 * WIDTH + 1, 64, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv3x3 = nn.Conv2d(64, 32, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)
        self.conv3x3_out = nn.Conv2d(32, 1, 3, padding=1, bias=False)

    def forward(self, memory: Memory, features: Tensor, read: Tensor) -> Tensor:
        """(1, 1, h, w) in [0, 1], from the frame's `features` and what it `read`, both (1, 256, h, w)."""
        alpha = shrunk(memory.alpha, features.shape)
        x = torch.cat((memory.features, features, alpha, read - memory.value), dim=1)
        x = torch.relu(self.bn1(self.conv1x1_v2(x)))
        return torch.sigmoid(self.conv3x3_out(torch.relu(self.bn2(self.conv3x3(x)))))


def read(memory: Memory, keys: Keys) -> Tensor:
    """What is known at the places of a frame, by the remembered places that look most like them: (1, 256, h, w)."""
    asking = zip(*(torch.split(by_place(each), STRIP) for each in (keys.key, keys.attention)), strict=True)
    found = torch.cat([_read(memory, key, attention) for key, attention in asking])
    return found.T.reshape(1, WIDTH, *keys.key.shape[2:])


def _read(memory: Memory, key: Tensor, attention: Tensor) -> Tensor:
    """(P, 64) twice → (P, 256)."""
    weighted = key * attention
    distance = attention @ (memory.keys**2).T - 2 * weighted @ memory.keys.T + (weighted * key).sum(1, keepdim=True)
    likeness = -distance * memory.sharpness / memory.keys.shape[1] ** 0.5
    best, places = likeness.topk(min(LIKEST, len(memory.keys)), dim=1)
    return F.embedding_bag(places, memory.values, per_sample_weights=best.softmax(dim=1), mode="sum")


def by_place(x: Tensor) -> Tensor:
    """(1, C, h, w) → (h · w, C)."""
    return x[0].flatten(1).T.contiguous()


def of_frame(keys: Keys, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Keys, sharpness and values of the places of one frame, as Memory keeps them."""
    return by_place(keys.key), by_place(keys.sharpness)[:, 0], by_place(value)


def latest(remembered: Tensor, new: Tensor) -> Tensor:
    """What is `remembered` of some frames and, after it, what is `new`; of too many, the second is forgotten."""
    count = len(new)
    if len(remembered) == FRAMES * count:
        remembered = torch.cat((remembered[:count], remembered[2 * count :]))
    return torch.cat((remembered, new))
