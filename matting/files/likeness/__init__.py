"""Which pictures are copies of one another, or parts of one another."""

from matting.files.likeness.appearance import MAYBE_NEAR, NEAR, Appearance, appearance_of, perceptual_hashes

__all__ = ["MAYBE_NEAR", "NEAR", "Appearance", "appearance_of", "perceptual_hashes"]
