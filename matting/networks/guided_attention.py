"""Guided contextual attention (Li & Lu, "Natural Image Matting via Guided Contextual Attention", AAAI 2020, section 3).

Every 4 × 4 patch of a feature map is rebuilt from all others, weighted by the similarity of the picture's own 3 × 3
patches at these places. The publication uses convolutions with one filter per patch. Here these are matrix products,
one block of queries at a time, so memory grows with the picture's size and not with its square. The product of two
patches is the sum of their pixels' products along a diagonal: to multiply pixels first and then add takes a ninth of
the work for the scores, and a quarter for the values. The sums are the same.
"""

import math
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

BLOCK_BYTES = 64 * 2**20
"""Bytes that the scores of one block of queries may take, copies included; results do not depend on it.

With more, a block no longer fits a processor's cache; with much less, the overlap of blocks costs time.
"""
TRAINING_BLOCK_BYTES = 2**30
"""The same with gradients. Beyond it, blocks are computed again in the backward pass, which trades time for memory."""
SCORE_COPIES = 4
"""The number of copies of a block's scores that exist at the same time."""


class GuidedAttention(nn.Module):
    """Attention over patches: similarities come from the guidance, values from the features."""

    def __init__(self, channels: int = 128) -> None:
        super().__init__()
        self.guidance_conv = nn.Conv2d(channels, channels // 2, 1)
        self.W = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        nn.init.xavier_uniform_(self.guidance_conv.weight)
        nn.init.zeros_(self.guidance_conv.bias)  # type: ignore[arg-type]
        nn.init.xavier_uniform_(self.W[0].weight)  # type: ignore[arg-type]
        # the attention begins as nearly the identity, so that it does not disturb a pretrained encoder
        nn.init.constant_(self.W[1].weight, 1e-3)  # type: ignore[arg-type]

    def forward(self, guidance: Tensor, features: Tensor, unknown: Tensor) -> Tensor:
        """`features` (N, C, H, W) plus what attention gathers, in the same shape; H and W are even and at least 4.

        `guidance` (N, C, H, W) comes from the picture alone; `unknown` (N, 1, H, W) is 1 where alpha is wanted.
        """
        gathered = attend(self.guidance_conv(guidance[..., ::2, ::2]), features, unknown[..., ::2, ::2])
        mixed: Tensor = self.W(gathered) + features
        return mixed


def attend(guidance: Tensor, features: Tensor, unknown: Tensor) -> Tensor:
    """What every patch of `features` (N, C, 2h, 2w) gathers from the others, pasted together and averaged: same shape.

    `guidance` (N, G, h, w) decides which patches attend to which, `unknown` (N, 1, h, w) how sharply.
    """
    pixels = _mirrored(guidance.float())
    near_unknown = F.max_pool2d(_mirrored(unknown.float()), 3, stride=1)
    # A 4 × 4 patch at stride 2 is 2 × 2 of these 2 × 2 cells.
    cells = F.pixel_unshuffle(_mirrored(features), 2)
    gather = gather_exported if torch.compiler.is_exporting() else gather_in_blocks
    gathered = gather(pixels, _key_scale(pixels, unknown.float(), near_unknown), near_unknown, cells)
    return F.pixel_shuffle(gathered, 2)[..., 1:-1, 1:-1] / 4


def gather_in_blocks(pixels: Tensor, scale: Tensor, near_unknown: Tensor, cells: Tensor) -> Tensor:
    """What the patches of `pixels` (N, G, h + 2, w + 2) gather: new `cells` (N, 4C, h + 1, w + 1), not yet averaged.

    `scale` (N, 1, h, w) multiplies the keys; `near_unknown` (N, 1, h, w) is 1 for patches that may not attend to
    themselves. Weights are float32 throughout.
    """
    height, width = scale.shape[2:]
    memory = TRAINING_BLOCK_BYTES if torch.is_grad_enabled() else BLOCK_BYTES
    rows, columns = block_size(height, width, scores=memory // (4 * SCORE_COPIES * len(pixels)))
    is_again = torch.is_grad_enabled() and rows * columns < height * width
    keys = pixels.flatten(2), scale[:, None], near_unknown, cells.flatten(2).mT
    gathered = torch.zeros_like(cells.permute(0, 2, 3, 1))
    for top, left in product(range(0, height, rows), range(0, width, columns)):
        block = (pixels[:, :, top : top + rows + 2, left : left + columns + 2], *keys, top, left)
        piece = checkpoint(_gather_block, *block, use_reentrant=False) if is_again else _gather_block(*block)
        gathered[:, top : top + rows + 1, left : left + columns + 1] += piece
    return gathered.permute(0, 3, 1, 2)


@torch.library.custom_op("matting::gather", mutates_args=())
def gather_exported(pixels: Tensor, scale: Tensor, near_unknown: Tensor, cells: Tensor) -> Tensor:
    """`gather_in_blocks` as one operator, for which an exporter, which cannot follow the loop, substitutes its own."""
    return gather_in_blocks(pixels, scale, near_unknown, cells).contiguous()


@gather_exported.register_fake
def _(pixels: Tensor, scale: Tensor, near_unknown: Tensor, cells: Tensor) -> Tensor:  # noqa: ARG001
    return torch.empty_like(cells, memory_format=torch.contiguous_format)


def block_size(height: int, width: int, *, scores: int) -> tuple[int, int]:
    """Rows and columns of a block of queries that has at most `scores` scores with all height · width keys.

    Blocks are nearly square, because neighbours overlap by a cell, and as equal in size as possible; at least one
    query.
    """
    queries = max(1, scores // (height * width))
    columns = _even_share(width, math.isqrt(queries))
    return _even_share(height, max(1, queries // columns)), columns


def _even_share(length: int, most: int) -> int:
    return math.ceil(length / math.ceil(length / most))


def _mirrored(x: Tensor) -> Tensor:
    return F.pad(x, (1, 1, 1, 1), mode="reflect")


def _key_scale(pixels: Tensor, unknown: Tensor, near_unknown: Tensor) -> Tensor:
    """(N, 1, h, w): the factor that gives 3 × 3 patches unit length as keys, times the sharpness of their region.

    The sharpness of known and unknown patches is the square root of the other region's share divided by their own,
    within [0.1, 10].
    """
    share = unknown.mean(dim=(2, 3), keepdim=True)
    ratio = torch.where(near_unknown > 0, share / (1 - share), (1 - share) / share)
    squares = 9 * F.avg_pool2d(pixels.square().sum(dim=1, keepdim=True), 3, stride=1)
    return ratio.sqrt().clamp(0.1, 10.0) / squares.sqrt().clamp_min(1e-4)


def _gather_block(
    queries: Tensor, pixels: Tensor, scale: Tensor, near_unknown: Tensor, values: Tensor, top: int, left: int
) -> Tensor:
    """What the r × c patches in `queries` (N, G, r + 2, c + 2) gather: (N, r + 1, c + 1, 4C) cells."""
    (rows, columns), (height, width) = queries.shape[2:], near_unknown.shape[2:]
    with torch.autocast(queries.device.type, enabled=False):
        scores = queries.flatten(2).mT @ pixels
    scores = _diagonal_sums(scores.view(-1, rows, columns, height + 2, width + 2), 3) * scale
    rows, columns = rows - 2, columns - 2
    # An unknown patch does not attend to itself; subtracting keeps a softmax over only that key finite.
    y, x = torch.arange(rows, device=scores.device)[:, None], torch.arange(columns, device=scores.device)
    scores[:, y, x, top + y, left + x] -= 1e4 * near_unknown[:, 0, top : top + rows, left : left + columns]
    weights = scores.flatten(3).softmax(dim=3).view(scores.shape)
    # Pasted patches overlap: cell b takes from cell k what patch b - d takes from patch k - d, for each d in {0, 1}².
    shared = _diagonal_sums(F.pad(weights, (1,) * 8), 2).to(values.dtype)
    return (shared.flatten(3).flatten(1, 2) @ values).view(-1, rows + 1, columns + 1, values.shape[2])


def _diagonal_sums(x: Tensor, window: int) -> Tensor:
    """Sums of `x` (N, a, b, h, w) over [n, i + s, j + t, k + s, l + t], s and t from 0 to `window` - 1 (2 or more)."""
    for query, key in ((1, 3), (2, 4)):
        rows, columns = x.shape[query] - window + 1, x.shape[key] - window + 1
        shifted = [x.narrow(query, s, rows).narrow(key, s, columns) for s in range(window)]
        x = shifted[0] + shifted[1]
        for each in shifted[2:]:
            x += each
    return x
