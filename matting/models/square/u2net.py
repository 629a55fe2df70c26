"""U²-Net and its small sibling: a photo's salient object (Qin et al., Pattern Recognition 2020, arXiv 2005.09007)."""

from matting.models.square.base import SquareModel


class U2NetModel(SquareModel):
    """Any salient object: animals, things, people without detailed hair."""

    name = "u2net"
    title = "U²-Net: animals and things, larger"
    weights = ("u2net",)
    side = 320


class U2NetPModel(U2NetModel):
    """As U²-Net with 1/38 of its weights; the salient-object model that comes with the app."""

    name = "u2netp"
    title = "U²-NetP: animals and things"
    weights = ("u2netp",)
