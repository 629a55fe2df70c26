"""Changes of light for a batch on a device, as `varied.drawn_light` gives them for a cached crop."""

import torch
from torch import Tensor

from matting.training.crops.varied import AXIS, GREY
from matting.training.pretraining.random_tensors import Chance


def lights(saturation: Tensor, angle: Tensor, gain: Tensor) -> Tensor:
    """(N, 3, 3): colours (…, 3) @ lights[n] do what `varied.light` does; gain is (N, 3), the others are (N,)."""
    device, eye = gain.device, torch.eye(3, device=gain.device)
    axis, grey = (torch.as_tensor(matrix, dtype=torch.float32, device=device) for matrix in (AXIS, GREY))
    angle, saturation = angle.view(-1, 1, 1), saturation.view(-1, 1, 1)
    turn = eye + angle.sin() * axis + (1 - angle.cos()) * (axis @ axis)
    return (saturation * eye + (1 - saturation) * grey) @ turn * gain[:, None]


def under(light: Tensor, colours: Tensor) -> Tensor:
    """`colours` (N, 3, H, W) under `light` (N, 3, 3), clipped to [0, 1]."""
    return torch.einsum("nij,nihw->njhw", light, colours).clamp(0, 1)


def relit(colours: Tensor, chance: Chance) -> Tensor:
    """`colours` (N, 3, H, W), each with random brightness, saturation and hue; a third of them get any hue."""
    count = len(colours)
    any_hue, near_hue = chance.uniform(count, low=-torch.pi, high=torch.pi), chance.normal(count, deviation=0.1)
    angle = torch.where(chance.uniform(count) < 0.35, any_hue, near_hue)
    gain = (chance.normal(count, 1, deviation=0.25) + chance.normal(count, 3, deviation=0.07)).exp()
    return under(lights(chance.uniform(count, low=0.4, high=1.4), angle, gain), colours)
