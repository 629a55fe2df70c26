"""Time and memory of GCA compared with the published formulation, by picture size; also of the attention alone.

    python -m benchmarks.gca --ways published torch onnx --sizes 640x864 1088x1920 --rounds 5 --plot docs/log/gca.png

Weights are random, because cost does not depend on them. Every run has a process of its own, whose peak memory is
reported. Ways take turns, so that a busy machine slows all of them alike. Times are medians, after one run to warm up.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matting.runtime import Network, onnx_network, torch_network

if TYPE_CHECKING:
    from torch import nn

WAYS = ("published", "torch", "bfloat16", "float16", "onnx", "published-attention", "attention")


def prepare(way: str, size: tuple[int, int], folder: Path) -> Callable[[], object]:
    """A call that does the work of `way` once on a picture of `size` (H, W), borders included."""
    height, width = (side + -side % 32 + 64 for side in size)
    if way.endswith("attention"):
        return prepare_attention(way, height // 16, width // 16)
    trimap = np.zeros((1, 3, height, width), np.float32)
    unknown = np.zeros((height, width), bool)
    unknown[height // 3 : height // 2] = True
    trimap[:, 0], trimap[:, 1] = ~unknown, unknown
    image = np.random.default_rng(0).standard_normal((1, 3, height, width), np.float32)
    network = prepare_network(way, folder)
    return lambda: network(image=image, trimap=trimap)


def prepare_attention(way: str, height: int, width: int) -> Callable[[], object]:
    """One attention on its own, for a picture of 16 × `height` by 16 × `width`."""
    import torch

    from benchmarks import gca_published as published
    from matting.networks import guided_attention

    attend = published.attend if way.startswith("published") else guided_attention.attend
    place = "cuda" if torch.cuda.is_available() else "cpu"
    guidance = torch.randn(1, 64, height, width, device=place)
    features = torch.randn(1, 128, 2 * height, 2 * width, device=place)
    unknown = torch.zeros(1, 1, height, width, device=place)
    unknown[:, :, height // 3 : height // 2] = 1
    return torch.inference_mode()(lambda: attend(guidance, features, unknown).sum().item())


def prepare_network(way: str, folder: Path) -> Network:
    """The whole network, as `way` runs it."""
    import torch

    from benchmarks import gca_published as published

    if way == "onnx":
        return onnx_network(folder / "gca.onnx", threads=torch.get_num_threads())
    if way == "published":
        place = "cuda" if torch.cuda.is_available() else "cpu"
        network = published.published_gca().to(place)
        return torch.inference_mode()(
            lambda image, trimap: network(torch.from_numpy(image).to(place), torch.from_numpy(trimap).to(place)).cpu()
        )
    return torch_network(folded_gca(), precision="float32" if way == "torch" else way)


def folded_gca() -> "nn.Module":
    """The network for use, with its norms folded away."""
    from matting.networks.folding import fold_batch_norm, fold_spectral_norm
    from matting.networks.published.gca import GCA

    module = GCA().eval()
    fold_spectral_norm(module)
    fold_batch_norm(module)
    return module


def write_gca(folder: Path) -> None:
    """Write the network as an ONNX file, for the way "onnx"."""
    from matting.networks.onnx_file import write_onnx

    write_onnx(folded_gca(), folder / "gca.onnx")


def run(way: str, size: tuple[int, int], folder: Path, repeats: int) -> None:
    """In a process of its own: print the seconds of each repeat and the peak memory in MB as JSON."""
    call = prepare(way, size, folder)
    call()
    wall, cpu = [], []
    for _ in range(repeats):
        begun = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - begun[0])
        cpu.append(time.process_time() - begun[1])
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": peak_memory()}))


def peak_memory() -> float:
    """The peak memory in MB: that of the GPU if there is one, else that of this whole process."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spawn(way: str, size: tuple[int, int], folder: Path, repeats: int) -> dict[str, Any]:
    """What `run` measures, in a new process."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.gca", "--run", way, *map(str, size)]
    command += ["--folder", str(folder), "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure(ways: list[str], sizes: list[tuple[int, int]], *, rounds: int, repeats: int) -> list[dict[str, Any]]:
    """One record per way and size: median seconds of wall clock and processor, peak memory in MB."""
    records = []
    with tempfile.TemporaryDirectory() as folder:
        if "onnx" in ways:
            write_gca(Path(folder))
        for size in sizes:
            runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
            for _, way in product(range(rounds), ways):
                runs[way].append(spawn(way, size, Path(folder), repeats))
            for way, measured in runs.items():
                times = {
                    clock: statistics.median(second for each in measured for second in each[clock])
                    for clock in ("wall", "cpu")
                }
                memory = max(each["memory"] for each in measured)
                records.append({"way": way, "height": size[0], "width": size[1], **times, "memory": memory})
                print(f"{way:20} {size[0]}x{size[1]:<6} {times['wall']:8.2f} s {times['cpu']:8.2f} s {memory:7.0f} MB")
    return records


def plot(records: list[dict[str, Any]], path: Path) -> None:
    """Seconds and memory against megapixels, both axes logarithmic."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    for axes, key, label in zip(figure.subplots(1, 2), ("wall", "memory"), ("seconds", "peak memory, MB"), strict=True):
        for way in dict.fromkeys(record["way"] for record in records):
            mine = [record for record in records if record["way"] == way]
            pixels = [record["height"] * record["width"] / 1e6 for record in mine]
            axes.plot(pixels, [record[key] for record in mine], "o-", label=way)
        axes.set(xscale="log", yscale="log", xlabel="megapixels", ylabel=label)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run the module's command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=["published", "torch"])
    parser.add_argument("--sizes", nargs="+", default=["640x864", "1088x1920"], help="heights x widths")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--run", nargs=3, metavar=("WAY", "H", "W"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        way, *size = options.run
        run(way, (int(size[0]), int(size[1])), options.folder, options.repeats)
        return
    sizes = [tuple(map(int, size.split("x"))) for size in options.sizes]
    records = measure(options.ways, sizes, rounds=options.rounds, repeats=options.repeats)
    if options.json:
        options.json.write_text(json.dumps(records, indent=1) + "\n")
    if options.plot:
        plot(records, options.plot)


if __name__ == "__main__":
    main()
