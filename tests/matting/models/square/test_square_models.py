"""Models that see a photo as a square, against the published code on small random networks, and their files."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data
import torch
from huggingface_hub import constants
from onnx import TensorProto
from PIL import Image
from torch.nn import functional
from typer.testing import CliRunner

from matting import load_model, models
from matting.__main__ import app
from matting.files import write_image
from matting.models import MODELS
from matting.models.square import base
from matting.models.square.base import SquareModel
from matting.weights import WEIGHTS, Hub, Url, WeightsError, folders
from tests.matting.models.tiny_networks import Tiny
from tests.matting.weights.test_finding import giving, serving

LARGE = ["birefnet-lite", "birefnet", "birefnet-hr-matting", "ben2", "isnet", "ormbg", "david"]
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
PLAIN = ([0, 0, 0], [1, 1, 1])
SAME = torch.nn.Identity()


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """No weights but those a test makes."""
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    folders.FOLDER.mkdir()
    forget()
    yield
    forget()


def forget():
    """Let files be read again."""
    models.load_published.cache_clear()
    base.square_network.cache_clear()


def place(name, monkeypatch, path):
    """Let the file at `path` be the one the record of `name` means."""
    content = path.read_bytes()
    record = replace(WEIGHTS[name], size=len(content), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(WEIGHTS, name, record)
    return record


def tiny(name, monkeypatch, **changes):
    """A random network in place of the published one, and the same in torch."""
    kind = MODELS[name]
    network = Tiny(gives_logits=kind.gives_logits)
    path = folders.FOLDER / WEIGHTS[name].file
    network.save(path, (1, 3, kind.side, kind.side), twice=name == "isnet", **changes)
    place(name, monkeypatch, path)
    return network


def photo(height, width):
    """A part of a photo, in that size."""
    return np.asarray(Image.fromarray(skimage.data.astronaut()).resize((width, height), Image.Resampling.BICUBIC))


def normalised(image, mean, deviation):
    tensor = torch.tensor(np.array(image)).permute(2, 0, 1)[None].float() / 255
    return (tensor - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(deviation).view(1, 3, 1, 1)


def enlarged(alpha, image):
    return functional.interpolate(alpha, image.shape[:2], mode="bilinear", align_corners=False)[0, 0].numpy()


def by_torchvision(network, image, side=1024, resample=Image.Resampling.BILINEAR, norm=IMAGENET, final=torch.sigmoid):
    """BiRefNet's and BEN2's own inference: a resize of Pillow, ToTensor, Normalize, the last output, its sigmoid."""
    shrunk = Image.fromarray(image).resize((side, side), resample)
    return enlarged(final(network(normalised(shrunk, *norm))), image)


def by_dis(network, image, norm=([0.5, 0.5, 0.5], [1.0, 1.0, 1.0])):
    """IS-Net's and ormbg's own inference, without the stretch to the answer's minimum and maximum."""
    tensor = torch.tensor(image, dtype=torch.float32).permute(2, 0, 1)[None]
    tensor = functional.interpolate(tensor, (1024, 1024), mode="bilinear").type(torch.uint8)
    return enlarged(network(normalised(tensor[0].permute(1, 2, 0).numpy(), *norm)), image)


