"""The pictures of a run, for learning, choosing and measuring, from a folder and a few options."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from matting.arrays import UNKNOWN, Image
from matting.files import list_images, read_image
from matting.resize import resize, within
from matting.training.crops import CropSource, Picture
from matting.training.crops.crop_sources import CachedCrops, MixedCrops, SyntheticCrops
from matting.training.crops.cut_outs import LEARNED, MEASURED, CutOutCrops, photograph
from matting.training.crops.pairs import Dataset, HeldOut, find_pairs
from matting.training.crops.scene_parts import SceneParts
from matting.training.labels.checking import checked
from matting.training.labels.doubts import Doubt, Doubtful
from matting.training.modnet.adaptation import UnlabelledPhotos
from matting.training.modnet.own_answers import OwnAnswers
from matting.training.origin import Origin, code_now, digest_of
from matting.training.settings import Settings
from matting.training.synthetic import installed_photographs
from matting.training.trainees import Trainee, load_weights
from matting.weights import sha256_of

ROOM = 64
"""Pixels by which a cached crop is larger than the crops cut from it."""
LONGEST = 1600
"""The long side, in pixels, to which photographs are shrunk before textures and backgrounds are cut from them."""
MIN_PICTURES, MAX_PICTURES = 16, 64
"""The number of validation pictures: if there are few pairs, each is composed several times; of many, only some are
used. MIN_PICTURES of each kind show what is forgotten, and fewer in a run of fewer steps."""
FEWEST_PICTURES = 2
"""The number of each kind in the shortest run."""
PHOTOGRAPHS = 0.5
"""The share of photographs' subjects among the rehearsal crops of a network with a trimap; the rest are generated."""
BY_SPLIT, BY_SHARE, BY_MADE, BY_NONE = "validation", "a share of train", "generated pictures", "nothing: the last step"
BY_NO_ALPHA = "nothing, as no alpha is known: the last step"
"""How the weights were chosen, for the card."""


@dataclass(frozen=True)
class Rehearsal:
    """Crops for learning, and pictures for measuring that are never learned from."""

    crops: CropSource
    generated: Sequence[Picture] = ()
    """Generated pictures."""
    photographs: Sequence[Picture] = ()
    """What is cut from photographs: subjects before others, and scenes of what is hard in photographs.

    For a network without a trimap, photographs with its own answers.
    """


@dataclass(frozen=True)
class Sources:
    """The pictures of a run."""

    crops: CropSource
    """For learning."""
    validation: list[Picture]
    """For choosing the best step; empty if the dataset is too small to spare any."""
    test: tuple[HeldOut, ...]
    """For measuring the result, once."""
    rehearsal: Sequence[Picture]
    """For measuring what was forgotten: like those the starting weights learned from, but never learned from here."""
    photographs: Sequence[Picture]
    """The same, of what is cut from photographs; see Rehearsal."""
    origin: Origin
    chosen_by: str
    """Where the pictures of `validation` come from; for the card."""
    doubts: Sequence[Doubt]
    """Labels that look wrong and were kept or left out."""
    learned_from: tuple[str, ...]
    """The names of the samples used for learning and choosing; the card keeps them, so that samples can be traced."""
    counts: dict[str, int]
    """The number of pairs, backgrounds and test pictures of the dataset, and of the generator's photographs."""

    @property
    def summary(self) -> str:
        """How the best step of the run is chosen, in a sentence."""
        count = f"{len(self.validation)} pictures"
        none = "there is no validation split (validation/fg and validation/alpha)"
        return {
            BY_SPLIT: f"{count} of the validation split choose the best step",
            BY_SHARE: f"{none}, so {count} from a share of train, held out by group, choose the best step",
            BY_MADE: f"{count} from the generator choose the best step",
            BY_NONE: f"{none}, and train has too few pictures to hold any out, so the last step counts",
            BY_NO_ALPHA: "without alphas the best step is not known, so the last step counts",
        }[self.chosen_by]


def open_sources(
    dataset: Path,
    trainee: Trainee,
    settings: Settings,
    *,
    synthetic: float,
    cached: int,
    cache: Path,
    start: Path | None = None,
    doubtful: Doubtful = Doubtful.STOP,
) -> Sources:
    """The pictures of a run on the folder `dataset`.

    `synthetic` is the share of crops that rehearse what the starting weights know: generated ones and subjects of
    photographs, with exact alphas, or, for a network without a trimap, photographs with its own earlier answers. At 1
    all crops are generated, and the dataset needs no pairs, and photographs only if you like. If `trainee` needs a
    solver's guess, the first `cached` crops are kept in `cache` and used again, varied. A `trainee` without alphas uses
    every photograph in the folder.

    Raises:
        DoubtfulLabelsError: labels look wrong, and `doubtful` says to stop.
        ValueError: the folder lacks something it must hold, or a file cannot be understood; the message names it.
        OSError: a file cannot be read.
    """
    if not trainee.needs_alphas:
        return _photographs_alone(dataset, settings, start)
    size, seed = settings.crop + (ROOM if trainee.guess else 0), settings.seed
    photos = photographs(dataset) if synthetic > 0 or start else ()
    known = rehearsal(trainee, settings, photos, size=size, start=start if synthetic < 1 else None)
    crops = known.crops
    if synthetic < 1:
        found, doubts = checked(find_pairs(dataset), doubtful)  # unreadable files are named now, not in an hour
        data, chosen_by = _with_validation(found)
        own = trainee.compose(data.pairs, data.backgrounds, size=size, seed=seed)
        crops = MixedCrops(own, crops, share=synthetic, seed=seed) if synthetic > 0 else own
        validation = composed(data, trainee, size=settings.crop, seed=seed + 1)
    else:
        data, chosen_by, doubts = Dataset((), (), (), ()), BY_MADE, []
        unseen = SyntheticCrops(photos, size=settings.crop, seed=seed + 1)
        validation = [unseen(index) for index in range(MIN_PICTURES)]
    if trainee.guess:
        crops = CachedCrops(crops, cache, count=cached, size=settings.crop, seed=seed, prepare=trainee.prepared)
    origin = Origin(
        dataset=digest_of(data.files, dataset, photos),
        start=sha256_of(start) if start else "",
        code=code_now(),
        synthetic=synthetic,
        cached=cached if trainee.guess else 0,
    )
    names = tuple(sorted(pair.alpha.stem for pair in (*data.pairs, *data.validation)))
    counts = _counts(data, photos)
    test = () if trainee.needs_plate else data.test  # the background of test pictures is not known
    kept = (known.generated, known.photographs)
    return Sources(crops, validation, test, *kept, origin, chosen_by, doubts, names, counts)


