"""`studio` as it is trained: two more heads, used only in training, answer at 1/4 and 1/8 of the size."""

from torch import Tensor, nn

from matting.networks.studio import StudioMatting

PREFIX = "heads."
"""The prefix of parameters that are left out of exported weights."""
WIDTHS = (80, 112)
"""Channels of the decoder at 1/4 and at 1/8."""


class StudioLearner(StudioMatting):
    """The network, with two 1 × 1 heads that give the decoder's coarse features a target."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Conv2d(width, 1, 1) for width in WIDTHS)
        for parameter in self.heads.parameters():  # a new head must not disturb features that are already good
            nn.init.zeros_(parameter)

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor | tuple[Tensor, ...]:  # type: ignore[override]
        """Like StudioMatting; in training, alpha (N, 1, H, W) before clipping, and the alphas at 1/4 and 1/8."""
        alpha, *features = self.unclipped(image, trimap)
        if not self.training:
            return alpha.clamp(0, 1)
        coarse = (head(x).float() + 0.5 for head, x in zip(self.heads, features, strict=True))
        return alpha, *coarse
