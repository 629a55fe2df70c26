"""How much a model learns from fewer samples: the same training on growing parts of one dataset.

Each part holds the one before, and all have the validation and test pictures of the whole.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matting.files.links import link_or_copy
from matting.training.crops.pairs import RECORDS, Dataset, Pair, find_pairs
from matting.training.jobs.request import Request
from matting.training.jobs.running import Done, News, training
from matting.training.labels.checking import checked
from matting.training.results.proof import Change


@dataclass(frozen=True)
class Point:
    """What one number of samples taught."""

    samples: int
    share: float | None
    """The share of the new weights that was chosen; None if training began with random weights."""
    test: Change
    """The change in SAD on the test pictures."""
    forgotten: Change | None
    photographs: Change | None
    """As in Proof."""

    @classmethod
    def of(cls, samples: int, card: dict[str, Any]) -> "Point":
        """The point of the run with this card."""
        proof = card["proof"]
        kept = (proof[name] and Change.from_numbers(proof[name]) for name in ("forgotten", "photographs"))
        return cls(samples, card["share"], Change.from_numbers(proof["test"]["sad"]), *kept)


def learning_curve(request: Request, counts: Sequence[int]) -> Iterator[News | Point]:
    """Train once for each of `counts`, which are numbers of samples; the news of each run, and after it its point.

    `request.output` and `request.folder` are folders: for N samples, N.safetensors of the one and N of the other. A
    count that is larger than the number of samples stands for all of them. What was finished before is not trained
    again.

    Raises:
        DoubtfulLabelsError: labels look wrong, and a person must decide what to do with them.
        ValueError, OSError, RuntimeError, WeightsError: it cannot be done; the message is a sentence.
    """
    data = _whole(request)
    for count in sorted({min(count, len(data.pairs)) for count in counts}):
        folder = request.folder / str(count)
        dataset = link_part(data, count, folder / "dataset", seed=request.seed, records=request.dataset / RECORDS)
        output = request.output / f"{count}.safetensors"
        for news in training(replace(request, dataset=dataset, folder=folder, output=output)):
            yield news
            if isinstance(news, Done):
                yield Point.of(count, news.card)


def _whole(request: Request) -> Dataset:
    """The dataset of the request, its labels checked, with a validation split."""
    if not request.dataset.is_dir():
        raise ValueError(f"{request.dataset} must be a folder, but does not exist")
    data, _ = checked(find_pairs(request.dataset), request.doubtful)
    if not data.test:
        raise ValueError(
            f"{request.dataset} holds no test pictures (test/merged), and without them nothing is measured"
        )
    return data if data.validation else data.with_validation()


def link_part(data: Dataset, count: int, target: Path, *, seed: int, records: Path) -> Path:
    """Make the folder `target` anew: `count` pairs of `data`, and all of its other pictures; returns `target`.

    Which pairs depends on their names and on `seed`. The files are links where the disk allows it. `records` is the
    export's file of groups; it need not exist.
    """

    def rank(pair: Pair) -> bytes:
        return hashlib.sha256(f"{seed} {pair.alpha.stem}".encode()).digest()

    shutil.rmtree(target, ignore_errors=True)
    for split, pairs in (("train", sorted(data.pairs, key=rank)[:count]), ("validation", data.validation)):
        for pair in pairs:
            named = {"fg": pair.foreground, "alpha": pair.alpha, "merged": pair.photo}
            _link(target / split, {name: path for name, path in named.items() if path})
    for background in data.backgrounds:
        _link(target / "train", {"bg": background})
    for one in data.test:
        _link(target / "test", {"merged": one.image, "alpha": one.alpha, "trimap": one.trimap})
    if records.is_file():
        link_or_copy(records, target / RECORDS)
    return target


def _link(split: Path, files: dict[str, Path]) -> None:
    """Put each file into the folder of `split` under which it stands in `files`."""
    for name, path in files.items():
        link_or_copy(path, split / name / path.name)
