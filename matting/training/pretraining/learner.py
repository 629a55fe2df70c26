"""A network in training, the average of its weights, and one training step of both."""

import copy
import math
from typing import Any

import torch
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

from matting.training.coarse_heads import StudioLearner
from matting.training.finetune import parameter_groups
from matting.training.losses import STUDIO_LOSSES, weighted_loss
from matting.training.pretraining.settings import Descent


class Learner:
    """`network` learns; `average`, the moving average of its weights, is the result of a descent."""

    def __init__(self, network: StudioLearner, descent: Descent, device: torch.device) -> None:
        self.network = network.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.descent, self.device, self.step = descent, device, 0
        rates = {name: getattr(descent, name) for name in ("rate", "encoder_rate", "weight_decay")}
        self.optimiser = torch.optim.AdamW(parameter_groups(self.network, **rates), betas=(0.9, 0.99), fused=True)
        self._kept: dict[str, Any] = {}
        self.remember()

    def learn(self, batch: dict[str, Any], progress: float) -> Tensor:
        """Take a step at `progress`, 0 to 1, of the descent; (2,) loss and gradient norm, without waiting for them."""
        rate = self.rate_at(progress)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["scale"]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.descent.bf16):
            answers = self.network(**batch["inputs"])
        loss = weighted_loss(answers, batch, STUDIO_LOSSES)
        loss.backward()  # type: ignore[no-untyped-call]
        length = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.descent.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self._move_average()
        self.step += 1
        return torch.stack([loss.detach(), length.detach()])

    def rate_at(self, progress: float) -> float:
        """The rate: a warm-up by steps, then half a cosine by time."""
        warm = min(1.0, (self.step + 1) / max(1, self.descent.warm_up))
        return self.descent.rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, progress))))

    @torch.no_grad()
    def _move_average(self) -> None:
        """Move the average towards the network, further in the first steps, so that the first weights do not linger."""
        decay = min(self.descent.ema, (1 + self.step) / (10 + self.step))
        means, now = (list(each.state_dict().values()) for each in (self.average, self.network))
        is_mean = [tensor.is_floating_point() for tensor in means]  # all others are counters
        pairs = [pair for pair, wanted in zip(zip(means, now, strict=True), is_mean, strict=True) if wanted]
        move = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        move(*map(list, zip(*pairs, strict=True)), 0)

    @torch.no_grad()
    def measure(self, pictures: list[dict[str, Any]]) -> dict[str, float]:
        """The mean |error| and mean squared error per unknown pixel, of the averaged weights."""
        sums = torch.zeros(3, device=self.device, dtype=torch.float64)
        for batch in pictures:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.descent.bf16):
                alpha = self.average(**batch["inputs"]).float()
            wrong, unknown = (alpha - batch["alpha"]) * batch["unknown"], batch["unknown"]
            sums += torch.stack([wrong.abs().sum(), wrong.square().sum(), unknown.sum()])
        error, square, pixels = sums.tolist()
        return {"error": error / max(pixels, 1), "mse": square / max(pixels, 1)}

    def state(self) -> dict[str, Any]:
        """The whole state, for a checkpoint or for `recall`."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Restore `state`."""
        self.step = int(state["step"])
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])

    def remember(self) -> None:
        """Keep a copy of everything on the device, to return to if the loss is not finite."""
        self._kept = copy.deepcopy(self.state())

    def recall(self) -> None:
        """Return to the last copy. The step count goes on, so that other pictures come."""
        self.load({**copy.deepcopy(self._kept), "step": self.step})
