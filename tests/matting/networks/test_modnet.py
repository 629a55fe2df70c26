"""The network against what the published one gives, and against ONNX Runtime with the weights there are."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import skimage.data
import torch
from safetensors.torch import load_file, save_file

from matting.files import read_image
from matting.models.modnet import encode
from matting.models.onnx_export import write_network
from matting.networks.folding import fold_batch_norm
from matting.networks.modnet import MODNet
from matting.networks.modnet_file import ALIAS, load_modnet, read_modnet
from matting.runtime import onnx_network
from tests.matting.networks.seeded import seeded, seeded_picture

EXPECTED = Path(__file__).parent


def published():
    """The published names, which hold the backbone twice, with seeded weights; those of the second count."""
    tensors = {}
    for name, value in MODNet().state_dict().items():
        twin = ALIAS + name.removeprefix("backbone.") if name.startswith("backbone.") else name
        is_counter = name.endswith("num_batches_tracked")
        tensors[twin] = torch.tensor(0) if is_counter else torch.from_numpy(seeded(twin, tuple(value.shape)))
        tensors.setdefault(name, torch.zeros_like(tensors[twin]))
    return tensors


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A file like the published one, with data parallelism's names."""
    path = tmp_path_factory.mktemp("weights") / "modnet_photographic_portrait_matting.ckpt"
    torch.save({f"module.{name}": value for name, value in published().items()}, path)
    return path


@torch.inference_mode()
def run(network, image):
    tensor = torch.from_numpy(np.moveaxis((image / np.float32(255) - 0.5) / 0.5, 2, 0)[None])
    return [output.numpy().squeeze() for output in network(tensor)]


def check(network, image, expected, within):
    for output, name in zip(run(network, image), ("semantic", "detail", "alpha"), strict=True):
        assert np.abs(output - expected[name].squeeze()).max() < within


def unfolded(path):
    network = MODNet().eval()
    network.load_state_dict(read_modnet(path))
    return network


@pytest.mark.parametrize("load", [unfolded, load_modnet])
def test_seeded_weights_give_the_published_networks_outputs(load, checkpoint):
    check(load(checkpoint), seeded_picture(96, 128)[0], np.load(EXPECTED / "modnet_96x128.npz"), 1e-4)


@pytest.mark.parametrize("load", [unfolded, load_modnet])
def test_a_photograph_gives_the_published_networks_outputs(load, checkpoint, shared):
    folder = shared / "golden/modnet"
    check(load(checkpoint), read_image(folder / "a_288x384.image.png"), np.load(folder / "a_288x384.npz"), 1e-4)


def test_names_and_shapes_are_the_published_ones(shared):
    wanted = json.loads((shared / "golden/modnet/shapes.json").read_text())
    assert {name: list(value.shape) for name, value in published().items()} == wanted


def test_what_is_folded_is_kept_and_read_again(checkpoint, tmp_path):
    """As training writes it: every norm with statistics is gone, and what is read is the same network."""
    folded = load_modnet(checkpoint)
    path = tmp_path / "mine.safetensors"
    save_file({name: value.contiguous() for name, value in folded.state_dict().items()}, path)
    assert not any("running_var" in name for name in load_file(path))
    image = seeded_picture(96, 128)[0]
    for first, second in zip(run(folded, image), run(load_modnet(path), image), strict=True):
        assert np.array_equal(first, second)


def test_folding_twice_is_folding_once(checkpoint):
    network = load_modnet(checkpoint)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fold_batch_norm(network)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize("load", [unfolded, load_modnet])
def test_torch_is_onnx_runtime(name, load, modnet):
    pixels = encode(np.ascontiguousarray(getattr(skimage.data, name)()))
    (wanted,) = onnx_network(modnet)(input=pixels)
    with torch.inference_mode():
        got = load(modnet).alpha(torch.from_numpy(pixels)).numpy()
    assert np.abs(got - wanted).max() < 1e-4


def test_exported_it_is_the_same_at_any_size(modnet, tmp_path):
    write_network("modnet", modnet, tmp_path / "mine.onnx")
    written, network = onnx_network(tmp_path / "mine.onnx", threads=1), load_modnet(modnet)
    for height, width in ((96, 128), (160, 64)):
        pixels = np.random.default_rng(height).uniform(-1, 1, (1, 3, height, width)).astype(np.float32)
        with torch.inference_mode():
            wanted = network.alpha(torch.from_numpy(pixels)).numpy()
        assert np.abs(written(image=pixels)[0] - wanted).max() < 1e-4


def test_other_modnets_are_refused(modnet, tmp_path):
    path = tmp_path / "weights.onnx"
    with pytest.raises(ValueError, match="does not exist"):
        read_modnet(path)
    path.write_bytes(b"no model")
    with pytest.raises(ValueError, match="must be an ONNX file"):
        read_modnet(path)
    model = onnx.load_model(modnet)
    del model.graph.node[-40:]
    onnx.save_model(model, path)
    with pytest.raises(ValueError, match="tensors of MODNet, but has"):
        load_modnet(path)
    del model.graph.node[100:]
    onnx.save_model(model, path)
    with pytest.raises(ValueError, match="must be MODNet's ONNX file"):
        load_modnet(path)
