"""Low-rank adapters (LoRA, Hu et al., ICLR 2022) beside tuning all of `studio`, on the domains of few_samples.

    OMP_NUM_THREADS=1 python -m benchmarks.training.low_rank OUT --domain tattered --rank 8

Every convolution's weight becomes W + B · A, with A and B of that rank; only those learn. At the end they are added to
the weights, and mixture and proof are those of `matting train`.
"""

import argparse
import json
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from benchmarks.training.domains import draw
from matting.files import write_file
from matting.training.checkpoint import best_weights, load_checkpoint
from matting.training.crops import Picture
from matting.training.finetune import finetune
from matting.training.jobs.request import Request
from matting.training.jobs.running import plan_of, sources_of
from matting.training.labels.doubts import Doubtful
from matting.training.results.interpolation import Judge, between, choose, try_out
from matting.training.results.measure import measure
from matting.training.results.proof import prove
from matting.training.trainees import Trainee, load_weights


class LowRank(nn.Module):
    """W → W + B · A. B begins at zero, so at first nothing is changed."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        outputs, inputs = weight.shape[0], weight[0].numel()
        self.down = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, weight: Tensor) -> Tensor:
        """See the class."""
        return weight + (self.up @ self.down).view_as(weight)


def convolutions(network: nn.Module) -> list[nn.Module]:
    """Those that mix channels."""
    return [module for module in network.modules() if isinstance(module, nn.Conv2d) and module.groups == 1]


def adapted(learner: Trainee, start: Path, rank: int) -> nn.Module:
    """The network with the weights in `start` and adapters, which alone can learn."""
    network = learner.build()
    load_weights(network, start)
    network.requires_grad_(requires_grad=False)
    for module in convolutions(network):
        assert isinstance(module.weight, Tensor)
        parametrize.register_parametrization(module, "weight", LowRank(module.weight, rank))
    return network


def merged(network: nn.Module) -> dict[str, Tensor]:
    """The network's weights with its adapters added to them, under its own names."""
    for module in convolutions(network):
        parametrize.remove_parametrizations(module, "weight")
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def main() -> None:
    """Train the adapters and print a row like those of few_samples."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--domain", default="tattered")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--steps", type=int, default=120)
    options = parser.parse_args()
    dataset, used = options.out / "domains" / f"{options.domain} 20", time.process_time()
    draw(dataset, options.domain, samples=20)
    name = f"low-rank-{options.domain}-{options.rank}-{options.rate}"
    plan = plan_of(Request(
        dataset, options.out / f"{name}.safetensors", options.out / "runs" / name, "studio", steps=options.steps,
        rate=options.rate, doubtful=Doubtful.KEEP,
    ))  # fmt: skip
    assert plan.start is not None
    sources, learner, start, folder = sources_of(plan), plan.learner, plan.start, plan.request.folder
    tuned = replace(learner, build=lambda: adapted(learner, start, options.rank))
    for state in finetune(tuned, sources.crops, plan.settings, folder=folder, held_out=sources.validation):
        print(f"{state.step}/{state.steps} {state.loss:.4f}", state.score and state.score.sad, flush=True)
    finished = load_checkpoint(folder, model=learner.name, settings=plan.settings)
    assert finished is not None
    network = tuned.build()
    network.load_state_dict(best_weights(finished))
    before, after = learner.build(), learner.build()
    load_weights(before, start)
    old, new = before.state_dict(), merged(network)

    def judge(pictures: Sequence[Picture]) -> Judge:
        def sad_of(weights: dict[str, Tensor]) -> float:
            after.load_state_dict(weights)
            return measure(after, learner, pictures).sad

        return sad_of

    tried = try_out(old, new, judge(sources.validation), judge(sources.rehearsal))
    share = choose(tried).share
    after.load_state_dict(between(old, new, share))
    proof = prove(before, after, learner, [one.read() for one in sources.test], sources.rehearsal)
    row = {
        "model": "studio", "domain": options.domain, "samples": 20, "steps": options.steps, "seed": 0,
        "setting": f"rank {options.rank}, rate {options.rate}", "share": share, "tried": [one.numbers for one in tried],
        "test": proof.test["sad"].numbers, "forgotten": proof.forgotten and proof.forgotten.numbers,
        "processor_minutes": (time.process_time() - used) / 60,
    }  # fmt: skip
    write_file(options.out / "rows" / f"{name}.json", json.dumps(row, indent=1).encode())
    print("\n".join(proof.sentences), f"\nshare {share}")


if __name__ == "__main__":
    main()
