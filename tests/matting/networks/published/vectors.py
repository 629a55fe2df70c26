"""How the conformance vectors in `answers/` were made: by the published code, which is not part of this project.

    python -m tests.matting.networks.published.vectors NAME PATH-OF-A-CLONE

runs the published network in evaluation mode, on a processor, with weights that follow from the names of its parameters
(`seeded.py`), on the picture of `seeded_picture`, and writes answers/NAME.npz: every third row and column of each
answer. The clone is that of the repository and commit in `CLONES`.
"""

import json
import sys
import types
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.matting.networks.seeded import seed_network, seeded_picture

ANSWERS = Path(__file__).with_name("answers")
SIZE = (64, 96)
EVERY = 3
"""Rows and columns from one kept value to the next: odd, so that each place in a block of 2, 4 or 8 is met."""
CLONES = {
    "bgmv2": ("PeterL1n/BackgroundMattingV2", "a8e82df9f594578edf287dbb2b289ebcc50fbf00"),
    "dim": ("huochaitiantang/pytorch-deep-image-matting", "f5f909dba65c6538b38b23190af5eb5665b518be"),
    "fba": ("MarcoForte/FBA_Matting", "8dd100d760186150710510ee8d78ed916cdb17a4"),
    "indexnet": ("poppinace/indexnet_matting", "4beb06a47db2eecca87b8003a11f0b268506cea3"),
    "shm": ("lizhengwei1992/Semantic_Human_Matting", "5b93644cb2b5150a97b64c962fbdb40d349aa56e"),
    "matanyone": ("pq-yang/MatAnyone2", "e3370127319c63a6dc8a49c69de2d41d90137f91"),
    "mematte": ("linyiheng123/MEMatte", "44e8ac65807f54b5051cc55b70e1ee7ca03a9c9d"),
    "mgmatting": ("yucornetto/MGMatting", "2bac93f01a6482d69229065ba16096fece95b34c"),
}


def published(name):
    """What the published network called `name` answered, by the name of each answer."""
    return np.load(ANSWERS / f"{name}.npz")


def kept(answer, every=EVERY):
    """What a vector keeps of an answer (1, C, H, W)."""
    return np.asarray(answer, np.float32)[0, :, ::every, ::every]


