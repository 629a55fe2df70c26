"""How the conformance vectors beside this file were made: by the published code, which is not part of this project.

    python -m tests.matting.networks.published.vectors NAME PATH-OF-A-CLONE

runs the published network in evaluation mode, on a processor, with weights that follow from the names of its parameters
(`seeded.py`), on the picture of `seeded_picture`, and writes NAME.npz: every third row and column of each answer. The
clone is that of the repository and commit in `CLONES`; a name with an underscore is another version of the network
that is named before it.
"""

import sys
import types
from pathlib import Path

import numpy as np
import torch

from tests.matting.networks.seeded import seed_network, seeded_picture

SIZE = (64, 96)
EVERY = 3
"""Rows and columns from one kept value to the next: odd, so that each place in a block of 2, 4 or 8 is met."""
CLONES = {
    "bgmv2": ("PeterL1n/BackgroundMattingV2", "a8e82df9f594578edf287dbb2b289ebcc50fbf00"),
    "dim": ("huochaitiantang/pytorch-deep-image-matting", "f5f909dba65c6538b38b23190af5eb5665b518be"),
    "fba": ("MarcoForte/FBA_Matting", "8dd100d760186150710510ee8d78ed916cdb17a4"),
    "indexnet": ("poppinace/indexnet_matting", "4beb06a47db2eecca87b8003a11f0b268506cea3"),
    "shm": ("lizhengwei1992/Semantic_Human_Matting", "5b93644cb2b5150a97b64c962fbdb40d349aa56e"),
    "mgmatting": ("yucornetto/MGMatting", "2bac93f01a6482d69229065ba16096fece95b34c"),
}


def kept(answer, every=EVERY):
    """What a vector keeps of an answer (1, C, H, W)."""
    return np.asarray(answer, np.float32)[0, :, ::every, ::every]


def picture():
    """(image (1, 3, H, W) normalised as ImageNet's are, trimap (H, W))."""
    image, trimap = seeded_picture(*SIZE)
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


def levels():
    """`picture`, its trimap as a fourth plane of 0, 128/255 and 1: (1, 4, H, W)."""
    image, trimap = picture()
    return torch.cat((image, torch.from_numpy(trimap.astype(np.float32) / 255)[None, None]), dim=1)


def photo_and_plate():
    """A picture and another one, made of it, that differs from it in the middle: (1, 3, H, W) twice."""
    image, trimap = seeded_picture(*(2 * side for side in SIZE))
    plate = np.where(trimap[..., None] > 0, image[::-1, ::-1], image)
    return [torch.from_numpy(np.moveaxis(one, 2, 0)[None] / 255.0) for one in (image, plate)]


def bgmv2(clone, backbone="resnet50"):
    """Alpha and foreground; what decoder and refiner answer before any squashing; the expected error."""
    sys.path.insert(0, str(clone))
    stand_in("torchvision._meta_registrations")  # of compiled operators, which the network does not use
    from model import MattingRefine

    pixels = 59 * 4 * 4  # of the 32 · 48 patches the largest share that is refined here
    network = seed_network(MattingRefine(backbone, refine_mode="sampling", refine_sample_pixels=pixels)).double()
    return seen_in_bgmv2(network, lambda: torch.cat(network(*photo_and_plate())[:2], dim=1))


def bgmv2_resnet101(clone):
    """The same with the largest backbone."""
    return bgmv2(clone, "resnet101")


def bgmv2_mobilenetv2(clone):
    """The same with the smallest backbone."""
    return bgmv2(clone, "mobilenetv2")


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
    np.savez_compressed(Path(__file__).parent / f"{name}.npz", **{key: kept(value) for key, value in found.items()})
