"""The folders of weights: those that come with the project, and those that were fetched or placed by hand."""

import os
from pathlib import Path

from matting.environment.caches import cache_home, is_writable

SHIPPED = Path(__file__).resolve().parent / "shipped"
"""The folder of the weights that come with the project, each with its card."""
CHECKOUT = Path(__file__).resolve().parents[2] / "weights"
"""The folder of a checkout; an installed package has none."""
CACHE = cache_home() / "matting-studio" / "weights"


def default_folder() -> Path:
    """The checkout's folder, unless there is none or it can't be written and holds no weights: then the cache's."""
    is_used = CHECKOUT.is_dir() and (is_writable(CHECKOUT) or any(CHECKOUT.glob("*.onnx")))
    return CHECKOUT if is_used else CACHE


FOLDER = Path(os.environ.get("MATTING_WEIGHTS") or default_folder())
"""Where weights are kept and looked for first; MATTING_WEIGHTS names another folder."""
