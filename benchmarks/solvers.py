"""Time, memory and alpha of the solvers, compared with pymatting's plain call, on generated photos with a band of hair.

    python -m benchmarks.solvers --heights 750 1500 3000 --models shared closed-form

Photos are 4:3, so a height of 3000 is 12 megapixels. Each run has a process of its own, whose peak memory is reported;
compiling does not count. --plain-up-to HEIGHT leaves out plain calls that would not fit into memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.generated.photo import hair_photo
from matting.arrays import to_float
from matting.models.classical.compiling import warm_up
from matting.models.classical.solvers import SOLVERS
from matting.solving.pymatting_calls import call


def run(folder: Path, name: str, *, plain: bool) -> None:
    """In a process of its own: solve the photo in `folder`, write the alpha there and print the cost as JSON."""
    image, trimap = np.load(folder / "image.npy"), np.load(folder / "trimap.npy")
    solver = next(solver for solver in SOLVERS if solver.name == name)()
    warm_up()
    wall, cpu = time.perf_counter(), time.process_time()
    colours = to_float(image).astype(np.float64) if plain else None
    alpha = solver(image, trimap) if colours is None else call(solver.function, colours, trimap / 255)
    cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    cost["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.save(folder / ("plain.npy" if plain else "boxes.npy"), alpha.astype(np.float32))
    print(json.dumps(cost))


def spawn(folder: Path, name: str, way: str) -> dict[str, float]:
    """The cost of `run` in a new process; `way` is plain or boxes."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.solvers", "--run", str(folder), name, way]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cost: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return cost


def compare(name: str, height: int, *, with_plain: bool) -> str:
    """One row of the table in docs/log/solvers.md."""
    photo = hair_photo(height, height * 4 // 3)
    unknown = photo.trimap == 128
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        np.save(folder / "image.npy", photo.image)
        np.save(folder / "trimap.npy", photo.trimap)
        boxes = spawn(folder, name, "boxes")
        ours = np.load(folder / "boxes.npy")
        error = np.abs(ours - photo.alpha)[unknown].mean()
        cells = [name, f"{photo.trimap.size / 1e6:.1f}", f"{boxes['wall']:.0f}", f"{boxes['memory']:.0f}"]
        if not with_plain:
            return " | ".join([*cells, "", "", "", "", "", "", f"{error:.4f}", ""])
        plain = spawn(folder, name, "plain")
        theirs = np.load(folder / "plain.npy")
    difference = np.abs(ours - theirs)[unknown]
    ratios = [f"{boxes[key] / plain[key]:.2f}" for key in ("cpu", "memory")]
    distances = [f"{value:.5f}" for value in (difference.mean(), np.quantile(difference, 0.999), difference.max())]
    errors = [f"{error:.4f}", f"{np.abs(theirs - photo.alpha)[unknown].mean():.4f}"]
    return " | ".join([*cells, f"{plain['wall']:.0f}", f"{plain['memory']:.0f}", *ratios, *distances, *errors])


def main() -> None:
    """Print the table, each row as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heights", type=int, nargs="+", default=[750, 1500, 3000])
    parser.add_argument("--models", nargs="+", default=[solver.name for solver in SOLVERS])
    parser.add_argument("--plain-up-to", type=int, default=3000, metavar="HEIGHT")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        folder, name, way = given.run
        run(Path(folder), name, plain=way == "plain")
        return
    print(
        "model | MP | s | MB | plain s | plain MB | CPU ratio | memory ratio | mean Δ | p99.9 Δ | max Δ | error | plain"
    )
    for name in given.models:
        for height in given.heights:
            print(compare(name, height, with_plain=height <= given.plain_up_to), flush=True)


if __name__ == "__main__":
    main()
