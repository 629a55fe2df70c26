"""What a camera and a file format do to a batch of pictures, on a device: noise, sharpening, JPEG."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.pretraining.random_tensors import Chance

LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""The JPEG standard's example table for luma (ITU-T T.81, table K.1)."""
CHROMA = 1.2, 99.0
"""The table for chroma: the same, times the first number, and at most the second."""
TO_YCC = ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813))
TO_RGB = ((1.0, 0.0, 1.402), (1.0, -0.34414, -0.71414), (1.0, 1.772, 0.0))
"""RGB to JPEG's luma and two chroma channels (JFIF 1.02), and back."""


def stored(composite: Tensor, chance: Chance) -> Tensor:
    """`composite` (N, 3, H, W) as cameras with random flaws would have stored it: rounded to 8 bits, but in [0, 1].

    Slices of the batch are sharpened (a fifth) and compressed (three tenths), which is cheaper than masks.
    """
    count = len(composite)
    is_sharpened, is_compressed = slice(count // 5, count * 2 // 5), slice(0, count * 3 // 10)
    image = noisy(composite, chance)
    image[is_sharpened] = sharpened(image[is_sharpened], chance.uniform(count, 1, 1, 1, high=1.2)[is_sharpened])
    if image[is_compressed].numel():
        quality = chance.uniform(len(image[is_compressed]), low=55, high=97)
        image[is_compressed] = jpeg(image[is_compressed].clamp(0, 1), quality, (chance.whole(8), chance.whole(8)))
    return (image.clamp(0, 1) * 255).round() / 255


def noisy(composite: Tensor, chance: Chance) -> Tensor:
    """`composite` with shot noise, which grows with brightness, and read noise. Not clipped."""
    count = len(composite)
    read, shot = (-level * chance.uniform(count, 1, 1, 1).clamp_min(1e-12).log() for level in (0.005, 0.006))
    return composite + chance.normal(*composite.shape) * (read**2 + shot**2 * composite).sqrt()


def sharpened(image: Tensor, amount: Tensor) -> Tensor:
    """`image`, sharpened by `amount` (N, 1, 1, 1)."""
    soft = F.avg_pool2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    return (image + amount * (image - soft)).clamp(0, 1)


def jpeg(image: Tensor, quality: Tensor, shift: tuple[int, int] = (0, 0)) -> Tensor:
    """`image` (N, 3, H, W) in [0, 1] after JPEG's transform and rounding at `quality` (N,), 1 to 100; no subsampling.

    Sides are multiples of 8; `shift` is where blocks begin.
    """
    count, _, height, width = image.shape
    cosines, tables = _cosines(image.device), _tables(quality)
    ycc = torch.einsum("ij,njhw->nihw", _matrix(TO_YCC, image.device), image.roll(shift, (2, 3)) * 255 - 128)
    blocks = ycc.view(count, 3, height // 8, 8, width // 8, 8).permute(0, 1, 2, 4, 3, 5)
    rounded = ((cosines @ blocks @ cosines.T) / tables).round() * tables
    ycc = (cosines.T @ rounded @ cosines).permute(0, 1, 2, 4, 3, 5).reshape(count, 3, height, width)
    rgb = (torch.einsum("ij,njhw->nihw", _matrix(TO_RGB, image.device), ycc) + 128) / 255
    return rgb.roll((-shift[0], -shift[1]), (2, 3)).clamp(0, 1)


def _cosines(device: torch.device) -> Tensor:
    """(8, 8): the orthonormal discrete cosine transform, one frequency per row."""
    k = torch.arange(8, device=device, dtype=torch.float32)
    rows = ((2 * k[None] + 1) * k[:, None] * torch.pi / 16).cos() / 2
    rows[0] /= 2**0.5
    return rows


def _tables(quality: Tensor) -> Tensor:
    """(N, 3, 1, 1, 8, 8): quantisation steps, scaled by quality as in libjpeg."""
    luma = _matrix(LUMA, quality.device)
    coarser, most = CHROMA
    chroma = (coarser * luma).clamp(max=most)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50).view(-1, 1, 1, 1)
    return (torch.stack((luma, chroma, chroma)) * scale).clamp_min(1)[:, :, None, None]


def _matrix(values: Any, device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device)
