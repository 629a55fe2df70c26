"""FBA-Matting: alpha and the subject's own colours, from a trimap (Forte & Pitié 2020, arXiv 2003.07711)."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Colours, Image, Trimap, to_float
from matting.foreground import estimate_foreground
from matting.models.encoding import encode_image
from matting.models.published.base import TorchModel
from matting.resize import pad_to_multiple
from matting.runtime import Tensor
from matting.solving.box import Box
from matting.solving.region_by_region import solve_regions

if TYPE_CHECKING:
    from torch import nn

MULTIPLE = 8
REACHES = (6.4, 25.6, 51.2)
"""Pixels at which the three planes of nearness of each kind have fallen to e^-1/2."""


class FBAModel(TorchModel):
    """Any subject a trimap is drawn for; also gives the foreground's colours. Its weights are for research only."""

    name = "fba"
    title = "FBA-Matting"
    weights = ("fba",)
    region_pixels = 1_000_000
    """Pixels of one region, at about 1600 bytes each: its deepest features have 2048 channels at 1/8 of the size."""

    @staticmethod
    def build() -> "nn.Module":
        """See TorchModel.build."""
        from matting.networks.published.fba import FBA

        return FBA()

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        alpha: Alpha = self._layers(image, trimap)[0]
        return alpha

    def cut_out(self, image: Image, trimap: Trimap | None = None) -> tuple[Alpha, Colours]:
        """See Model.cut_out. The network's colours are taken where the trimap is unknown."""
        self.check(image, trimap)
        assert trimap is not None  # as `check` has seen
        boxes = [Box(0, 0, *trimap.shape)] if self.is_exact else self.boxes(trimap)
        layers = {box: self._layers(image[box.slices], trimap[box.slices]) for box in boxes}

        def plane(channel: int) -> Alpha:
            return solve_regions(trimap, lambda box: layers[box][channel], boxes, margin=self.context_pixels)

        alpha = plane(0)
        foreground = estimate_foreground(image, alpha)
        unknown = trimap == UNKNOWN
        for channel in range(3):
            foreground[unknown, channel] = plane(1 + channel)[unknown]
        return alpha, foreground

    def _layers(self, image: Image, trimap: Trimap) -> Tensor:
        """(7, H, W): alpha, the foreground's red, green and blue, the background's."""
        height, width = trimap.shape
        (output,) = self._network(**encode(pad_to_multiple(image, MULTIPLE), pad_to_multiple(trimap, MULTIPLE)))
        layers: Tensor = output[0, :, :height, :width]
        return layers


def encode(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's inputs, (1, C, H, W) each, for a picture whose sides are multiples of 8.

    Published with sides stretched to such multiples; here they are mirrored, so that pixels stay what they are.
    """
    known = [trimap == BACKGROUND, trimap == FOREGROUND]
    distances = [near for kind in known for near in nearness(kind)]
    return {
        "image": np.ascontiguousarray(to_float(image).transpose(2, 0, 1))[None],
        "normalised": encode_image(image),
        "known": np.stack(known).astype(np.float32)[None],
        "distances": np.stack(distances)[None],
    }


def nearness(known: np.ndarray) -> list[Alpha]:
    """For each of REACHES a plane (H, W): 1 on `known` pixels, less the farther the next one is."""
    squared = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) ** 2
    return [np.exp(-squared / (2 * reach**2)).astype(np.float32) for reach in REACHES]
