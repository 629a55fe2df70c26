import re

import numpy as np
import pytest

from annotation.correction import memory_needed
from annotation.correction.memory_needed import check_fits
from annotation.correction.whole_picture import LARGE_PIXELS, solve_apart
from matting.arrays import UNKNOWN


@pytest.mark.parametrize("free", [0.2, 1.3, 1.5, 2.0, 3.0, 8.0])
@pytest.mark.parametrize("megapixels", [5, 12, 50])
def test_what_would_fit_does_and_the_next_size_does_not(monkeypatch, free, megapixels):
    monkeypatch.setattr(memory_needed, "free_gb", lambda: free)
    try:
        check_fits(megapixels * 1_000_000)
    except ValueError as error:
        assert f"Finishing {megapixels} megapixels" in str(error) and f"{free} GB are free" in str(error)
        if fitting := re.search(r"a copy of (\d+) megapixels would fit", str(error)):
            assert int(fitting[1]) < megapixels
            check_fits(int(fitting[1]) * 1_000_000)
            with pytest.raises(ValueError):
                check_fits((int(fitting[1]) + 1) * 1_000_000)
    else:
        check_fits((megapixels - 1) * 1_000_000)


def test_a_large_picture_is_refused_before_anything_starts(monkeypatch):
    monkeypatch.setattr(memory_needed, "free_gb", lambda: 0.5)
    side = int(LARGE_PIXELS**0.5) + 1
    with pytest.raises(ValueError, match=r"takes about 1\.4 GB of memory; 0\.5 GB are free, and only a small"):
        solve_apart("no model is asked", np.zeros((side, side, 3), np.uint8), np.full((side, side), UNKNOWN, np.uint8))
