"""What a few samples teach: each of several settings on the same domains, within a number of minutes.

    OMP_NUM_THREADS=1 python -m benchmarks.training.few_samples OUT --model studio --minutes 4
    python -m benchmarks.training.few_samples OUT --show        # the table of what is there

A domain (`domains.py` beside this) gives 20 samples, 16 for learning and 4 for choosing, and 20 test pictures. Each run
is one `matting train`, in this process and at its priority. Its proof becomes a file of OUT/rows; a run that is already
there is not repeated, and several commands can work on the same OUT with different settings or domains.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.training.domains import DOMAINS, draw
from matting.files import write_file
from matting.training.jobs.request import Request
from matting.training.jobs.running import Done, training
from matting.training.labels.doubts import Doubtful
from matting.training.results.proof import Change

SETTINGS: dict[str, dict[str, float]] = {
    "default": {},
    "no rehearsal": {"synthetic": 0.0},
    "quarter rehearsal": {"synthetic": 0.25},
    "half rehearsal": {"synthetic": 0.5},
    "rate × 3": {"rate": 6e-4},
    "rate ÷ 3": {"rate": 6e-5},
    "half rehearsal, decoder alone": {"synthetic": 0.5, "encoder_rate": 0.0},
    "half rehearsal, rate × 3": {"synthetic": 0.5, "rate": 6e-4},
    "half rehearsal, rate ÷ 3": {"synthetic": 0.5, "rate": 6e-5},
}


def run(out: Path, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Do the training run that the first fields of a `row` of the table describe; the whole row."""
    folder = out / "domains" / f"{row['domain']} {row['samples']}"
    draw(folder, row["domain"], samples=row["samples"])
    begun, used = time.monotonic(), time.process_time()
    request = Request(
        folder, out / f"{name}.safetensors", out / "runs" / name, row["model"], steps=row["steps"], batch=row["batch"],
        seed=row["seed"], doubtful=Doubtful.KEEP, **SETTINGS[row["setting"]],
    )  # fmt: skip
    done = next(news for news in training(request) if isinstance(news, Done))
    proof = done.card["proof"]
    return row | {
        "share": done.card["share"], "tried": done.card["shares_tried"],
        "test": proof["test"]["sad"], "forgotten": proof["forgotten"], "photographs": proof["photographs"],
        "minutes": (time.monotonic() - begun) / 60, "processor_minutes": (time.process_time() - used) / 60,
    }  # fmt: skip


def wanted(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The first fields of each row that is asked for."""
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for setting in options.settings.split(","):
            for domain in options.domains.split(","):
                for samples in map(int, options.samples.split(",")):
                    yield {"model": options.model, "domain": domain, "setting": setting, "seed": seed,
                           "steps": options.steps, "samples": samples, "batch": options.batch}  # fmt: skip


def show(rows: Path) -> None:
    """Print the rows so far as a Markdown table: changes in per cent, with a 95 % interval of the change on test."""
    given = ("model", "domain", "samples", "steps", "batch", "setting", "seed")
    measured = ("share", "test", "interval", "generated", "photographs", "processor minutes")
    print("| " + " | ".join((*given, *measured)) + " |")
    print("|---" * (len(given) + len(measured)) + "|")
    for path in sorted(rows.glob("*.json")):
        row = json.loads(path.read_text())
        test, *kept = (row[name] and Change(**row[name]) for name in ("test", "forgotten", "photographs"))
        cells = [row[key] for key in given]
        cells += [f"{100 * row['share']:g} %", f"{test.before:.3f} → {test.after:.3f} ({total(test)})"]
        cells += [f"{test.percent(test.low)} to {test.percent(test.high)}", *map(total, kept)]
        print("| " + " | ".join(map(str, [*cells, f"{row['processor_minutes']:.1f}"])) + " |")


def total(change: Change | None) -> str:
    """The change of the mean in per cent."""
    return change.percent(change.after - change.before) if change else "–"


def main() -> None:
    """Run every setting on every domain that is not in the table yet, until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="studio")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, help="crops in a step; default: the model's")
    parser.add_argument("--minutes", type=float, default=60, help="begin no run after so many")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--domains", default="felt,tattered,veil", help=f"of {', '.join(DOMAINS)}")
    parser.add_argument("--samples", default="20", help="numbers of samples, a fifth of them for choosing")
    parser.add_argument("--show", action="store_true", help="print the table and do nothing")
    options = parser.parse_args()
    rows = options.out / "rows"
    if options.show:
        show(rows)
        return
    end = time.monotonic() + 60 * options.minutes
    for row in wanted(options):
        name = " ".join(map(str, row.values())).replace(" ", "-").replace(",", "")
        if (rows / f"{name}.json").is_file() or time.monotonic() > end:
            continue
        done = run(options.out, name, row)
        write_file(rows / f"{name}.json", json.dumps(done, indent=1).encode())
        print(json.dumps({key: value for key, value in done.items() if key != "tried"}), flush=True)


if __name__ == "__main__":
    main()
