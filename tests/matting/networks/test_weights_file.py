"""Files of weights: those in order give the published network's alpha, the others are refused in one sentence."""

import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from matting.networks import weights_file
from matting.networks.published.gca import GCA
from matting.networks.weights_file import load_network, read_tensors


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(0)
    image = torch.from_numpy(random.standard_normal((1, 3, 64, 96), np.float32))
    label = torch.from_numpy(random.integers(0, 3, (1, 64, 96)))
    return image, nn.functional.one_hot(label, 3).permute(0, 3, 1, 2).float()


@pytest.fixture(scope="module")
def expected(network, inputs):
    with torch.inference_mode():
        return network(*inputs)


def difference(network, inputs, expected):
    with torch.inference_mode():
        return float((network(*inputs) - expected).abs().max())


def test_a_checkpoint_is_converted_once_and_kept(checkpoint, inputs, expected, monkeypatch):
    first = load_network(GCA, checkpoint)
    assert difference(first, inputs, expected) < 1e-5
    (kept,) = checkpoint.parent.glob("*.safetensors")
    assert not any("_bar" in name or name.endswith(("_u", "_v")) for name in load_file(kept))

    monkeypatch.setattr(torch, "load", None)  # it would fail if it were read again
    assert difference(load_network(GCA, checkpoint), inputs, expected) < 1e-5
    assert difference(load_network(GCA, kept), inputs, expected) < 1e-5


def test_what_is_kept_is_of_the_file_as_it_is_now(checkpoint, tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(checkpoint.read_bytes())
    load_network(GCA, path)
    tensors = torch.load(path, weights_only=True)["state_dict"]
    tensors["module.decoder.conv2.bias"] += 1
    torch.save(tensors, path)
    assert load_network(GCA, path).decoder.conv2.bias.item() == tensors["module.decoder.conv2.bias"].item()


def test_the_network_is_plain_convolutions_afterwards(checkpoint):
    folded = load_network(GCA, checkpoint)
    assert not folded.training
    kinds = {type(module).__name__ for module in folded.modules()}
    assert "SpectralConv" not in kinds
    # Only the norms behind an activation are left: two in each of 5 shortcuts, three in the guidance head.
    assert sum(isinstance(module, nn.BatchNorm2d) for module in folded.modules()) == 13


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_published_names_without_wrapping_load_too(network, tmp_path, inputs, expected, suffix):
    path = tmp_path / f"weights{suffix}"
    state = {name: value.clone() for name, value in network.state_dict().items()}
    (save_file if suffix == ".safetensors" else torch.save)(state, path)
    assert difference(load_network(GCA, path), inputs, expected) < 1e-5


def test_half_precision_files_load_as_float32(network, tmp_path, inputs, expected):
    path = tmp_path / "weights.safetensors"
    save_file({name: value.half() for name, value in network.state_dict().items()}, path)
    loaded = load_network(GCA, path)
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    assert 0 < difference(loaded, inputs, expected) < 5e-3


def test_a_folder_that_cannot_be_written_to_is_no_obstacle(checkpoint, tmp_path, inputs, expected, monkeypatch):
    path = tmp_path / "weights.pth"
    path.write_bytes(checkpoint.read_bytes())

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(weights_file, "write_file", refuse)
    assert difference(load_network(GCA, path), inputs, expected) < 1e-5
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("module", [b"numpy._core.multiarray", b"numpy.core.multiarray"])  # NumPy 2's name, NumPy 1's
def test_numbers_of_numpy_beside_the_tensors_are_no_obstacle(tmp_path, module):
    """Training loops put their scores into checkpoints; nothing else of NumPy's is accepted for that."""
    path = tmp_path / "weights.pth"
    scores = {"best": np.float64(54.4), "losses": [np.float32(0.5)] * 3, "table": np.eye(3), "count": np.int64(7)}
    torch.save({"state_dict": {"a": torch.ones(2)}, **scores}, path, _use_new_zipfile_serialization=False)
    path.write_bytes(path.read_bytes().replace(b"cnumpy._core.multiarray\n", b"c" + module + b"\n"))
    assert read_tensors(path)["a"].equal(torch.ones(2))
    torch.save({"state_dict": {"a": torch.ones(2), "b": np.eye(2)}}, path)
    with pytest.raises(ValueError, match="must hold named tensors and nothing else"):
        read_tensors(path)


class Malicious:
    """Unpickled by a careless reader, makes a file."""

    def __init__(self, trap):
        self.trap = trap

    def __reduce__(self):
        return os.mkdir, (str(self.trap),)


def with_state(change):
    """A checkpoint whose tensors went through `change`."""

    def write(path, state):
        torch.save(change(dict(state)), path)

    return write


def cut(share):
    def write(path, state):
        torch.save(state, path)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return write


def packed(path, state):
    torch.save(state, path)
    with zipfile.ZipFile(path) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, bytes(len(content)) if "/data/" in name else content)


