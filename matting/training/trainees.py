"""What training must know of a network: how to build it, what it is fed, which part of its answer is alpha."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from torch import nn

from matting.arrays import Image, Trimap
from matting.models import gca, gca_studio
from matting.networks.gca import GCA
from matting.networks.gca_mobile import GCAMobile
from matting.networks.weights_file import read_tensors
from matting.training.crops import Floats, Picture

AnyPicture = TypeVar("AnyPicture", bound=Picture)


@dataclass(frozen=True)
class Trainee:
    """A network that can be trained; `name` is its model's."""

    name: str
    build: Callable[[], nn.Module]
    encode: Callable[[Picture], dict[str, Floats]]
    """A picture → the network's named inputs, each (1, C, H, W): the very encode its model uses."""
    guess: Callable[[Image, Trimap], Floats] | None = None
    """What a solver must say beforehand; see Picture.guess."""

    def prepared(self, picture: AnyPicture) -> AnyPicture:
        """`picture` with the guess the network needs, if it needs one and lacks it."""
        if self.guess is None or picture.guess is not None:
            return picture
        return replace(picture, guess=self.guess(picture.image, picture.trimap))


def _encode_gca(picture: Picture) -> dict[str, Floats]:
    return {"image": gca.encode_image(picture.image), "trimap": gca.encode_trimap(picture.trimap)}


def _encode_studio(picture: Picture) -> dict[str, Floats]:
    if picture.guess is None:
        raise ValueError("gca-studio needs a solver's guess with every picture, but this one has none")
    return gca_studio.encode(picture.image, picture.trimap, picture.guess)


TRAINEES: dict[str, Trainee] = {
    trainee.name: trainee
    for trainee in (
        Trainee("gca", GCA, _encode_gca),
        Trainee("gca-studio", GCAMobile, _encode_studio, gca_studio.guess),
    )
}


def trainee(name: str) -> Trainee:
    """The trainee called `name`; ValueError with the names there are if there is none."""
    if name not in TRAINEES:
        raise ValueError(f"no model called {name!r} can be trained here; there are {', '.join(TRAINEES)}")
    return TRAINEES[name]


def freeze_norms(network: nn.Module) -> None:
    """Put every batch norm in evaluation mode: its statistics stay those of the large set the weights came from."""
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def load_weights(network: nn.Module, path: Path) -> None:
    """Start `network` from a .safetensors file, or from a torch file read with weights_only.

    A GCAMobile also takes torchvision's MobileNetV2 file, for its encoder.

    Raises:
        ValueError: the file is missing, unreadable, or of another network; says what differs.
    """
    tensors = read_tensors(path)
    if isinstance(network, GCAMobile) and "classifier.1.weight" in tensors:
        network.encoder.load_imagenet(tensors)
        return
    counters = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
    tensors = counters | tensors  # which published files may lack
    wanted = network.state_dict()
    wrong = [name for name in wanted if name not in tensors or tensors[name].shape != wanted[name].shape]
    extra = [name for name in tensors if name not in wanted]
    if wrong or extra:
        raise ValueError(
            f"{path} must hold the weights of {type(network).__name__}, but "
            f"{len(wrong)} are missing or misshapen and {len(extra)} unknown, the first {(wrong + extra)[0]}"
        )
    network.load_state_dict({name: tensor.to(wanted[name].dtype) for name, tensor in tensors.items()})
