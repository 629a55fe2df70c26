"""The small GCA: its encoder against torchvision's own layout with batch norm, its first answer, its shapes."""

import numpy as np
import pytest
import torch
from torch import nn

from matting.arrays import to_uint8
from matting.metrics import sad
from matting.models import MODELS, gca_studio
from matting.models.classical.median import MedianOfSolvers
from matting.networks.gca_mobile import GUESS, SOLVER_COUNT, GCAMobile
from matting.networks.mobilenet import TAP_CHANNELS, TAPS, FoldedMobileNetV2, MobileNetV2
from matting.solving.laplacian_refinement import settled
from matting.training.checkpoint import export_weights
from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.synthetic import installed_photographs


def published_trunk():
    """MobileNetV2's trunk as torchvision lays it out, norms and all, with random weights."""
    torch.manual_seed(0)

    def step(inputs, outputs, kernel=3, stride=1, groups=1):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU6())

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride, expansion):
            super().__init__()
            wide = inputs * expansion
            widen = [step(inputs, wide, 1)] if expansion > 1 else []
            narrow = [nn.Conv2d(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
            self.conv = nn.Sequential(*widen, step(wide, wide, 3, stride, wide), *narrow)
            self.adds = stride == 1 and inputs == outputs

        def forward(self, x):
            return x + self.conv(x) if self.adds else self.conv(x)

    layers, inputs = [step(3, 32, stride=2)], 32
    for expansion, outputs, count, stride in [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ]:
        for index in range(count):
            layers.append(Block(inputs, outputs, stride if index == 0 else 1, expansion))
            inputs = outputs
    trunk = nn.Module()
    trunk.features = nn.Sequential(*layers)
    for module in trunk.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value, low, high in (
                (module.weight, 0.5, 1.5), (module.bias, -1, 1), (module.running_mean, -1, 1),
                (module.running_var, 0.5, 2),
            ):  # fmt: skip
                nn.init.uniform_(value, low, high)
    return trunk.eval()


@pytest.mark.parametrize(("build", "sizes"), [(MobileNetV2, 5), (FoldedMobileNetV2, 4)])
def test_encoder_is_the_published_one(build, sizes):
    trunk, encoder = published_trunk(), build(inputs=16).eval()
    encoder.load_imagenet(trunk.state_dict())
    picture = torch.randn(1, 3, 64, 96)
    wanted, x = [], picture
    with torch.no_grad():
        for index, layer in enumerate(trunk.features):
            x = layer(x)
            if index in TAPS:
                wanted.append(x)
        got = encoder(torch.cat((picture, torch.randn(1, 13, 64, 96)), 1))  # further channels start without effect
    assert len(got) == sizes
    for ours, theirs, channels in zip(got, wanted, TAP_CHANNELS, strict=False):
        assert theirs.shape[1] == channels
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("build", [MobileNetV2, FoldedMobileNetV2])
def test_encoder_refuses_other_weights(build):
    state = published_trunk().state_dict()
    with pytest.raises(ValueError, match=r"features\.3\.conv\.1\.1"):
        build().load_imagenet({name: value for name, value in state.items() if "3.conv.1.1" not in name})
    state["features.0.0.weight"] = torch.zeros(32, 3, 5, 5)
    with pytest.raises(ValueError, match="must be"):
        build().load_imagenet(state)


@pytest.mark.parametrize("size", [(64, 96), (128, 64)])
def test_starts_at_the_median_of_the_guesses(size):
    torch.manual_seed(0)
    network = GCAMobile().eval()
    guess = torch.rand(2, GUESS, *size)
    trimap = torch.zeros(2, 3, *size)
    trimap[:, 1] = 1
    with torch.no_grad():
        alpha = network(torch.randn(2, 3, *size), trimap, guess)
    assert torch.equal(alpha, torch.from_numpy(np.median(guess[:, :SOLVER_COUNT].numpy(), axis=1, keepdims=True)))
    nn.init.normal_(network.last[1].weight, 0, 10)
    with torch.no_grad():
        loud = network(torch.randn(2, 3, *size), trimap, guess)
    assert loud.min() == 0 and loud.max() == 1


def known_edge():
    """A photo-like edge: two textured colours and a ramp between, in the middle third unknown."""
    ramp = np.clip((np.arange(96) - 40) / 16, 0, 1)[None, :, None]
    rng = np.random.default_rng(0)
    colours = [np.array(rgb) + rng.normal(0, 4, (64, 96, 3)) for rgb in ((200, 80, 60), (40, 90, 180))]
    image = np.clip(ramp * colours[0] + (1 - ramp) * colours[1], 0, 255).astype(np.uint8)
    trimap = np.full((64, 96), 128, np.uint8)
    trimap[:, :32], trimap[:, 64:] = 0, 255
    return image, trimap, np.repeat(ramp[..., 0], 64, axis=0)


def test_guess_is_encoded_as_the_image_is():
    image, trimap, alpha = known_edge()
    guess = gca_studio.guess(image, trimap)
    assert guess.shape == (9, 64, 96) and guess.min() >= 0 and guess.max() <= 1
    assert np.abs(guess[:3] - alpha).mean() < 0.03
    inputs = gca_studio.encode(image, trimap, guess)
    assert {name: array.shape for name, array in inputs.items()} == {
        "image": (1, 3, 64, 96), "trimap": (1, 3, 64, 96), "guess": (1, 9, 64, 96),
    }  # fmt: skip
    inside = trimap == 255  # there the estimated foreground is the image
    assert np.allclose(inputs["guess"][0, 3:6][:, inside], inputs["image"][0][:, inside], atol=0.03)


@pytest.mark.parametrize("size", [(64, 96), (61, 93)])
def test_model_from_the_file_training_writes(tmp_path, size):
    image, trimap, _ = known_edge()
    image, trimap = image[: size[0], : size[1]].copy(), trimap[: size[0], : size[1]].copy()
    path = tmp_path / "fresh.safetensors"
    torch.manual_seed(1)
    export_weights(path, GCAMobile().state_dict(), card={"steps": 0})
    alpha = gca_studio.GCAStudioModel(path)(image, trimap)
    assert alpha.shape == size and (alpha[trimap == 255] == 1).all() and (alpha[trimap == 0] == 0).all()
    pads = [(0, -side % 32) for side in size]
    padded = np.pad(image, [*pads, (0, 0)], mode="symmetric"), np.pad(trimap, pads, mode="symmetric")
    median = np.median(gca_studio.guess(*padded)[:3], axis=0)  # what an untrained network answers
    wanted = settled(*padded, median)[: size[0], : size[1]]
    assert np.abs(alpha - wanted)[trimap == 128].max() < 1e-6
    assert (gca_studio.GCAStudioModel(path)(image, np.full_like(trimap, 0)) == 0).all()
    with pytest.raises(ValueError, match="no known foreground nor background"):
        gca_studio.GCAStudioModel(path)(image, np.full_like(trimap, 128))


@pytest.mark.parametrize("known", [0, 255])
def test_one_kind_known_is_all_a_guess_can_say(known):
    image, trimap, _ = known_edge()
    guess = gca_studio.guess(image, np.where(trimap == 128, 128, known).astype(np.uint8))
    assert (guess[:3] == known // 255).all()
    assert all(np.array_equal(to_uint8(guess[at : at + 3]).transpose(1, 2, 0), image) for at in (3, 6))


def test_median_is_the_middle_of_three():
    image, trimap, truth = known_edge()
    model = MedianOfSolvers()
    alphas = np.sort([solver(image, trimap) for solver in model.solvers], axis=0)
    assert np.array_equal(model(image, trimap), alphas[1])
    assert np.abs(model(image, trimap) - truth).mean() < 0.02


def test_our_weights_beat_the_median_on_unseen_pictures():
    crops = SyntheticCrops(installed_photographs(), size=160, seed=77)
    ours, median, far = MODELS["gca-studio"](), MedianOfSolvers(), []
    for index in range(4):
        crop = crops(index)
        errors = [sad(model(crop.image, crop.trimap), crop.alpha, crop.trimap) for model in (ours, median)]
        far.append(errors[0] / errors[1])
    assert np.mean(far) < 1
