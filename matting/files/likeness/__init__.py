"""Which pictures are copies of one another, or parts of one another."""

from matting.files.likeness.appearance import MAYBE_NEAR_BITS, NEAR_BITS, Appearance, appearance_of, perceptual_hashes

__all__ = ["MAYBE_NEAR_BITS", "NEAR_BITS", "Appearance", "appearance_of", "perceptual_hashes"]
