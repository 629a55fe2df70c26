"""DAViD's soft foreground: people, learned from rendered pictures alone (Saleh et al., ICCV 2025, arXiv 2507.15365)."""

import numpy as np

from matting.arrays import Alpha, Image
from matting.models.square.base import SquareModel
from matting.resize import resize
from matting.runtime import Tensor
from matting.solving.box import Box
from matting.solving.guided_upsampling import guided_upsample


class DAViDModel(SquareModel):
    """People in the foreground. The photo keeps its proportions: its borders are repeated until it is a square."""

    name = "david"
    title = "DAViD: people"
    weights = ("david",)
    side = 512
    mean = (0.0, 0.0, 0.0)
    deviation = (1.0, 1.0, 1.0)

    def encode(self, image: Image) -> Tensor:
        """(H, W, 3) uint8 → (1, 3, 512, 512) float32 in [0, 1], blue before green before red."""
        place = self.place(image)
        around = ((place.top, self.side - place.bottom), (place.left, self.side - place.right), (0, 0))
        squared = np.pad(resize(image, place.size), around, mode="edge")
        return np.ascontiguousarray(super().encode(squared)[:, ::-1])

    def decode(self, output: Tensor, image: Image) -> Alpha:
        """The network's (1, 1, 512, 512) output → alpha (H, W) of `image`, without what the repeated borders got."""
        return guided_upsample(np.ascontiguousarray(self.alpha_of(output)[self.place(image).slices]), image)

    def place(self, image: Image) -> Box:
        """Where in the square the photo lies: in its middle."""
        scale = self.side / max(image.shape[:2])
        height, width = (max(1, round(side * scale)) for side in image.shape[:2])
        top, left = (self.side - height) // 2, (self.side - width) // 2
        return Box(top, left, top + height, left + width)
