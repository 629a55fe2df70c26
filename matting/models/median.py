"""Three classical solvers, and of their alphas the middle one at every pixel: no weights, better than each of them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image, Trimap
from matting.models.base import Model
from matting.models.knn import UnknownKNN
from matting.models.solvers import ClosedForm, SharedMatting


class MedianOfSolvers(Model):
    """Shared, closed-form and KNN matting fail in different places, so where one fails the other two outvote it."""

    name = "median"
    title = "Median of three solvers"
    needs_trimap = True
    solvers: tuple[Model, ...] = (SharedMatting(), ClosedForm(), UnknownKNN())

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.float32]:
        """See Model.estimate."""
        with ThreadPoolExecutor() as pool:
            alphas = np.stack(list(pool.map(lambda solver: solver(image, trimap), self.solvers)))
        middle: NDArray[np.float32] = np.median(alphas, axis=0)
        return middle
