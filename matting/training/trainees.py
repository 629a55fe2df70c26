"""What training must know about a network: how to build it, its inputs, its loss, its starting weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from matting.arrays import FOREGROUND, Alpha, Image, Trimap, to_uint8
from matting.models import gca_studio, modnet, studio
from matting.models.encoding import encode_image, encode_trimap
from matting.models.published import bgmv2, fba, mgmatting, shm
from matting.models.published.base import encode_with_levels
from matting.networks.gca_mobile import GCAMobile
from matting.networks.modnet import MODNet
from matting.networks.modnet_file import folded_modnet, load_modnet
from matting.networks.published.bgmv2 import BGMv2
from matting.networks.published.dim import DIM, SECOND_STAGE
from matting.networks.published.fba import FBA
from matting.networks.published.gca import GCA
from matting.networks.published.indexnet import IndexNet
from matting.networks.published.mgmatting import MGMatting
from matting.networks.published.shm import SHM
from matting.networks.weights_file import read_tensors
from matting.solving.laplacian_refinement import settled
from matting.training.coarse_heads import PREFIX, StudioLearner
from matting.training.crops import Crop, Floats, Picture
from matting.training.crops.compose import ComposedCrops
from matting.training.losses import STUDIO_LOSSES, weighted_loss
from matting.training.modnet.adaptation import BEFORE, AdaptingMODNet, adaptation_loss, adapting_modnet
from matting.training.modnet.losses import modnet_loss
from matting.training.modnet.whole_photos import ComposedPhotos, WholePhotos
from matting.training.published.bgmv2 import plate_loss
from matting.training.published.dim import both_stages_loss, one_stage_loss
from matting.training.published.fba import layers_loss
from matting.training.published.mgmatting import progressive_loss
from matting.training.published.shm import semantic_loss

AnyPicture = TypeVar("AnyPicture", bound=Picture)


@dataclass(frozen=True)
class Trainee:
    """A network that can be trained; `name` is the name of its model."""

    name: str
    build: Callable[[], nn.Module]
    encode: Callable[[Picture], dict[str, Floats]]
    """A picture → the network's named inputs, each (1, C, H, W), encoded as in its model."""
    guess: Callable[[Image, Trimap], Floats] | None = None
    """The solver's guess that it takes as an input; see Picture.guess."""
    ask: Callable[[nn.Module, Picture], Alpha] | None = None
    """(network, picture) → alpha (H, W), for a network without a trimap, as in its model."""
    needs_plate: bool = False
    """Whether it is given the background behind each picture, so that only composed pictures can be used."""
    compose: type[ComposedCrops] = ComposedCrops
    """The source of crops made from the dataset's pairs."""
    loss: Callable[[Any, Mapping[str, Tensor], Mapping[str, float]], Tensor] = weighted_loss
    """(the network's answers in training, batch, Settings.losses) → the loss to minimise."""
    finish: Callable[[Image, Trimap, Alpha], Alpha] | None = None
    """The last step of its model, from the network's alpha to the one that users get."""
    start: str = ""
    """The default weights to start from, a key of WEIGHTS; "" for none."""
    channels_last: bool = True
    """Whether it uses the channels-last memory format: faster, except with norms that take halves of the channels."""
    needs_alphas: bool = True
    """Whether it learns from pairs; if not, from photographs alone."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Its values for Settings where they differ from the defaults: crop, rate, weights of losses."""

    def finished(self, picture: Picture, alpha: Alpha) -> Alpha:
        """The alpha that users get, from the network's `alpha` (H, W) of `picture`."""
        return alpha if self.finish is None else self.finish(picture.image, picture.trimap, alpha)

    def prepared(self, picture: AnyPicture) -> AnyPicture:
        """`picture`, with a guess added if the network needs one and it is missing."""
        if self.guess is None or picture.guess is not None:
            return picture
        return replace(picture, guess=self.guess(picture.image, picture.trimap))


def _encode_gca(picture: Picture) -> dict[str, Floats]:
    return {"image": encode_image(picture.image), "trimap": encode_trimap(picture.trimap)}


def _encode_mgmatting(picture: Picture) -> dict[str, Floats]:
    return mgmatting.encode(picture.image, picture.trimap == FOREGROUND)


def _encode_fba(picture: Picture) -> dict[str, Floats]:
    return fba.encode(picture.image, picture.trimap)


def _encode_levels(picture: Picture) -> dict[str, Floats]:
    return encode_with_levels(picture.image, picture.trimap)


def _encode_gca_studio(picture: Picture) -> dict[str, Floats]:
    if picture.guess is None:
        raise ValueError("gca-studio needs a solver's guess with every picture, but this one has none")
    return gca_studio.encode(picture.image, picture.trimap, picture.guess)


def _encode_modnet(picture: Picture) -> dict[str, Floats]:
    return {"image": modnet.encode(picture.image, min(picture.image.shape[:2]))}


@torch.no_grad()
def _ask_modnet(network: nn.Module, picture: Picture) -> Alpha:
    assert isinstance(network, MODNet)
    image = picture.image
    place = next(network.parameters()).device
    output = network.alpha(torch.from_numpy(modnet.encode(image)).to(place))
    return modnet.decode(output.float().cpu().numpy(), image)


