"""Image (+ trimap) in, alpha out. `load_model(name)(image, trimap=None)` is the one call.

START reading at arrays.py.
"""

from matting.models import MODELS, load_model

__all__ = ["MODELS", "load_model"]