def _counts(data: Dataset, photos: Sequence[Image]) -> dict[str, int]:
    return {
        "pairs": len(data.pairs),
        "validation_pairs": len(data.validation),
        "test_pictures": len(data.test),
        "backgrounds": len(data.backgrounds),
        "photographs": len(photos),
    }


def rehearsal(
    trainee: Trainee, settings: Settings, photos: Sequence[Image], *, size: int, start: Path | None
) -> Rehearsal:
    """What the weights in `start` know, or generated crops alone if there are none; crops have that `size`."""
    made = SyntheticCrops(photos, size=size, seed=settings.seed)
    if start is None:
        return Rehearsal(made)
    if trainee.ask is not None and not trainee.needs_plate:
        return _own_answers(trainee, settings, photos, size=size, start=start)
    seen = CutOutCrops(LEARNED, photos, size=size, seed=settings.seed)
    mixed = MixedCrops(made, seen, share=PHOTOGRAPHS, seed=settings.seed + 1)  # not the seed that mixes in the samples
    unseen = SyntheticCrops(photos, size=settings.crop, seed=settings.seed + 1)
    others = CutOutCrops(MEASURED, photos, size=settings.crop, seed=settings.seed + 1)
    hard = SceneParts([photograph(name) for name in MEASURED], size=settings.crop, seed=settings.seed + 1)
    first, second, third = (some(source, settings) for source in (unseen, others, hard))
    return Rehearsal(mixed, first, [*second, *third])


def _own_answers(trainee: Trainee, settings: Settings, photos: Sequence[Image], *, size: int, start: Path) -> Rehearsal:
    """Photographs with the network's own earlier answers: every other one to rehearse, the rest to measure."""
    network = trainee.build().eval()
    load_weights(network, start)
    people = [photograph("grace_hopper"), *photos]
    answers = [trainee.ask(network, _photo_alone(photo)) for photo in people] if trainee.ask else []
    to_learn = OwnAnswers(people[::2], answers[::2], size=size, seed=settings.seed)
    to_measure = OwnAnswers(people[1::2], answers[1::2], size=settings.crop, seed=settings.seed + 1)
    return Rehearsal(to_learn, (), some(to_measure, settings))


def some(source: CropSource, settings: Settings) -> list[Picture]:
    """As many pictures of one kind as show what is forgotten."""
    return [source(index) for index in range(number_to_measure(settings))]


def number_to_measure(settings: Settings) -> int:
    """How many pictures of each kind show what is forgotten."""
    return min(MIN_PICTURES, max(FEWEST_PICTURES, settings.steps // 2))


def _photo_alone(photo: Image) -> Picture:
    """`photo` with a trimap that knows nothing."""
    return Picture(photo, np.full(photo.shape[:2], UNKNOWN, np.uint8), np.zeros(photo.shape[:2], np.float32))


def _photographs_alone(dataset: Path, settings: Settings, start: Path | None) -> Sources:
    """The pictures of a run that learns from photographs without alphas."""
    photos = list_images([dataset])
    for photo in photos:
        read_image(photo)  # unreadable files are named now, not in an hour
    crops = UnlabelledPhotos(photos, size=settings.crop, seed=settings.seed)
    origin = Origin(digest_of(photos, dataset), sha256_of(start) if start else "", code_now())
    names = tuple(photo.stem for photo in photos)
    return Sources(crops, [], (), [], [], origin, BY_NO_ALPHA, [], names, {"photographs": len(photos)})


def _with_validation(data: Dataset) -> tuple[Dataset, str]:
    """`data` with validation pairs, and where these come from."""
    if data.validation:
        return data, BY_SPLIT
    data = data.with_validation()
    return data, BY_SHARE if data.validation else BY_NONE


def composed(data: Dataset, trainee: Trainee, *, size: int, seed: int) -> list[Picture]:
    """Validation pictures of `size`, the same ones every time: each validation pair over backgrounds of training."""
    pairs = data.validation[:: max(1, len(data.validation) // MAX_PICTURES)][:MAX_PICTURES]
    count = max(MIN_PICTURES, len(pairs)) if pairs else 0
    return [
        trainee.compose([pair], data.backgrounds, size=size, seed=seed)(number)
        for number, pair in enumerate(islice(cycle(pairs), count))
    ]


def photographs(dataset: Path) -> Sequence[Image]:
    """The pictures in the first of train/bg, bg and the folder itself that exists, and those of scikit-image."""
    folders = [folder for folder in (dataset / "train" / "bg", dataset / "bg", dataset) if folder.is_dir()]
    files = list_images(folders[:1])
    return [*installed_photographs(), *(_shrunk(read_image(path)) for path in files)]


def _shrunk(image: Image) -> Image:
    return resize(image, within((image.shape[0], image.shape[1]), LONGEST))
