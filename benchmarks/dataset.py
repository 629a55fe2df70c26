"""How fast a dataset of many samples is listed, filtered, imported and exported, compared with the PNG encoder's rate.

python -m benchmarks.dataset [COUNT] [SIDE]. The files lie in TMPDIR. The rates are by processor time, which on a disk
includes the file system's work to make a file.
"""

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from annotation.store import Filter, Split, State, Store, count_states, find_samples, next_sample, open_store
from annotation.transfer.exporting import export
from annotation.transfer.importing import import_path
from matting.files import encode_image
from matting.resize import resize
from matting.trimap import make_trimap

PARTS = ("image", "alpha", "foreground", "trimap")


def pictures(number: int, side: int) -> dict[str, np.ndarray]:
    """A sample's arrays: soft shapes with a little grain, as a photo has."""
    random = np.random.default_rng(number)
    smooth = resize(random.random((6, 8, 4), dtype=np.float32), (side, side))
    grain = random.integers(-3, 4, (side, side, 3), dtype=np.int8)
    image = np.clip(smooth[:, :, :3] * 255 + grain, 0, 255).astype(np.uint8)
    alpha = np.clip((smooth[:, :, 3] - 0.45) * 8, 0, 1).astype(np.float32)
    deep = np.rint(alpha * 65535).astype(np.uint16)
    foreground = np.ascontiguousarray(image[:, ::-1])  # other bytes, as costly to encode
    return {"image": image, "alpha": deep, "foreground": foreground, "trimap": make_trimap(alpha)}


def encoder_seconds(count: int, side: int, parts: tuple[str, ...], tries: int = 200) -> float:
    """Seconds that the encoder alone would take for those pictures of all samples, estimated from `tries` of them."""
    seconds = 0.0
    for number in range(tries):
        arrays = pictures(number, side)
        started = time.process_time()
        for part in parts:
            encode_image(arrays[part], ".png")
        seconds += time.process_time() - started
    return seconds * count / tries


def write_source(folder: Path, count: int, side: int) -> None:
    """A folder to import, in the layout imagefolder."""
    lines = []
    for number in range(count):
        for part, array in pictures(number, side).items():
            path = folder / "data" / "train" / part / f"{number:06d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_image(array, ".png"))
        lines.append(json.dumps({f"{part}_file_name": f"{part}/{number:06d}.png" for part in PARTS}) + "\n")
    (folder / "data" / "train" / "metadata.jsonl").write_text("".join(lines))


def timed(function: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of one call."""
    started = clock()
    function()
    return clock() - started


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(what: str, function: Callable[[], object], encoder: float, count: int) -> None:
    """Print one line; the rate is by processor time, so that a busy machine does not change it."""
    started = time.perf_counter()
    used = timed(function, time.process_time)
    seconds = time.perf_counter() - started
    rate = f"{used:.1f} s of one core, {encoder / used:.2f} × the encoder's rate"
    print(f"{what}: {seconds:.1f} s, {count / seconds:.0f} samples/s; {rate}", flush=True)


def questions(store: Store) -> dict[str, Callable[[], object]]:
    """The queries of the gallery."""
    return {
        "first page": lambda: find_samples(store, limit=24),
        "last page": lambda: find_samples(store, limit=24, offset=9_900),
        "state and split": lambda: find_samples(store, Filter(states=[State.DONE], splits=[Split.TRAIN]), limit=100),
        "part of a name": lambda: find_samples(store, Filter(text="9999"), limit=100),
        "nothing found": lambda: find_samples(store, Filter(text="no such sample"), limit=100),
        "next": lambda: next_sample(store, 5_000, Filter(states=[State.DONE])),
        "counts": lambda: count_states(store),
        "all": lambda: find_samples(store, limit=10_000),
    }


def main() -> None:
    """Print the figures."""
    count, side = (int(argument) for argument in (*sys.argv[1:], "10000", "128")[:2])
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="matting-benchmark-") as name:
        folder = Path(name)
        write_source(folder / "source", count, side)
        store = open_store(folder / "data")
        import_path(open_store(folder / "warm"), folder / "source" / "data" / "train" / "image" / "000000.png")
        before = peak()
        encoder = encoder_seconds(count, side, PARTS)
        report("import", lambda: import_path(store, folder / "source"), encoder, count)
        print(f"memory: {before:.0f} MB before, {peak():.0f} MB at most", flush=True)
        for layout, parts in (("imagefolder", PARTS), ("modnet", ("image", "alpha", "trimap"))):
            encoder = encoder_seconds(count, side, parts)
            report(f"export {layout}", lambda at=layout: export(store, folder / at, layout=at), encoder, count)
        print(f"memory: {peak():.0f} MB at most")
        for what, ask in questions(store).items():
            print(f"{what}: {1000 * statistics.median(timed(ask) for _ in range(5)):.0f} ms")


if __name__ == "__main__":
    main()
