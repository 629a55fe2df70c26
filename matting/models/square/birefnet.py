"""BiRefNet: any subject, at high resolution (Zheng et al., CAAI AIR 2024, arXiv 2401.03407)."""

from matting.models.square.base import SquareModel


class BiRefNetLiteModel(SquareModel):
    """Any subject, by the smallest of the three: a Swin-T backbone."""

    name = "birefnet-lite"
    title = "BiRefNet lite: any subject"
    weights = ("birefnet-lite",)
    side = 1024
    gives_logits = True


class BiRefNetModel(BiRefNetLiteModel):
    """Any subject: a Swin-L backbone."""

    name = "birefnet"
    title = "BiRefNet: any subject"
    weights = ("birefnet",)


class BiRefNetHRMattingModel(BiRefNetLiteModel):
    """Any subject with soft edges; learned from alphas, and sees the photo at 2048 × 2048."""

    name = "birefnet-hr-matting"
    title = "BiRefNet HR matting: soft edges"
    weights = ("birefnet-hr-matting",)
    side = 2048
