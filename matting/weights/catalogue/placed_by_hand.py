"""Files that the authors of a network published where no program may fetch them: a person places them by hand.

Their sizes are those of the network's parameters, and the memory is that of the largest region. Nobody states a
SHA-256, so what a file holds is checked instead.
"""

from matting.weights.record import Weights

_ADOBE = "LicenseRef-non-commercial-Adobe-data"
_COMPOSITION = "Composition-1k, for research only"
_BGMV2 = "https://github.com/PeterL1n/BackgroundMattingV2#download"
_BGMV2_DATA = (
    "not stated; its training takes VideoMatte240K, PhotoMatte13K, Distinctions-646 and Adobe's set, the last two for "
    "research only"
)
_MEMATTE = "https://github.com/linyiheng123/MEMatte#results"
_GCA = "https://github.com/Yaoyi-Li/GCA-Matting#models"

PLACED_BY_HAND: dict[str, Weights] = {
    "gca": Weights(
        file="gca-dist-all-data.pth",
        size=96_500_000,
        licence=_ADOBE,
        by_hand=_GCA,
    ),
    "gca-dist": Weights(
        file="gca-dist.pth",
        size=96_500_000,
        licence=_ADOBE,
        by_hand=_GCA,
    ),
    "mematte-small": Weights(
        file="MEMatte_ViTS_DIM.pth",
        size=117_000_000,
        licence=f"MIT AND {_ADOBE}",
        by_hand=_MEMATTE,
        code_licence="MIT",
        data=_COMPOSITION,
        memory_gb=2,
    ),
    "mematte-base": Weights(
        file="MEMatte_ViTB_DIM.pth",
        size=440_000_000,
        licence=f"MIT AND {_ADOBE}",
        by_hand=_MEMATTE,
        code_licence="MIT",
        data=_COMPOSITION,
        memory_gb=2.5,
    ),
    "mgmatting": Weights(
        file="MGMatting-DIM-100k.pth",
        size=119_000_000,
        licence=f"CC-BY-NC-2.0 AND {_ADOBE}",
        by_hand="https://github.com/yucornetto/MGMatting/tree/main/code-base#model-zoo",
        code_licence="CC-BY-NC-2.0",
        data=_COMPOSITION,
        memory_gb=1.2,
    ),
    "fba": Weights(
        file="FBA.pth",
        size=139_000_000,
        licence=_ADOBE,
        by_hand="https://github.com/MarcoForte/FBA_Matting#models",
        code_licence="MIT",
        data=_COMPOSITION,
        memory_gb=1.8,
    ),
    "dim": Weights(
        file="stage1_skip_sad_52.9.pth",
        size=104_000_000,
        licence=_ADOBE,
        by_hand="https://github.com/huochaitiantang/pytorch-deep-image-matting/releases/tag/V1.5",
        code_licence="none stated",
        data=_COMPOSITION,
        memory_gb=1.6,
    ),
    "indexnet": Weights(
        file="indexnet_matting.pth.tar",
        size=24_000_000,
        licence=f"LicenseRef-non-commercial-IndexNet AND {_ADOBE}",
        by_hand="https://github.com/poppinace/indexnet_matting/tree/master/pretrained",
        code_licence="for academic use only",
        data=_COMPOSITION,
        memory_gb=1.2,
    ),
    "bgmv2": Weights(
        file="pytorch_resnet50.pth",
        size=161_000_000,
        licence="MIT",
        by_hand=f"{_BGMV2} (PyTorch, ResNet50)",
        code_licence="MIT",
        data=_BGMV2_DATA,
        memory_gb=1.6,
    ),
    "bgmv2-resnet101": Weights(
        file="pytorch_resnet101.pth",
        size=237_000_000,
        licence="MIT",
        by_hand=f"{_BGMV2} (PyTorch, ResNet101)",
        code_licence="MIT",
        data=_BGMV2_DATA,
        memory_gb=1.7,
    ),
    "bgmv2-mobilenetv2": Weights(
        file="pytorch_mobilenetv2.pth",
        size=20_000_000,
        licence="MIT",
        by_hand=f"{_BGMV2} (PyTorch, MobileNetV2)",
        code_licence="MIT",
        data=_BGMV2_DATA,
    ),
    "shm": Weights(
        file="ckpt_lastest.pth",  # spelled so by the code that writes it
        size=13_200_000,
        licence="LicenseRef-unknown",
        by_hand="a training run of https://github.com/lizhengwei1992/Semantic_Human_Matting (nobody published one)",
        code_licence="none stated",
        data="whatever it is trained on",
    ),
}
