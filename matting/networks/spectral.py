"""Convolutions whose weight is divided by its largest singular value (Miyato et al., "Spectral Normalization", 2018).

The value is tracked by one step of power iteration per training step. After training, the division can be done for
good: `SpectralConv.folded` gives the plain convolution.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SpectralWeight(nn.Module):
    """The weight and the two singular vectors that estimate its norm, under their published names."""

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.weight_bar = nn.Parameter(nn.init.xavier_uniform_(torch.empty(shape)))
        rows, columns = shape[0], shape[1] * shape[2] * shape[3]
        self.register_buffer("weight_u", F.normalize(torch.randn(rows), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.randn(columns), dim=0))

    def forward(self) -> Tensor:
        """The weight with spectral norm 1, differentiable in `weight_bar`; in training the vectors take a step."""
        matrix = self.weight_bar.flatten(1)
        if self.training:
            self._step(matrix.detach())
        # Copies, because the next step changes the vectors while this one's gradients may still be needed. Products and
        # a sum instead of a matrix product, because autocast leaves them in float32: the norm divides every weight.
        return self.weight_bar / (matrix * self.weight_u.clone()[:, None] * self.weight_v.clone()).sum()

    @torch.no_grad()
    def _step(self, matrix: Tensor) -> None:
        self.weight_v.copy_(F.normalize(matrix.T @ self.weight_u, dim=0))
        self.weight_u.copy_(F.normalize(matrix @ self.weight_v, dim=0))


class SpectralConv(nn.Module):
    """A convolution without bias and with spectral norm; a transposed one if `upward`."""

    def __init__(
        self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1, padding: int = 1, upward: bool = False
    ) -> None:
        super().__init__()
        shape = (inputs, outputs, kernel, kernel) if upward else (outputs, inputs, kernel, kernel)
        self.module = SpectralWeight(shape)
        self.stride, self.padding, self.upward = stride, padding, upward

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, …)."""
        convolve = F.conv_transpose2d if self.upward else F.conv2d
        return convolve(x, self.module(), stride=self.stride, padding=self.padding)

    def folded(self) -> nn.Conv2d | nn.ConvTranspose2d:
        """The plain convolution that gives the same after training."""
        kind = nn.ConvTranspose2d if self.upward else nn.Conv2d
        weight = self.module().detach()
        inputs, outputs = weight.shape[:2] if self.upward else weight.shape[1::-1]
        plain = kind(inputs, outputs, weight.shape[2], self.stride, self.padding, bias=False, device="meta")
        plain.weight = nn.Parameter(weight)
        return plain.train(self.training)