def by_david(network, image, channels=slice(None, None, -1)):
    """DAViD's own inference: borders repeated to a square, 512 × 512, blue first; cubic back, and cut."""
    height, width = image.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = cv2.copyMakeBorder(
        image[..., channels], top, side - height - top, left, side - width - left, cv2.BORDER_REPLICATE
    )
    small = cv2.resize(square, (512, 512), interpolation=cv2.INTER_LINEAR)
    answer = network(normalised(small, *PLAIN))[0, 0].numpy()
    whole = cv2.resize(answer, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(whole[top : top + height, left : left + width], 0, 1)


REFERENCES = {
    "birefnet-lite": (by_torchvision, {"norm": PLAIN}),
    "birefnet": (by_torchvision, {"final": SAME}),
    "birefnet-hr-matting": (lambda *given, **more: by_torchvision(*given, side=2048, **more), {"norm": PLAIN}),
    "ben2": (
        lambda network, image, final=SAME: by_torchvision(
            network, image, resample=Image.Resampling.LANCZOS, final=final
        ),
        {"final": torch.sigmoid},
    ),
    "isnet": (by_dis, {"norm": PLAIN}),
    "ormbg": (lambda network, image, norm=PLAIN: by_dis(network, image, norm), {"norm": IMAGENET}),
    "david": (by_david, {"channels": slice(None)}),
}
"""The published inference, and one thing done otherwise in it that a test must notice."""


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("size", [(240, 320), (450, 300)])
def test_a_random_network_gives_what_the_published_code_makes_of_it(name, size, monkeypatch):
    network, image = tiny(name, monkeypatch), photo(*size)
    published, otherwise = REFERENCES[name]
    alpha = load_model(name)(image)
    expected = np.clip(published(network, image), 0, 1)
    assert expected.std() > 0.02
    error = np.abs(alpha - expected).mean()
    assert error < 0.01
    assert np.abs(np.clip(published(network, image, **otherwise), 0, 1) - expected).mean() > 4 * error


@pytest.mark.parametrize("name", ["birefnet-lite", "isnet", "david"])
@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (37, 53)])
def test_any_size_gives_an_alpha_of_that_size(name, size, monkeypatch):
    tiny(name, monkeypatch)
    image = np.random.default_rng(3).integers(0, 256, (*size, 3), np.uint8)
    before = image.copy()
    alpha = load_model(name)(image)
    assert alpha.shape == size and alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert np.array_equal(image, before)


def test_a_network_in_half_precision_is_fed_as_it_wants(monkeypatch):
    tiny("ben2", monkeypatch)
    image = photo(200, 300)
    whole = load_model("ben2")(image)
    forget()
    tiny("ben2", monkeypatch, kind=TensorProto.FLOAT16)
    assert np.abs(load_model("ben2")(image) - whole).max() < 0.02


