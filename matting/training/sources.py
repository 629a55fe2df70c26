"""What a run trains on, chooses by and measures with, from a folder and a few choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from matting.arrays import Image
from matting.files import list_images, read_image
from matting.resize import resize, within
from matting.training.crops import CropSource, Picture
from matting.training.crops.made import CachedCrops, MixedCrops, SyntheticCrops
from matting.training.crops.pairs import Dataset, HeldOut, find_pairs
from matting.training.labels.doubts import Doubt, Doubtful
from matting.training.labels.looking import looked_at
from matting.training.modnet.adaptation import UnlabelledPhotos
from matting.training.modnet.own_answers import OwnAnswers, portraits
from matting.training.origin import Origin, code_now, digest_of
from matting.training.settings import Settings
from matting.training.synthetic import installed_photographs
from matting.training.trainees import Trainee, load_weights
from matting.weights import sha256_of

ROOM = 64
"""Pixels by which cached crops are larger than those cut from them."""
LONGEST = 1600
"""Long side to which photographs are shrunk before synthetic subjects and backgrounds are cut from them."""
MIN_PICTURES, MAX_PICTURES = 16, 64
"""Pictures to choose by: few pairs are composed several times, of many some are taken."""
BY_SPLIT, BY_SHARE, BY_MADE, BY_NONE = "validation", "a share of train", "generated pictures", "nothing: the last step"
BY_NO_ALPHA = "nothing, as no alpha is known: the last step"


@dataclass(frozen=True)
class Sources:
    """What a run sees."""

    crops: CropSource
    """To learn from."""
    validation: list[Picture]
    """To choose by; empty where the dataset is too small to spare any."""
    test: tuple[HeldOut, ...]
    """To measure the result with, once."""
    rehearsal: list[Picture]
    """Like what the start learned from, and seen by no step: what is forgotten is measured with them."""
    origin: Origin
    chosen_by: str
    """Where the pictures of `validation` come from; for the card."""
    doubts: Sequence[Doubt]
    """Labels that look wrong, and were kept or left out all the same."""
    learned_from: tuple[str, ...]
    """The names of the samples to learn from and to choose by, for the card: whose they are, they are in the model."""
    counts: dict[str, int]
    """How many pairs, backgrounds and test pictures the dataset holds, and photographs the generator; for the card."""

    @property
    def told(self) -> str:
        """What chooses among the states of the run, in a sentence."""
        count = f"{len(self.validation)} pictures"
        none = "there is no validation split (validation/fg and validation/alpha)"
        return {
            BY_SPLIT: f"{count} of the validation split choose among the states of the run",
            BY_SHARE: f"{none}: {count} of a share of train, held out by group, choose instead, and none of test",
            BY_MADE: f"{count} that the generator makes choose among the states of the run",
            BY_NONE: f"{none}, and train has too few pictures to hold any out: the weights of the last step are taken",
            BY_NO_ALPHA: "without alphas no state of the run can be told from a better one: the last weights are taken",
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
    """What a run on the folder `dataset` sees.

    `synthetic` is the share of crops that rehearse what the start knows: generated ones with exact alphas, or for a
    network that is shown no trimap, photographs with its own earlier answers. At 1 all are generated, and the dataset
    need hold no pairs, only photographs if any. Where `trainee` needs a solver's guess, the first `cached` crops are
    kept in `cache` and used again in variations. A `trainee` that needs no alphas sees every photograph in the folder.

    Raises:
        DoubtfulLabelsError: labels look wrong, and `doubtful` says to stop then.
        ValueError: the folder lacks what it must hold, or what it holds cannot be read; names it.
        OSError: a file cannot be read.
    """
    if not trainee.needs_alphas:
        return _photographs_alone(dataset, settings, start)
    size = settings.crop + (ROOM if trainee.guess else 0)
    photos = photographs(dataset) if synthetic > 0 or start else ()
    rehearsed, rehearsal = _rehearsal(trainee, settings, photos, size=size, start=start if synthetic < 1 else None)
    data, chosen_by, validation, doubts = Dataset((), (), (), ()), BY_MADE, list[Picture](), list[Doubt]()
    crops: CropSource
    if synthetic < 1:
        found, doubts = looked_at(find_pairs(dataset), doubtful)  # what cannot be read is named now and not in an hour
        data, chosen_by = _with_validation(found)
        crops = trainee.compose(data.pairs, data.backgrounds, size=size, seed=settings.seed)
        validation = composed(data, trainee, size=settings.crop, seed=settings.seed + 1)
    if synthetic > 0:
        made = rehearsed or SyntheticCrops(photos, size=size, seed=settings.seed)
        crops = MixedCrops(crops, made, share=synthetic, seed=settings.seed) if synthetic < 1 else made
    if synthetic == 1:
        unseen = SyntheticCrops(photos, size=settings.crop, seed=settings.seed + 1)
        validation = [unseen(index) for index in range(MIN_PICTURES)]
    if trainee.guess:
        crops = CachedCrops(
            crops, cache, count=cached, size=settings.crop, seed=settings.seed, prepare=trainee.prepared
        )
    origin = Origin(
        dataset=digest_of(data.files, dataset, photos),
        start=sha256_of(start) if start else "",
        code=code_now(),
        synthetic=synthetic,
        cached=cached if trainee.guess else 0,
    )
    names = tuple(sorted(pair.alpha.stem for pair in (*data.pairs, *data.validation)))
    counts = _counts(data, photos)
    return Sources(crops, validation, data.test, rehearsal, origin, chosen_by, doubts, names, counts)


def _counts(data: Dataset, photos: Sequence[Image]) -> dict[str, int]:
    return {
        "pairs": len(data.pairs),
        "validation_pairs": len(data.validation),
        "test_pictures": len(data.test),
        "backgrounds": len(data.backgrounds),
        "photographs": len(photos),
    }


def _rehearsal(
    trainee: Trainee, settings: Settings, photos: Sequence[Image], *, size: int, start: Path | None
) -> tuple[CropSource | None, list[Picture]]:
    """(crops that rehearse what the weights in `start` know, MIN_PICTURES unseen pictures that show forgetting)."""
    if start is None:
        return None, []
    to_learn: CropSource
    to_measure: CropSource
    if trainee.ask is None:
        to_learn = SyntheticCrops(photos, size=size, seed=settings.seed)
        to_measure = SyntheticCrops(photos, size=settings.crop, seed=settings.seed + 1)
    else:
        network = trainee.build().eval()
        load_weights(network, start)
        people = [*portraits(), *photos]  # one portrait to rehearse, the first photograph to measure with
        answers = [trainee.ask(network, photo) for photo in people]
        to_learn = OwnAnswers(people[::2], answers[::2], size=size, seed=settings.seed)
        to_measure = OwnAnswers(people[1::2], answers[1::2], size=settings.crop, seed=settings.seed + 1)
    return to_learn, [to_measure(index) for index in range(MIN_PICTURES)]


def _photographs_alone(dataset: Path, settings: Settings, start: Path | None) -> Sources:
    photos = list_images([dataset])
    for photo in photos:
        read_image(photo)  # what cannot be read is named now and not in an hour
    crops = UnlabelledPhotos(photos, size=settings.crop, seed=settings.seed)
    origin = Origin(digest_of(photos, dataset), sha256_of(start) if start else "", code_now())
    return Sources(
        crops, [], (), [], origin, BY_NO_ALPHA, [], tuple(photo.stem for photo in photos), {"photographs": len(photos)}
    )


def _with_validation(data: Dataset) -> tuple[Dataset, str]:
    """`data` with pairs to choose by, and whose they are."""
    if data.validation:
        return data, BY_SPLIT
    data = data.with_validation()
    return data, BY_SHARE if data.validation else BY_NONE


def composed(data: Dataset, trainee: Trainee, *, size: int, seed: int) -> list[Picture]:
    """Pictures of `size` to choose by, the same ones every time: each validation pair over backgrounds of training."""
    pairs = data.validation[:: max(1, len(data.validation) // MAX_PICTURES)][:MAX_PICTURES]
    count = max(MIN_PICTURES, len(pairs)) if pairs else 0
    return [
        trainee.compose([pair], data.backgrounds, size=size, seed=seed)(number)
        for number, pair in enumerate(islice(cycle(pairs), count))
    ]


def photographs(dataset: Path) -> Sequence[Image]:
    """The pictures in train/bg, bg or the folder itself, whichever is first there, and those scikit-image brings."""
    folders = [folder for folder in (dataset / "train" / "bg", dataset / "bg", dataset) if folder.is_dir()]
    files = list_images(folders[:1])
    return [*installed_photographs(), *(_shrunk(read_image(path)) for path in files)]


def _shrunk(image: Image) -> Image:
    return resize(image, within((image.shape[0], image.shape[1]), LONGEST))