def endless(path, state):
    """A tensor that claims a million times a million numbers and stores one."""
    torch.save(state | {"decoder.conv2.weight": torch.zeros(1).expand(10**6, 10**6)}, path)


WRONG = {
    "empty": lambda path, _: path.write_bytes(b""),
    "text": lambda path, _: path.write_text("<!doctype html><title>Google Drive: virus scan warning</title>"),
    "cut to a tenth": cut(0.1),
    "cut short of its end": cut(0.999),
    "packed": packed,
    "endless": endless,
    "more than tensors": with_state(lambda state: state | {"epoch": 3}),
    "a list": lambda path, _: torch.save([1, 2, 3], path),
    "other names": with_state(lambda state: {f"backbone.{name}": value for name, value in state.items()}),
    "one missing": with_state(lambda state: {n: v for n, v in state.items() if n != "decoder.conv2.bias"}),
    "one too many": with_state(lambda state: state | {"decoder.conv3.bias": torch.zeros(1)}),
    "misshapen": with_state(lambda state: state | {"decoder.conv2.bias": torch.zeros(2)}),
    "not a number": with_state(lambda state: state | {"decoder.conv2.bias": torch.full((1,), torch.nan)}),
    "a norm of zero": with_state(lambda state: state | {"decoder.conv1.module.weight_u": torch.zeros(32)}),
    "no tensors": with_state(lambda _: {}),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_files_are_refused_in_one_sentence(network, tmp_path, kind):
    path = tmp_path / "gca.pth"
    WRONG[kind](path, network.state_dict())
    with pytest.raises(ValueError, match=" must ") as refusal:
        load_network(GCA, path)
    message = str(refusal.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 400
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("is_old_format", [True, False])
def test_a_malicious_file_is_refused_and_not_run(tmp_path, is_old_format):
    path, trap = tmp_path / "gca.pth", tmp_path / "trap"
    torch.save({"state_dict": Malicious(trap)}, path, _use_new_zipfile_serialization=not is_old_format)
    with pytest.raises(ValueError, match="would run code"):
        load_network(GCA, path)
    assert not trap.exists()
    pickle.loads(pickle.dumps(Malicious(trap)))  # it would have worked
    assert trap.exists()


def test_safetensors_files_are_no_exception(tmp_path):
    path = tmp_path / "gca.safetensors"
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ValueError, match=r"must be a file of weights"):
        load_network(GCA, path)


def test_a_missing_file_is_named(tmp_path):
    for name in ("gca.pth", "gca.safetensors"):
        with pytest.raises(ValueError, match=f"{name} must be a file of weights, but does not exist"):
            load_network(GCA, tmp_path / name)


def test_read_tensors_takes_off_wrapping_only_where_it_is(tmp_path):
    path = tmp_path / "any.pth"
    torch.save({"module.a": torch.ones(1), "b": torch.zeros(1)}, path)
    assert read_tensors(path).keys() == {"module.a", "b"}