def test_an_edge_stays_where_it_is_in_a_photo_of_any_proportions(monkeypatch):
    """The photo lies in the square as its alpha is cut out of it: a step of brightness is where the alpha's step is."""
    tiny("david", monkeypatch)
    model = load_model("david")
    for height, width in ((400, 401), (333, 1000), (1000, 77)):
        image = np.zeros((height, width, 3), np.uint8)
        image[:, width // 2 :] = 255
        small = model.encode(image)
        answer = model.decode(small[:, :1], image)
        assert np.abs(np.argmax(answer[height // 2] > 0.5) - width // 2) <= 1


def test_files_of_another_form_are_refused_in_a_sentence(monkeypatch):
    path = folders.FOLDER / WEIGHTS["isnet"].file
    wrong = {
        "must take one picture of 1 × 3 × 1024 × 1024, but takes input.image (1 × 3 × 1024 × 1024) and guide": {
            "shape": (1, 3, 1024, 1024), "extra_input": True,
        },
        "must take one picture of 1 × 3 × 1024 × 1024, but takes input.image (1 × 3 × 512 × 512)": {
            "shape": (1, 3, 512, 512),
        },
        "must take one picture of 1 × 3 × 1024 × 1024, but takes input.image (1 × 4 × 1024 × 1024)": {
            "shape": (1, 4, 1024, 1024),
        },
    }  # fmt: skip
    for sentence, form in wrong.items():
        Tiny(form["shape"][1]).save(path, **form)
        place("isnet", monkeypatch, path)
        with pytest.raises(ValueError, match="must take one picture") as told:
            load_model("isnet")
        assert sentence in str(told.value)
    Tiny().save(path, (1, 3, 1024, 1024), output_channels=3)
    place("isnet", monkeypatch, path)
    with pytest.raises(ValueError, match="must give an alpha of 1 × 1 × 1024 × 1024, but gives 1 × 3 × 1024 × 1024"):
        load_model("isnet")(photo(64, 64))
    forget()
    path.write_bytes(b"no network")
    place("isnet", monkeypatch, path)
    with pytest.raises(ValueError, match="is not a model ONNX Runtime can read"):
        load_model("isnet")


def test_a_file_may_leave_its_sides_open(monkeypatch):
    kind, network = MODELS["birefnet"], Tiny(gives_logits=True)
    path = folders.FOLDER / WEIGHTS["birefnet"].file
    network.save(path, ("batch", 3, "height", "width"))
    place("birefnet", monkeypatch, path)
    assert issubclass(kind, SquareModel)
    assert load_model("birefnet")(photo(60, 80)).shape == (60, 80)


def reach(server, monkeypatch):
    """Let `server` be the Hub."""
    address = f"{server.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.mark.parametrize("name", LARGE)
def test_weights_come_from_where_the_record_says(name, tmp_path, monkeypatch):
    """From the Hub at the pinned revision, or from the release; a file that differs is refused."""
    kind = MODELS[name]
    path = Tiny(gives_logits=kind.gives_logits).save(tmp_path / "net.onnx", (1, 3, kind.side, kind.side))
    record, content = place(name, monkeypatch, path), path.read_bytes()
    source = record.sources[0]
    asked = (
        f"/{source.repository}/resolve/{source.revision}/{source.file}"
        if isinstance(source, Hub)
        else f"/{source.url.split('/', 3)[3]}"
    )
    with serving({asked: giving(content)}) as server:
        reach(server, monkeypatch)
        here = source if isinstance(source, Hub) else Url(server.address + asked, source.size)
        monkeypatch.setitem(WEIGHTS, name, replace(record, sources=(replace(here, size=len(content)),)))
        assert load_model(name)(photo(50, 40)).shape == (50, 40)
        assert server.asked == [asked]
    (folders.FOLDER / record.file).unlink()
    forget()
    with serving({asked: giving(content[:-1])}) as server:
        reach(server, monkeypatch)
        here = here if isinstance(source, Hub) else Url(server.address + asked, source.size)
        monkeypatch.setitem(WEIGHTS, name, replace(record, sources=(replace(here, size=len(content)),)))
        with pytest.raises(WeightsError, match=rf"{record.file} could not be downloaded .*which are not the file"):
            load_model(name)


def test_size_memory_and_every_licence_are_told_before_the_download(tmp_path, monkeypatch):
    path = Tiny(gives_logits=True).save(tmp_path / "net.onnx", (1, 3, 1024, 1024))
    record = place("birefnet", monkeypatch, path)
    write_image(tmp_path / "photo.png", photo(40, 30))
    with serving({"/net": giving(path.read_bytes())}) as server:
        monkeypatch.setitem(WEIGHTS, "birefnet", replace(record, sources=(Url(f"{server.address}/net", record.size),)))
        command = ["alpha", str(tmp_path / "photo.png"), "-o", str(tmp_path / "out"), "--model", "birefnet"]
        done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    told = done.stderr.splitlines()
    assert told[0] == "the weights birefnet are under MIT; code: MIT; data: DIS5K (research only) and others"
    assert told[1] == "birefnet.onnx is fetched now: 0 MB, 7 GB of memory"


def test_a_wrong_network_on_the_command_line_is_one_sentence(tmp_path, monkeypatch):
    Tiny().save(folders.FOLDER / WEIGHTS["isnet"].file, (1, 3, 64, 64))
    place("isnet", monkeypatch, folders.FOLDER / WEIGHTS["isnet"].file)
    write_image(tmp_path / "photo.png", photo(40, 30))
    done = CliRunner().invoke(
        app, ["alpha", str(tmp_path / "photo.png"), "-o", str(tmp_path / "out"), "--model", "isnet"]
    )
    assert done.exit_code == 1
    assert "isnet-general-use.onnx must take one picture of 1 × 3 × 1024 × 1024" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "photo.png").exists()


def test_a_file_nobody_publishes_a_digest_of_is_known_by_its_size(monkeypatch):
    assert not WEIGHTS["david"].sha256
    path = folders.FOLDER / WEIGHTS["david"].file
    Tiny().save(path, (1, 3, 512, 512))
    size = path.stat().st_size
    monkeypatch.setitem(WEIGHTS, "david", replace(WEIGHTS["david"], size=size))
    (used,) = load_model("david").weights_used()
    assert used.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    forget()
    monkeypatch.setitem(WEIGHTS, "david", replace(WEIGHTS["david"], size=size + 1, sources=()))
    with pytest.raises(WeightsError, match=f"place the file by hand at .* \\({size + 1} bytes\\)"):
        load_model("david")
