"""Whether there is enough memory to finish a large picture, checked before it begins."""

from matting.environment.memory import free_gb

LEAST_GB, GB_A_MEGAPIXEL = 1.2, 0.06
"""What finishing takes: a process with its models, and what every megapixel adds, unknown or not.

Measured by `python -m benchmarks.engine.memory`: 1.8 GB at 12 megapixels, 3.7 GB at 45.
"""


def check_fits(pixels: int) -> None:
    """ValueError with the size that would fit, if finishing a picture of `pixels` pixels takes more than there is."""
    needed, free = LEAST_GB + GB_A_MEGAPIXEL * pixels / 1e6, free_gb()
    if needed <= free:
        return
    sentence = f"Finishing {pixels / 1e6:.0f} megapixels takes about {needed:.1f} GB of memory; {free:.1f} GB are free"
    fitting = int((free - LEAST_GB) / GB_A_MEGAPIXEL)
    advice = f"a copy of {fitting} megapixels would fit" if fitting >= 1 else "only a small copy may fit"
    raise ValueError(f"{sentence}, and {advice}.")
