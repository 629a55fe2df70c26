"""How certain a difference between two models is: paired bootstrap intervals, and how many pictures would settle it."""

import math
from collections.abc import Sequence

import numpy as np

FEWEST = 6
"""With fewer pictures no result is certain: by chance alone, all of five change the same way once in 16 times."""
LEVEL, DEVIATIONS = 0.95, 1.96


def interval_of_mean(differences: Sequence[float]) -> tuple[float, float]:
    """The 95 % confidence interval of the mean of paired `differences` (percentile bootstrap).

    (−∞, ∞) for fewer than two. The same differences always give the same numbers.
    """
    from scipy.stats import bootstrap

    values = np.asarray(differences, np.float64)
    if len(values) < 2:
        return -math.inf, math.inf
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = bootstrap(
        (values,), np.mean, n_resamples=9999, confidence_level=LEVEL, method="percentile", rng=np.random.default_rng(0)
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def pictures_wanted(differences: Sequence[float]) -> int:
    """How many pictures like these, present ones included, would distinguish the mean from 0.

    With that many, a normal interval around the mean ends at 0; at least FEWEST.
    """
    values = np.asarray(differences, np.float64)
    if len(values) < 2 or not values.mean():
        return max(FEWEST, 2 * len(values))
    return max(FEWEST, math.ceil((DEVIATIONS * float(values.std(ddof=1)) / float(values.mean())) ** 2))
