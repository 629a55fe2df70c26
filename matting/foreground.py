"""The subject's own colours, so that a new background shows no halo of the old one."""

from typing import cast

from matting.arrays import Alpha, Colours, Image, check_alpha, check_image, to_float
from matting.compiled import call


def estimate_foreground(image: Image, alpha: Alpha) -> Colours:
    """The foreground (H, W, 3) float32 in [0, 1], straight: `image` with the background taken out of soft edges.

    Where `alpha` (H, W) is 1 it is exactly the colour of `image` (H, W, 3) uint8. Where alpha is 0 it continues the
    nearby subject and holds nothing of the background, so a cut-out can be scaled or filtered without a halo.

    The multi-level estimate of Germer et al., "Fast multi-level foreground estimation", ICPR 2020.

    Raises:
        ValueError: an input is malformed or the sizes differ; names wanted and given.
    """
    check_image(image)
    check_alpha(alpha, image.shape[:2])
    own = to_float(image)
    if alpha.size == 1:  # has no levels
        return own
    foreground = cast(Colours, call("estimate_foreground_ml", own, alpha))
    foreground[alpha == 1] = own[alpha == 1]
    return foreground