def _encode_bgmv2(picture: Picture) -> dict[str, Floats]:
    if not isinstance(picture, Crop):
        raise ValueError("bgmv2 needs pictures whose background is known, but this one's is not")
    return bgmv2.encode(picture.image, to_uint8(picture.background))


def _ask_bgmv2(network: nn.Module, picture: Picture) -> Alpha:
    alpha: Alpha = _answer(network, _encode_bgmv2(picture))[0, 0]
    return alpha


def _encode_shm(picture: Picture) -> dict[str, Floats]:
    return {"image": shm.encode(picture.image)}


def _ask_shm(network: nn.Module, picture: Picture) -> Alpha:
    return shm.decode(_answer(network, {"image": shm.encode(shm.squeezed(picture.image))}), picture.image)


@torch.no_grad()
def _answer(network: nn.Module, inputs: Mapping[str, Floats]) -> Floats:
    """The network's answer to `inputs`, on whatever device it is."""
    place = next(network.parameters()).device
    tensors = {name: torch.from_numpy(array).to(place) for name, array in inputs.items()}
    answer: Floats = network(**tensors).float().cpu().numpy()
    return answer


def _encode_studio(picture: Picture) -> dict[str, Floats]:
    return studio.encode(picture.image, picture.trimap)


MODNET = Trainee(
    "modnet", folded_modnet, _encode_modnet, ask=_ask_modnet, compose=WholePhotos, loss=modnet_loss, start="modnet",
    channels_last=False, settings={"crop": 512, "batch": 2, "rate": 1e-4},
)  # fmt: skip

TRAINEES: dict[str, Trainee] = {
    trainee.name: trainee
    for trainee in (
        Trainee(
            "studio",
            StudioLearner,
            _encode_studio,
            finish=studio.finish,
            start="studio",
            settings={**STUDIO_LOSSES, "batch": 4},
        ),
        Trainee("gca-studio", GCAMobile, _encode_gca_studio, gca_studio.guess, finish=settled, start="gca-studio"),
        Trainee("gca", GCA, _encode_gca),
        Trainee("mgmatting", MGMatting, _encode_mgmatting, loss=progressive_loss, settings={"composition": 1.0}),
        Trainee("fba", FBA, _encode_fba, loss=layers_loss, settings={"composition": 1.0}),
        Trainee("dim", DIM, _encode_levels, loss=both_stages_loss),
        Trainee("indexnet", IndexNet, _encode_levels, loss=one_stage_loss),
        Trainee(
            "bgmv2",
            BGMv2,
            _encode_bgmv2,
            ask=_ask_bgmv2,
            needs_plate=True,
            compose=ComposedPhotos,
            loss=plate_loss,
            settings={"crop": 512, "batch": 4},
        ),
        Trainee(
            "shm",
            SHM,
            _encode_shm,
            ask=_ask_shm,
            compose=WholePhotos,
            loss=semantic_loss,
            settings={"crop": shm.SIDE},
        ),
        MODNET,
    )
}
ADAPTABLE: dict[str, Trainee] = {
    "modnet": replace(
        MODNET,
        build=adapting_modnet,
        loss=adaptation_loss,
        needs_alphas=False,
        settings={"crop": 512, "batch": 1, "rate": 1e-5},
    )
}
"""The trainees that can learn from photographs without alphas."""


def trainee(name: str, *, unlabelled: bool = False) -> Trainee:
    """The trainee called `name`, or its variant that learns without labels; ValueError if there is none."""
    there, how = (ADAPTABLE, " without labels") if unlabelled else (TRAINEES, "")
    if name not in there:
        raise ValueError(f"no model called {name!r} can be trained here{how}; there are {', '.join(there)}")
    return there[name]


BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


def freeze_norms(network: nn.Module) -> None:
    """Put every batch norm in evaluation mode, so that it keeps the statistics of the large set it was trained on."""
    for module in network.modules():
        if isinstance(module, BATCH_NORMS):
            module.eval()


def is_of_encoder(name: str) -> bool:
    """Whether the parameter called `name` is of the pretrained encoder."""
    return name.startswith(("encoder.", "backbone."))


def freeze_encoder(network: nn.Module) -> None:
    """Let only the rest of `network` learn; no gradient is computed for the encoder, which saves time."""
    for name, parameter in network.named_parameters():
        if is_of_encoder(name):
            parameter.requires_grad_(False)


def load_weights(network: nn.Module, path: Path) -> None:
    """Load the weights in a .safetensors file, or in a torch file read with weights_only, into `network`.

    A network with a MobileNetV2 encoder also takes torchvision's file for that encoder, and MODNet takes its ONNX file.
    Parameters used only in training may be missing.

    Raises:
        ValueError: the file is missing, unreadable, or of a different network; the message says what differs.
    """
    tensors = load_modnet(path).state_dict() if isinstance(network, MODNet) else read_tensors(path)
    if isinstance(network, AdaptingMODNet):
        tensors |= {f"{BEFORE}{name}": tensor.clone() for name, tensor in tensors.items()}
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
    """`weights` without the parameters used only in training."""
    return {name: tensor for name, tensor in weights.items() if not name.startswith((PREFIX, BEFORE))}


def _may_lack(name: str) -> bool:
    """Whether a file of weights may lack the tensor called `name`.

    That is so of batch norm's counters, of heads for training, and of Deep Image Matting's second stage.
    """
    return name.endswith("num_batches_tracked") or name.startswith((PREFIX, SECOND_STAGE))
