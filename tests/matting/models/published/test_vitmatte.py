"""ViTMatte on small random networks, against transformers and the published preprocessing, and its files."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
import torch
from huggingface_hub import constants
from torch import nn

from annotation.transfer.licences import is_non_commercial
from matting import load_model, models
from matting.models.published import vitmatte
from matting.weights import WEIGHTS, folders
from tests.conftest import missing
from tests.matting.models.tiny_networks import Tiny
from tests.matting.weights.test_finding import giving, serving

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]  # hustvl/ViTMatte, configs/common/model.py
SIDE = 96


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """No weights but those a test makes."""
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    folders.FOLDER.mkdir()
    models.load_published.cache_clear()
    yield
    models.load_published.cache_clear()


@pytest.fixture(scope="module")
def published():
    """A small random network of transformers, for pictures of 96 × 96."""
    try:
        import transformers
    except ImportError:
        missing("needs transformers, of the test extra")
    torch.manual_seed(5)
    backbone = transformers.VitDetConfig(
        hidden_size=24, num_hidden_layers=3, num_attention_heads=2, image_size=SIDE, pretrain_image_size=SIDE,
        num_channels=4, window_size=3, window_block_indices=[0, 1], residual_block_indices=[2], out_features=["stage3"],
        use_relative_position_embeddings=True, initializer_range=0.3,
    )  # fmt: skip
    config = transformers.VitMatteConfig(
        backbone_config=backbone, hidden_size=24, convstream_hidden_sizes=[8, 8, 8], fusion_hidden_sizes=[16, 8, 8, 8],
        initializer_range=0.3,
    )  # fmt: skip
    return transformers.VitMatteForImageMatting(config).eval()


class AlphaOnly(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pixel_values):
        return self.network(pixel_values=pixel_values).alphas


def scene(height, width):
    """A photo and a trimap with all three kinds."""
    image = np.ascontiguousarray(skimage.data.chelsea()[60 : 60 + height, 120 : 120 + width])
    trimap = np.full((height, width), 128, np.uint8)
    trimap[:, : width // 4], trimap[:, -width // 4 :] = 0, 255
    return image, trimap


def place(name, monkeypatch, path):
    content = path.read_bytes()
    record = replace(WEIGHTS[name], size=len(content), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(WEIGHTS, name, record)
    return record


@pytest.mark.filterwarnings("ignore")  # of the exporter, whose successor takes fifteen times as long
@pytest.mark.parametrize("size", [(SIDE, SIDE), (SIDE - 9, SIDE - 30)])
def test_a_random_network_of_transformers_gives_the_same(size, published, monkeypatch):
    from transformers import VitMatteImageProcessorPil

    path = folders.FOLDER / WEIGHTS["vitmatte-small"].file
    example = torch.zeros(1, 4, SIDE, SIDE)
    torch.onnx.export(AlphaOnly(published).eval(), (example,), path, input_names=["pixel_values"], dynamo=False)
    place("vitmatte-small", monkeypatch, path)
    image, trimap = scene(*size)

    processor = VitMatteImageProcessorPil(image_mean=MEAN, image_std=DEVIATION)
    inputs = processor(images=image, trimaps=np.where(trimap == 128, 127.5, trimap), return_tensors="pt")
    with torch.no_grad():
        expected = published(**inputs).alphas[0, 0, : size[0], : size[1]].numpy()
    alpha = load_model("vitmatte-small", exact=True)(image, trimap)
    unknown = trimap == 128
    assert expected[unknown].std() > 0.005
    assert np.abs(alpha - expected)[unknown].max() < 1e-4
    assert np.all(alpha[trimap == 0] == 0) and np.all(alpha[trimap == 255] == 1)
    other = processor(images=image[..., ::-1], trimaps=trimap, return_tensors="pt")
    with torch.no_grad():
        swapped = published(**other).alphas[0, 0, : size[0], : size[1]].numpy()
    assert np.abs(swapped - expected)[unknown].max() > 1e-3


def test_the_published_preprocessing():
    """As hustvl/ViTMatte normalises, joins and pads; where its padding adds a whole 32 to a multiple, transformers and
    this add nothing."""
    image, trimap = scene(50, 70)
    tensor = torch.tensor(image).permute(2, 0, 1)[None].float() / 255
    tensor = (tensor - torch.tensor(MEAN).view(-1, 1, 1)) / torch.tensor(DEVIATION).view(-1, 1, 1)
    levels = torch.tensor(trimap)[None, None].float() / 255
    levels[(levels > 85 / 255) & (levels < 170 / 255)] = 0.5
    expected = torch.zeros(1, 4, 64, 96)
    expected[:, :, :50, :70] = torch.cat([tensor, levels], dim=1)
    assert np.allclose(vitmatte.encode(image, trimap), expected.numpy(), atol=1e-5)


def test_a_picture_with_little_unknown_is_solved_around_it(monkeypatch):
    """A network that sees only its neighbourhood gives the same by regions as of the whole picture."""
    path = folders.FOLDER / WEIGHTS["vitmatte-base"].file
    Tiny(4).save(path, (1, 4, "height", "width"))
    place("vitmatte-base", monkeypatch, path)
    image = np.random.default_rng(1).integers(0, 256, (700, 900, 3), np.uint8)
    trimap = np.zeros((700, 900), np.uint8)
    trimap[100:600, 200:700] = 255
    trimap[100:600, 180:230] = trimap[560:620, 200:700] = 128
    whole = load_model("vitmatte-base", exact=True)(image, trimap)
    parts = load_model("vitmatte-base")(image, trimap)
    assert np.abs(whole - parts).max() < 1e-4
    assert np.array_equal(whole[trimap != 128], trimap[trimap != 128] / 255)


@pytest.mark.parametrize("name", ["vitmatte-small", "vitmatte-base"])
def test_weights_come_from_the_pinned_revision_and_are_not_for_commerce(name, tmp_path, monkeypatch):
    path = Tiny(4).save(tmp_path / "net.onnx", (1, 4, "height", "width"))
    record = place(name, monkeypatch, path)
    (source,) = record.sources
    monkeypatch.setitem(WEIGHTS, name, replace(record, sources=(replace(source, size=record.size),)))
    asked = f"/{source.repository}/resolve/{source.revision}/{source.file}"
    image, trimap = scene(40, 50)
    with serving({asked: giving(path.read_bytes())}) as server:
        address = f"{server.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        answer = load_model(name).answer(image, trimap)
        assert server.asked == [asked]
    assert answer.credit.weights == record.sha256
    assert is_non_commercial(answer.credit.licence)


def test_a_network_without_a_place_for_the_trimap_is_refused(monkeypatch):
    path = folders.FOLDER / WEIGHTS["vitmatte-small"].file
    Tiny(3).save(path, (1, 3, "height", "width"))
    place("vitmatte-small", monkeypatch, path)
    with pytest.raises(ValueError, match=r"must take one picture of 1 × 4 × any × any, but takes input\.image"):
        load_model("vitmatte-small")
