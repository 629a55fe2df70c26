"""IS-Net: any subject, with fine structure (Qin et al., ECCV 2022, arXiv 2203.03041)."""

from matting.models.square.base import SquareModel


class ISNetModel(SquareModel):
    """Any subject that stands out; six times the weights of MODNet. The first of its side outputs is the finest."""

    name = "isnet"
    title = "IS-Net: animals and things"
    weights = ("isnet",)
    side = 1024
    mean = (0.5, 0.5, 0.5)
    deviation = (1.0, 1.0, 1.0)
