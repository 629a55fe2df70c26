"""What training must know of a network: how to build it, what it is fed, from which weights, what makes its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from torch import Tensor, nn

from matting.arrays import Alpha, Image, Trimap
from matting.models import gca, gca_studio, studio
from matting.networks.gca import GCA
from matting.networks.gca_mobile import GCAMobile
from matting.networks.weights_file import read_tensors
from matting.solving.laplacian_refinement import settled
from matting.training.coarse_heads import PREFIX, StudioLearner
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
    finish: Callable[[Image, Trimap, Alpha], Alpha] | None = None
    """What its model makes of the network's alpha before users get it."""
    start: str = ""
    """The weights that training starts from if nobody says otherwise, a key of WEIGHTS; "" for none."""
    losses: Mapping[str, float] = field(default_factory=dict)
    """Weights of losses by their names in Settings, where those differ from its defaults."""

    def finished(self, picture: Picture, alpha: Alpha) -> Alpha:
        """What users get where the network says `alpha` (H, W) of `picture`."""
        return alpha if self.finish is None else self.finish(picture.image, picture.trimap, alpha)

    def prepared(self, picture: AnyPicture) -> AnyPicture:
        """`picture` with the guess the network needs, if it needs one and lacks it."""
        if self.guess is None or picture.guess is not None:
            return picture
        return replace(picture, guess=self.guess(picture.image, picture.trimap))


def _encode_gca(picture: Picture) -> dict[str, Floats]:
    return {"image": gca.encode_image(picture.image), "trimap": gca.encode_trimap(picture.trimap)}


def _encode_gca_studio(picture: Picture) -> dict[str, Floats]:
    if picture.guess is None:
        raise ValueError("gca-studio needs a solver's guess with every picture, but this one has none")
    return gca_studio.encode(picture.image, picture.trimap, picture.guess)


def _encode_studio(picture: Picture) -> dict[str, Floats]:
    return studio.encode(picture.image, picture.trimap)


STUDIO_LOSSES = {
    "l1": 0.5, "pixel_l1": 0.5, "square": 1.0, "laplacian": 1.0, "gradient": 0.25, "composition": 0.5, "coarse": 0.2,
}  # fmt: skip
"""Those that the shipped weights were trained with."""

TRAINEES: dict[str, Trainee] = {
    trainee.name: trainee
    for trainee in (
        Trainee("studio", StudioLearner, _encode_studio, finish=studio.finish, start="studio", losses=STUDIO_LOSSES),
        Trainee("gca-studio", GCAMobile, _encode_gca_studio, gca_studio.guess, finish=settled, start="gca-studio"),
        Trainee("gca", GCA, _encode_gca),
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

    A network with MobileNetV2 as its encoder also takes torchvision's file, for that encoder. What only training looks
    at may be missing.

    Raises:
        ValueError: the file is missing, unreadable, or of another network; says what differs.
    """
    tensors = read_tensors(path)
    if isinstance(network, GCAMobile | StudioLearner) and "classifier.1.weight" in tensors:
        network.encoder.load_imagenet(tensors)
        return
    wanted = network.state_dict()
    tensors = {name: value for name, value in wanted.items() if _may_lack(name)} | tensors
    wrong = [name for name in wanted if name not in tensors or tensors[name].shape != wanted[name].shape]
    extra = [name for name in tensors if name not in wanted]
    if wrong or extra:
        raise ValueError(
            f"{path} must hold the weights of {type(network).__name__}, but "
            f"{len(wrong)} are missing or misshapen and {len(extra)} unknown, the first {(wrong + extra)[0]}"
        )
    network.load_state_dict({name: tensor.to(wanted[name].dtype) for name, tensor in tensors.items()})


def exported(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` without what only training looks at."""
    return {name: tensor for name, tensor in weights.items() if not name.startswith(PREFIX)}


def _may_lack(name: str) -> bool:
    """Whether a file of weights may lack the tensor called `name`: published ones, batch norms' counters."""
    return name.endswith("num_batches_tracked") or name.startswith(PREFIX)
