"""Image (+ trimap) in, alpha out. `load_model(name)(image, trimap=None)` is the one call.

START reading at arrays.py.
"""

from matting.environment.caches import settle_caches
from matting.environment.former_names import keep_former_names
from matting.environment.threads import settle_threads

settle_caches()  # before any library looks for its cache
settle_threads()
keep_former_names()

from matting.models import MODELS, load_model  # noqa: E402

__all__ = ["MODELS", "load_model"]
