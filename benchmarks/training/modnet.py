"""Our training step of MODNet compared with the plain published formulation: forward, losses, backward, optimiser.

    python -m benchmarks.training.modnet --side 512 --batch 1 --rounds 5

The published way keeps every batch norm and its own statistics, float32, and channels first; here the norms are folded,
memory is channels last, and the numbers bfloat16 where the hardware has them. Both have the same parameters to learn
and the same losses, and take turns in one process, so that a busy machine slows them alike; medians are reported.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from matting.networks.modnet import MODNet
from matting.networks.modnet_file import folded_modnet
from matting.training.modnet.losses import modnet_loss
from matting.training.settings import has_bf16


def step_of(network: MODNet, batch: dict[str, torch.Tensor], *, is_here: bool, bf16: bool) -> Callable[[], None]:
    """A call that takes one step."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-6, fused=is_here)

    def step() -> None:
        with torch.autocast(batch["image"].device.type, torch.bfloat16, enabled=bf16):
            answers = network(batch["image"])
        modnet_loss(answers, batch, {}).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
        float(answers[0].detach().sum())  # waits for a GPU

    return step


def batch_of(side: int, size: int) -> dict[str, torch.Tensor]:
    """Random pictures, because cost does not depend on their content."""
    torch.manual_seed(0)
    shapes = {"image": 3, "alpha": 1, "unknown": 1, "foreground": 3, "background": 3}
    place = "cuda" if torch.cuda.is_available() else "cpu"
    return {name: torch.rand(size, channels, side, side, device=place) for name, channels in shapes.items()}


def main() -> None:
    """Run the module's command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--float32", action="store_true", help="here, too")
    options = parser.parse_args()
    batch = batch_of(options.side, options.batch)
    place = batch["image"].device
    published = MODNet().train().to(place)
    here = folded_modnet().to(place)
    steps = {
        "published": step_of(published, batch, is_here=False, bf16=False),
        "here": step_of(here, batch, is_here=True, bf16=has_bf16() and not options.float32),
    }
    taken: dict[str, list[tuple[float, float]]] = {way: [] for way in steps}
    for number in range(options.rounds + 1):
        for way, step in steps.items():
            begun = time.perf_counter(), time.process_time()
            step()
            if number:  # the first warms up
                taken[way].append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    for name, clock in (("wall", 0), ("processor", 1)):
        medians = {way: statistics.median(times[clock] for times in all_times) for way, all_times in taken.items()}
        ratios = [one[clock] / other[clock] for one, other in zip(taken["published"], taken["here"], strict=True)]
        ratio = f"{medians['published'] / medians['here']:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{name}: published {medians['published']:.2f} s, here {medians['here']:.2f} s, ratio {ratio}")


if __name__ == "__main__":
    main()