def picture(size=SIZE):
    """(image (1, 3, H, W) normalised as ImageNet's are, trimap (H, W))."""
    image, trimap = seeded_picture(*size)
    colours = (image / 255.0 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return torch.from_numpy(np.moveaxis(colours, 2, 0)[None].astype(np.float32)), trimap


def coarse_to_fine():
    """Three answers (1, 1, H, W) with decided and undecided parts, finest first, made of the picture's colours."""
    image, _ = seeded_picture(*SIZE)
    planes = np.clip((image[..., ::-1].astype(np.float32) - 70) / 90, 0, 1)
    return [torch.from_numpy(np.ascontiguousarray(planes[None, None, ..., channel])) for channel in range(3)]


def stand_in(module, **names):
    """Let `import module` succeed, with these names in it."""
    sys.modules[module] = types.ModuleType(module)
    vars(sys.modules[module]).update(names)


def mgmatting(clone):
    """The three answers, finest first, and what the published refinement makes of `coarse_to_fine`."""
    sys.path.insert(0, str(clone / "code-base"))
    # not installed here, and no part of the network
    record = type("EasyDict", (dict,), {"__getattr__": dict.get, "__setattr__": dict.__setitem__})
    stand_in("easydict", EasyDict=record)
    stand_in("tensorboardX", SummaryWriter=None)
    torch.Tensor.cuda = lambda self, *_: self
    import networks
    import utils

    arch = utils.CONFIG.model.arch
    network = seed_network(networks.get_generator(arch.encoder, arch.decoder))
    image, trimap = picture()
    guidance = torch.from_numpy((trimap >= 170).astype(np.float32))[None, None]
    answers = network(image, guidance)
    fine, middle, alpha = (answer.clone() for answer in coarse_to_fine())
    for finer, width in (
        (middle, utils.CONFIG.model.self_refine_width1),
        (fine, utils.CONFIG.model.self_refine_width2),
    ):
        weight = utils.get_unknown_tensor_from_pred(alpha, rand_width=width, train_mode=False)
        alpha[weight > 0] = finer[weight > 0]
    names = {"full": "alpha_os1", "quarter": "alpha_os4", "eighth": "alpha_os8"}
    return {name: answers[key] for name, key in names.items()} | {"refined": alpha}


def fba(clone):
    """Alpha, foreground and background; and the planes of distances that the published preparation makes."""
    sys.path.insert(0, str(clone))
    torch.Tensor.cuda = lambda self, *_: self
    from networks.models import build_model
    from networks.transforms import trimap_transform

    network = seed_network(build_model("default")).double()  # float32 alone moves its alpha by 4e-4
    image, trimap = seeded_picture(*SIZE)
    known = np.dstack([trimap == 0, trimap == 255]).astype(np.float64)
    distances = trimap_transform(known)[None]
    planes = [np.moveaxis(image / 255.0, 2, 0)[None], np.moveaxis(known, 2, 0)[None]]
    colours, known, near = (torch.from_numpy(plane.astype(np.float32)).double() for plane in (*planes, distances))
    return {"layers": network(colours, known, picture()[0].double(), near), "distances": distances}


def levels(size=SIZE):
    """`picture`, its trimap as a fourth plane of 0, 128/255 and 1: (1, 4, H, W)."""
    image, trimap = picture(size)
    return torch.cat((image, torch.from_numpy(trimap.astype(np.float32) / 255)[None, None]), dim=1)


def photo_and_plate():
    """A picture and another one, made of it, that differs from it in the middle: (1, 3, H, W) twice."""
    image, trimap = seeded_picture(*(2 * side for side in SIZE))
    plate = np.where(trimap[..., None] > 0, image[::-1, ::-1], image)
    return [torch.from_numpy(np.moveaxis(one, 2, 0)[None] / 255.0) for one in (image, plate)]


def bgmv2(clone):
    """Of each backbone: alpha and foreground; what decoder and refiner answer before any squashing."""
    sys.path.insert(0, str(clone))
    stand_in("torchvision._meta_registrations")  # of compiled operators, which the network does not use
    from model import MattingRefine

    pixels, found = 59 * 4 * 4, {}  # of the 32 · 48 patches the largest share that is refined here
    for backbone in ("resnet50", "resnet101", "mobilenetv2"):
        network = MattingRefine(backbone, refine_mode="sampling", refine_sample_pixels=pixels)
        network = seed_network(network).double()
        seen = seen_in_bgmv2(network, lambda network=network: torch.cat(network(*photo_and_plate())[:2], dim=1))
        found |= {f"{backbone}_{part}": answer for part, answer in seen.items()}
    return found


def seen_in_bgmv2(network, answer):
    """`answer()` at half size, and what the two parts of `network` gave on the way."""
    seen, means = {}, lambda patches: patches.mean((2, 3)).T[None, ..., None]
    network.decoder.register_forward_hook(lambda *call: seen.update(coarse=call[2][:, :8].clone()))
    network.refiner.conv4.register_forward_hook(lambda *call: seen.update(patches=means(call[2])))
    return {"fine": answer()[..., ::2, ::2]} | seen


def dim(clone):
    """The alpha of both stages."""
    sys.path.insert(0, str(clone / "core"))
    import net

    network = seed_network(net.VGG16(types.SimpleNamespace(stage=3)))
    return dict(zip(("first", "alpha"), network(levels()), strict=True))


def indexnet(clone):
    """The alpha, not clipped, of the version that the published demo runs; and the mean of the decoder's features."""
    sys.path.insert(0, str(clone / "scripts"))
    from hlmobilenetv2 import hlmobilenetv2

    network = hlmobilenetv2(
        decoder="indexnet", indexnet="depthwise", index_mode="m2o", use_nonlinear=True, use_context=True,
        apply_aspp=True, output_stride=32, conv_operator="std_conv", decoder_kernel_size=5,
    )  # fmt: skip
    features = []
    network.decoder_layer0.register_forward_hook(lambda *answer: features.append(answer[2]))
    alpha = seed_network(network)(levels())
    return {"alpha": alpha, "features": features[0].mean(dim=1, keepdim=True)}


def moving_pictures():
    """Six frames (1, 3, 80, 96) that move two pixels to the right each, and the rough mask of the first, (80, 96)."""
    image, trimap = seeded_picture(80, 96)
    planes = torch.from_numpy(np.moveaxis(image / 255.0, 2, 0)[None])
    return [planes.roll(2 * step, dims=3) for step in range(6)], torch.from_numpy((trimap == 255) * 1.0)


def seed_gently(network):
    """`network` seeded, its matrices and kernels halved, so that its many paths around blocks add up to little."""
    for value in seed_network(network).parameters():
        if value.ndim > 1:
            value.data *= 0.5
    return network.double()


def seen_in_matanyone(network, answer_all):
    """What the decoder of `network` answers during `answer_all()`, not clipped: at the first, third and last frame."""
    answers = []
    handle = network.mask_decoder.register_forward_hook(
        lambda *call: answers.extend(value for value in call[2] if value.shape[1] == 1 and value.ndim == 4)
    )
    answer_all()
    handle.remove()
    return {"first": answers[-6], "third": answers[-4], "last": answers[-1]}


def matanyone(clone):
    """What the decoder answers where the first frame is answered twice, every second one is kept, and two at a time."""
    import yaml

    sys.path.insert(0, str(clone))
    # not installed here, and no part of the network
    record = type("Config", (dict,), {"__getattr__": dict.get, "__setattr__": dict.__setitem__})
    stand_in("omegaconf", DictConfig=record, OmegaConf=types.SimpleNamespace(to_container=dict))
    stand_in("torchvision")
    torch.Tensor.float = lambda self: self  # all is in float64, so that no rounding chooses other places
    from matanyone2 import InferenceCore, MatAnyone2

    settings = clone / "matanyone2" / "config"
    text = (settings / "model" / "base.yaml").read_text()
    for name in ("model.embed_dim", "model.object_transformer.embed_dim", "model.object_transformer.num_queries"):
        text = text.replace(f"${{{name}}}", "16" if name.endswith("queries") else "256")
    of_model = json.loads(json.dumps(yaml.safe_load(text) | {"pretrained_resnet": False}), object_hook=record)
    others = yaml.safe_load((settings / "eval_matanyone_config.yaml").read_text())
    config = json.loads(json.dumps(others), object_hook=record) | {"mem_every": 2, "max_mem_frames": 2}
    network = MatAnyone2(record(config, model=of_model), single_object=True)
    waves = network.object_summarizer.pos_enc.inv_freq.clone()
    seed_gently(network)
    for encoding in (network.object_summarizer.pos_enc, network.object_transformer.spatial_pe):
        encoding.inv_freq = waves.double()
    core, (frames, mask) = InferenceCore(network, record(config, model=of_model), device="cpu"), moving_pictures()

    def answer_all():
        core.step(frames[0][0], mask * 255, objects=[1])
        for _ in range(2):
            core.step(frames[0][0], first_frame_pred=True)
        for frame in frames[1:]:
            core.step(frame[0])

    return seen_in_matanyone(network, answer_all)


def mematte(clone):
    """The alpha of the small version, decoded at once, and how many tokens each of its routers picks."""
    sys.path.insert(0, str(clone))
    stand_in("torchvision._meta_registrations")  # of compiled operators, which timm does not use here
    # not installed here; of detectron2 the network takes three small things
    base = type("CNNBlockBase", (nn.Module,), {"__init__": lambda self, *_: nn.Module.__init__(self)})
    layers = {"CNNBlockBase": base, "Conv2d": nn.Conv2d, "ShapeSpec": None}
    layers["get_norm"] = lambda _, channels: vit.LayerNorm(channels, data_format="channels_first")
    stand_in("detectron2.layers", **layers)
    stand_in("detectron2.modeling.backbone.fpn", _assert_strides_are_log2_contiguous=None)
    stand_in("fvcore.nn.weight_init", c2_msra_fill=lambda _: None)
    stand_in("fairscale.nn.checkpoint", checkpoint_wrapper=None)
    stand_in("einops", **dict.fromkeys(("rearrange", "repeat", "pack", "unpack")))
    for package in ("detectron2", "detectron2.modeling", "detectron2.modeling.backbone", "fvcore", "fvcore.nn"):
        stand_in(package, __path__=[])
    for package in ("fairscale", "fairscale.nn"):
        stand_in(package, __path__=[])
    sys.modules["fvcore.nn"].weight_init = sys.modules["fvcore.nn.weight_init"]
    for package in ("modeling", "modeling.backbone", "modeling.decoder"):
        stand_in(package, __path__=[str(clone / package.replace(".", "/"))])
    from modeling.backbone import vit
    from modeling.decoder.detail_capture import Detail_Capture

    network = nn.Module()
    network.backbone = vit.ViT(
        in_chans=4, img_size=512, embed_dim=384, num_heads=6, window_size=14, use_rel_pos=True,
        norm_layer=partial(nn.LayerNorm, eps=1e-6), window_block_indexes=[0, 1, 3, 4, 6, 7, 9, 10],
        residual_block_indexes=[2, 5, 8, 11],
    )  # fmt: skip
    network.decoder = Detail_Capture()
    seed_network(network)
    planes = levels((320, 256))  # so that there are several windows
    features, _, picked = network.backbone(planes)
    counts = torch.stack([each.sum() for each in picked]).reshape(1, -1, 1, 1)
    return {"alpha": network.decoder(features, planes)["phas"], "counts": counts.repeat(1, 1, 3, 3)}


def shm(clone):
    """The alpha, not clipped, and the logits of the trimap."""
    sys.path.insert(0, str(clone))
    from model.network import net

    trimap, alpha = seed_network(net())(picture()[0])
    return {"alpha": alpha, "trimap": trimap}


if __name__ == "__main__":
    name, clone = sys.argv[1], Path(sys.argv[2])
    with torch.no_grad():
        found = globals()[name](clone)
    np.savez_compressed(ANSWERS / f"{name}.npz", **{key: kept(value) for key, value in found.items()})
