"""Make the heads that MODNet's ONNX file lacks: they learn from the answers of the rest of the network.

    python -m matting.training.modnet.heads DATASET-DIR HEADS.safetensors

Everything else is frozen. The heads for semantics and detail learn from the alpha that the network itself gives, so no
other truth is needed.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from matting.models.modnet import encode
from matting.networks.modnet import MODNet
from matting.networks.modnet_file import load_modnet
from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.crops.pairs import find_pairs
from matting.training.losses import masked_mean
from matting.training.modnet.losses import boundary_of, coarse, semantic_loss
from matting.training.modnet.whole_photos import WholePhotos
from matting.training.synthetic import installed_photographs
from matting.weights import find_weights

PICTURES, SIDE, STEPS, RATE = 64, 256, 480, 5e-3
HEADS = ("lr_branch.conv_lr.", "hr_branch.conv_hr.")


@torch.no_grad()
def what_is_seen(network: MODNet, pictures: Iterable[Tensor]) -> list[tuple[Tensor, ...]]:
    """(picture, the features that the heads read, alpha) of each of `pictures` (N, 3, H, W): 5 MB per 256² picture."""
    return [(image, *network.features(image)) for image in pictures]


def fit_semantics(network: MODNet, seen: Sequence[tuple[Tensor, ...]], *, steps: int = STEPS) -> float:
    """Fit a new head for semantics, one convolution, to all of `seen` at once; gives the last loss."""
    head = _anew(network.lr_branch.conv_lr)
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        errors = [semantic_loss(network.lr_branch.semantics(eighth), alpha) for _, eighth, _, alpha in seen]
        total = torch.stack(errors).mean()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return loss().item()


def fit_detail(
    network: MODNet, seen: Sequence[tuple[Tensor, ...]], *, steps: int = STEPS, rate: float = RATE
) -> list[float]:
    """Fit a new head for detail to `seen`, one picture per step; gives the loss of every step."""
    head, losses = _anew(network.hr_branch.conv_hr), list[float]()
    optimiser = torch.optim.Adam(head.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for image, _, fine, alpha in islice(cycle(seen), steps):
        boundary = boundary_of(alpha, coarse(alpha))
        loss = masked_mean((network.hr_branch.detail(image, fine) - alpha).abs(), boundary)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def _anew(head: nn.Module) -> nn.Module:
    """`head` with its convolutions initialised afresh, the same way every time."""
    torch.manual_seed(0)
    for layer in head.modules():
        if isinstance(layer, nn.Conv2d):
            layer.reset_parameters()
    return head


def pictures_of(dataset: Path) -> Iterator[Tensor]:
    """Pictures to learn from: half are pairs of `dataset` over its backgrounds, half are generated."""
    data = find_pairs(dataset)
    whole = WholePhotos(data.pairs, data.backgrounds, size=SIDE, seed=0)
    made = SyntheticCrops(installed_photographs(), size=SIDE, seed=0)
    for number in range(PICTURES // 2):
        for source in (whole, made):
            yield torch.from_numpy(encode(source(number).image, SIDE))


def main() -> None:
    """Run the module's command."""
    dataset, output = map(Path, sys.argv[1:])
    network = load_modnet(find_weights("modnet"))
    seen = what_is_seen(network, pictures_of(dataset))
    fit_semantics(network, seen)
    fit_detail(network, seen)
    tensors = {name: value for name, value in network.state_dict().items() if name.startswith(HEADS)}
    save_file({name: value.half().contiguous() for name, value in tensors.items()}, output)


if __name__ == "__main__":
    main()
