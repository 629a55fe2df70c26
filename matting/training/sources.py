"""What a run trains on and measures with, from a folder and a few choices."""

from collections.abc import Sequence
from pathlib import Path

from matting.arrays import Image
from matting.files import list_images, read_image
from matting.resize import resize, within
from matting.training.compose import ComposedCrops
from matting.training.crops import Picture, Source
from matting.training.made import CachedCrops, MixedCrops, SyntheticCrops
from matting.training.pairs import find_pairs
from matting.training.settings import Settings
from matting.training.synthetic import installed_photographs
from matting.training.trainees import Trainee

ROOM = 64
"""Pixels by which cached crops are larger than those cut from them."""
LONGEST = 1600
"""Long side to which photographs are shrunk before synthetic subjects and backgrounds are cut from them."""
HELD_OUT = 16
"""Synthetic pictures to measure with where a run sees nothing else."""


def open_sources(
    dataset: Path, trainee: Trainee, settings: Settings, *, synthetic: float, cached: int, cache: Path
) -> tuple[Source, list[Picture]]:
    """The crops to train on and the held-out pictures.

    `synthetic` is the share of generated crops; at 1 the dataset need hold no pairs, only photographs if any. Where
    `trainee` needs a solver's guess, the first `cached` crops are kept in `cache` and used again in variations.

    Raises:
        ValueError: the folder lacks what it must hold, or what it holds cannot be read; names it.
    """
    size = settings.crop + (ROOM if trainee.guess else 0)
    held_out: list[Picture] = []
    source: Source
    if synthetic < 1:
        data = find_pairs(dataset)
        for pair in data.pairs:
            pair.read()  # what cannot be read is named now and not in an hour
        source = ComposedCrops(data.pairs, data.backgrounds, size=size, seed=settings.seed)
        held_out = [files.read() for files in data.held_out]
    if synthetic > 0:
        made = SyntheticCrops(photographs(dataset), size=size, seed=settings.seed)
        source = MixedCrops(source, made, share=synthetic, seed=settings.seed) if synthetic < 1 else made
    if not held_out and synthetic == 1:
        unseen = SyntheticCrops(photographs(dataset), size=size, seed=settings.seed + 1)
        held_out = [unseen(index) for index in range(HELD_OUT)]
    if trainee.guess:
        source = CachedCrops(
            source, cache, count=cached, size=settings.crop, seed=settings.seed, prepare=trainee.prepared
        )
    return source, held_out


def photographs(dataset: Path) -> Sequence[Image]:
    """The pictures in train/bg, bg or the folder itself, whichever is first there, and those scikit-image brings."""
    folders = [folder for folder in (dataset / "train" / "bg", dataset / "bg", dataset) if folder.is_dir()]
    files = list_images(folders[:1])
    return [*installed_photographs(), *(_shrunk(read_image(path)) for path in files)]


def _shrunk(image: Image) -> Image:
    return resize(image, within((image.shape[0], image.shape[1]), LONGEST))
