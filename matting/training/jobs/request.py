"""The request for a training run, from the command line or from the app."""

from dataclasses import dataclass
from pathlib import Path

from matting.training.labels.doubts import Doubtful
from matting.weights import find_weights


@dataclass(frozen=True)
class Request:
    """Everything that can be chosen about a training run; None leaves the choice to the model."""

    dataset: Path
    output: Path
    folder: Path
    """The folder of checkpoints and logs."""
    model: str = "studio"
    start: Path | None = None
    """The weights to start from; None for the shipped ones."""
    from_nothing: bool = False
    steps: int = 1000
    batch: int | None = None
    crop: int | None = None
    rate: float | None = None
    synthetic: float | None = None
    """The share of crops that rehearse what the starting weights already know."""
    cached: int = 100
    seed: int = 0
    minutes: float = 1e6
    workers: int = 0
    freeze_norms: bool | None = None
    bf16: bool | None = None
    licence: str = ""
    unlabelled: bool = False
    doubtful: Doubtful = Doubtful.STOP
    anew: bool = False
    encoder_rate: float | None = None
    """The rate of the pretrained encoder, as a share of `rate`; 0 leaves it as it is."""

    def __post_init__(self) -> None:
        """Raise ValueError if two options exclude each other."""
        if self.unlabelled and self.synthetic:
            raise ValueError("--unlabelled and --synthetic exclude each other; leave one out")


def start_of(shipped: str, start: Path | None, *, from_nothing: bool) -> Path | None:
    """The weights to start from: those in `start`, else those that WEIGHTS calls `shipped`; None for random weights.

    Raises:
        ValueError: both `start` and `from_nothing` are given.
        WeightsError: the shipped ones cannot be found or fetched.
    """
    if start and from_nothing:
        raise ValueError(f"--from-nothing and --start {start} exclude each other; leave one out")
    if start or from_nothing or not shipped:
        return start
    return find_weights(shipped)


def check_files(dataset: Path, output: Path, start: Path | None) -> None:
    """Raise ValueError if these paths cannot be used, before anything is read."""
    if output.suffix != ".safetensors":
        raise ValueError(f"the output must end in .safetensors, but is {output}")
    if output.is_dir():
        raise ValueError(f"the output must be a file, but {output} is a folder")
    if not dataset.is_dir():
        raise ValueError(f"{dataset} must be a folder, but does not exist")
    if start is None:
        return
    if not start.is_file():
        raise ValueError(f"{start} must be a file of weights, but does not exist")
    if output.exists() and output.samefile(start):
        raise ValueError(f"the output must not be the file given as --start, but both are {output}")


def sentence(error: Exception) -> str:
    """What went wrong, in one sentence. The error of a worker process carries its whole traceback, which is cut off."""
    text = str(error).strip()
    if "DataLoader worker" in text:
        text = text.rpartition("\n")[2].partition(": ")[2] or text.partition("\n")[0]
    if isinstance(error, OSError) and error.filename and error.strerror:
        text = f"{error.filename}: {error.strerror}"
    return text
