"""ormbg, the open remove-background model: people, by the network of IS-Net (github.com/schirrmacher/ormbg)."""

from matting.models.square.base import SquareModel


class OrmbgModel(SquareModel):
    """People; learned mostly from generated pictures."""

    name = "ormbg"
    title = "ormbg: people"
    weights = ("ormbg",)
    side = 1024
    mean = (0.0, 0.0, 0.0)
    deviation = (1.0, 1.0, 1.0)
