"""What is known about each file of weights: its size, SHA-256, licence, and the places it can be fetched from."""

from matting.weights.catalogue.large import LARGE
from matting.weights.catalogue.own_and_small import OWN_AND_SMALL
from matting.weights.catalogue.placed_by_hand import PLACED_BY_HAND
from matting.weights.record import Weights, WeightsUsed, sha256_of

WEIGHTS: dict[str, Weights] = OWN_AND_SMALL | LARGE | PLACED_BY_HAND
"""Every file of weights by name."""


def used_weights(name: str) -> WeightsUsed:
    """What records keep of the weights called `name`; for a file placed by hand, the SHA-256 is computed.

    Raises:
        OSError: the file is to be placed by hand, and does not exist.
    """
    weights = WEIGHTS[name]
    return WeightsUsed(weights.file, weights.sha256 or sha256_of(weights.path), weights.licence)
