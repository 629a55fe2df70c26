"""BEN2 base: any subject; a refiner works where the first answer is unsure (Meyer & Spruyt 2025, arXiv 2501.06230)."""

from matting.models.square.base import SquareModel


class BEN2Model(SquareModel):
    """Any subject, down to the hair; its weights are stored in half precision."""

    name = "ben2"
    title = "BEN2 base: any subject"
    weights = ("ben2",)
    side = 1024
