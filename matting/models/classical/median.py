"""The median of three classical solvers at every pixel: no weights, better than each of them."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

import numpy as np

from matting.arrays import Alpha, Image, Trimap
from matting.models.base import Model, TrimapModel
from matting.models.classical.knn import UnknownKNN
from matting.models.classical.solvers import ClosedForm, SharedMatting
from matting.solving.partial_results import watched
from matting.solving.progress import OnProgress, parts, reporting_to

PARALLEL_PIXELS = 2_000_000
"""Pixels of a picture up to which the solvers run at once; for a larger one they take too much memory together."""


class MedianOfSolvers(TrimapModel):
    """Shared, closed-form and KNN matting fail in different places, so where one fails the other two outvote it."""

    name = "median"
    title = "Median of three solvers"
    needs_both = True
    solvers: tuple[Model, Model, Model] = (SharedMatting(), ClosedForm(), UnknownKNN())

    def solve(self, image: Image, trimap: Trimap) -> Alpha:
        """See TrimapModel.solve."""

        def solve_by(solver: Model, listener: OnProgress) -> Alpha:
            with reporting_to(listener), watched(None):
                alpha = solver(image, trimap)
            listener(1)
            return alpha

        tasks = zip(self.solvers, parts(len(self.solvers)), strict=True)
        with ThreadPoolExecutor(len(self.solvers) if trimap.size <= PARALLEL_PIXELS else 1) as pool:
            running = [pool.submit(partial(copy_context().run, solve_by, *task)) for task in tasks]
            first, second, third = (future.result() for future in running)
        middle: Alpha = np.maximum(np.minimum(first, second), np.minimum(np.maximum(first, second), third))
        return middle
