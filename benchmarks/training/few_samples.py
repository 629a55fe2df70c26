"""What a few samples teach: each of several settings on the same domains, within a number of minutes.

    OMP_NUM_THREADS=1 python -m benchmarks.training.few_samples OUT --model studio --minutes 4

A domain is 16 pictures for learning, 4 for choosing and 20 for testing, drawn by a generator of its own, with which no
shipped weights were trained: outlines of Fourier series, edges of several softnesses, overlapping circles as colours.
Each run is one `matting train`. Its proof becomes a row of OUT/table.json; a run that is already there is not repeated.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from matting.arrays import Alpha, Colours, to_uint8
from matting.composite import composite
from matting.files import write_file, write_image
from matting.training.jobs.request import Request
from matting.training.jobs.running import Done, training
from matting.training.labels.doubts import Doubtful
from matting.training.trimaps import random_trimap

SIZE = 384, 384
SPLITS = {"train": 16, "validation": 4, "test": 20}
SETTINGS: dict[str, dict[str, float]] = {
    "default": {},
    "no rehearsal": {"synthetic": 0.0},
    "half rehearsal": {"synthetic": 0.5},
    "rate × 3": {"rate": 6e-4},
    "rate ÷ 3": {"rate": 6e-5},
}


def outline(rng: np.random.Generator, roughness: float) -> Alpha:
    """(H, W) the depth of each pixel inside a closed curve of random waves, in pixels; negative outside."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    centre = np.array(SIZE) * rng.uniform(0.4, 0.6, 2)
    angle, distance = np.arctan2(y - centre[0], x - centre[1]), np.hypot(y - centre[0], x - centre[1])
    radius = np.full(SIZE, min(SIZE) * rng.uniform(0.22, 0.33), np.float32)
    for wave in range(2, 60):
        radius += roughness * rng.normal() * 60 / wave**1.1 * np.cos(wave * angle + rng.uniform(0, 6.3)) / 10
    return np.asarray(radius - distance, np.float32)


def spots(rng: np.random.Generator, count: int) -> Colours:
    """(H, W, 3) overlapping circles in random colours."""
    picture = np.full((*SIZE, 3), rng.random(3), np.float32)
    for _ in range(count):
        place, colour = rng.integers(0, SIZE[0], 2).tolist(), rng.random(3).tolist()
        cv2.circle(picture, place, int(rng.uniform(4, 70)), colour, -1, cv2.LINE_AA)
    return picture


def felt(rng: np.random.Generator) -> Alpha:
    """Solid, with an edge that is soft over 6 to 24 pixels."""
    return np.clip(outline(rng, 0.6) / rng.uniform(6, 24) + 0.5, 0, 1)


def tattered(rng: np.random.Generator) -> Alpha:
    """A torn edge, and holes near it."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), rng.uniform(1.5, 4))
    return np.clip((outline(rng, 1.5) + 14 * noise / noise.std()) / 3 + 0.5, 0, 1)


def veil(rng: np.random.Generator) -> Alpha:
    """See-through everywhere, more or less."""
    cloud = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), 12)
    share = np.clip(0.55 + 0.25 * cloud / cloud.std(), 0, 1)
    return np.asarray(share * np.clip(outline(rng, 0.5) / 4 + 0.5, 0, 1), np.float32)


DOMAINS: dict[str, Callable[[np.random.Generator], Alpha]] = {"felt": felt, "tattered": tattered, "veil": veil}


def draw(folder: Path, domain: str) -> None:
    """Write the dataset of that domain, unless it exists."""
    for number_of, (split, count) in enumerate(SPLITS.items()):
        for number in range(count):
            path = f"{number:03d}.png"
            if (folder / split / "alpha" / path).exists():
                continue
            rng = np.random.default_rng([list(DOMAINS).index(domain), number_of, number])
            alpha = DOMAINS[domain](rng).astype(np.float32)
            foreground, background = spots(rng, 400), spots(rng, 60)
            photo = composite(foreground, alpha, background)
            photo = np.clip(photo + rng.normal(0, 0.01, photo.shape), 0, 1).astype(np.float32)
            if split == "test":
                write_image(folder / split / "trimap" / path, random_trimap(alpha, rng, (8, 14)))
            else:
                write_image(folder / split / "fg" / path, to_uint8(foreground))
            write_image(folder / split / "merged" / path, to_uint8(photo))
            write_image(folder / split / "alpha" / path, to_uint8(alpha))


def run(out: Path, domain: str, setting: str, options: argparse.Namespace, seed: int) -> dict[str, object]:
    """Do one training run; its row of the table."""
    name = f"{options.model}-{domain}-{setting}-{seed}".replace(" ", "-").replace("×", "x").replace("÷", "by")
    begun, used = time.monotonic(), time.process_time()
    request = Request(
        out / domain, out / f"{name}.safetensors", out / "runs" / name, options.model,
        steps=options.steps, seed=seed, doubtful=Doubtful.KEEP, **SETTINGS[setting],
    )  # fmt: skip
    done = next(news for news in training(request) if isinstance(news, Done))
    proof = done.card["proof"]
    return {
        "model": options.model, "domain": domain, "setting": setting, "seed": seed, "steps": options.steps,
        "share": done.card["share"], "test": proof["test"]["sad"], "forgotten": proof["forgotten"],
        "minutes": (time.monotonic() - begun) / 60, "processor_minutes": (time.process_time() - used) / 60,
    }  # fmt: skip


def main() -> None:
    """Run every setting on every domain that is not in the table yet, until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="studio")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--settings", default=",".join(SETTINGS))
    options = parser.parse_args()
    table = options.out / "table.json"
    rows = json.loads(table.read_text()) if table.is_file() else []
    known = {tuple(row[key] for key in ("model", "domain", "setting", "seed", "steps")) for row in rows}
    end = time.monotonic() + 60 * options.minutes
    for seed in range(options.seeds):
        for setting in options.settings.split(","):
            for domain in DOMAINS:
                if (options.model, domain, setting, seed, options.steps) in known or time.monotonic() > end:
                    continue
                draw(options.out / domain, domain)
                rows.append(run(options.out, domain, setting, options, seed))
                write_file(table, json.dumps(rows, indent=1).encode())
                print(json.dumps(rows[-1]), flush=True)


if __name__ == "__main__":
    main()
