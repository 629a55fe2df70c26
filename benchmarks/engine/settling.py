"""How firmly the network's alpha should be held while it is settled: the error on generated crops no training saw.

python -m benchmarks.engine.settling --crops 64
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from matting.metrics import mse, sad
from matting.solving.laplacian_refinement import HOLD, LEAST, POWER, settled
from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.results.measure import infer
from matting.training.sources import photographs
from matting.training.trainees import load_weights, trainee
from matting.weights import find_weights

WAYS = ((0.1, 0, 0), (0.05, 0.1, 2), (HOLD, LEAST, POWER), (0.15, 0.02, 4), (0.05, 0.03, 8))
"""hold, least and power of matting.solving.laplacian_refinement."""
SEED = 1
"""Training uses 0."""


def main(
    photos: Annotated[Path, typer.Option(help="Photographs for textures and backgrounds.")] = Path("none"),
    crops: Annotated[
        int, typer.Option(help="Crops of 256²; each takes over a second, most of it for the guesses.")
    ] = 64,
) -> None:
    """Print SAD/1000 and MSE on unknown pixels for each way."""
    learner = trainee("gca-studio")
    network = learner.build().eval()
    load_weights(network, find_weights("gca-studio"))
    made = SyntheticCrops(photographs(photos), size=256, seed=SEED)
    errors = []
    for crop in map(made, range(crops)):
        alpha = infer(network, learner, learner.prepared(crop))
        alphas = [alpha, *(settled(crop.image, crop.trimap, alpha, hold=h, least=m, power=p) for h, m, p in WAYS)]
        errors.append([(sad(one, crop.alpha, crop.trimap), mse(one, crop.alpha, crop.trimap)) for one in alphas])
    names = ["the network's own", *(f"hold {h}, least {m}, power {p}" for h, m, p in WAYS)]
    for name, (sads, mses) in zip(names, np.mean(errors, axis=0), strict=True):
        print(f"{name}: SAD {sads:.3f}, MSE {mses:.5f}")


if __name__ == "__main__":
    typer.run(main)
