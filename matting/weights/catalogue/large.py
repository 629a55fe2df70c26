"""Large files for people who can reach a model hub: fetched only when they choose the model.

None of them could be fetched where this was written. So the sizes and SHA-256 are what the hubs state, as at least one
public project that pins the file repeats them (`sha256_by`); a download that differs is refused. What memory a model
takes was measured on networks of the same form (docs/log/models.md), or is what others measured.
"""

from matting.weights.record import Weights
from matting.weights.sources import Hub, Url

_HUB = "the hub's own"
_REMBG = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"
_DIS5K = "DIS5K (research only) and others"

LARGE: dict[str, Weights] = {
    "birefnet-lite": Weights(
        file="birefnet-lite.onnx",
        size=224_005_088,
        sha256="5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
        licence="MIT",
        sources=(
            Hub(
                "onnx-community/BiRefNet_lite-ONNX",
                "onnx/model.onnx",
                revision="de15b22ba131738a16dff04aab8bdf8dc32e3ac1",
            ),
            Url(f"{_REMBG}/BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx"),
        ),
        code_licence="MIT",
        data=_DIS5K,
        memory_gb=7,  # as others measured
        sha256_by=_HUB,
    ),
    "birefnet": Weights(
        file="birefnet.onnx",
        size=972_666_916,
        sha256="58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
        licence="MIT",
        sources=(
            Hub(
                "onnx-community/BiRefNet-ONNX",
                "onnx/model.onnx",
                revision="534d3c82d3bb8b2f0867db6dfbc3a525b8e42f67",
            ),
            Url(f"{_REMBG}/BiRefNet-general-epoch_244.onnx"),
        ),
        code_licence="MIT",
        data=_DIS5K,
        memory_gb=7,  # as others measured
        sha256_by=_HUB,
    ),
    "birefnet-hr-matting": Weights(
        file="birefnet-hr-matting.onnx",
        size=1_098_928_867,
        sha256="45b7d92ce0e2e75e1c8a564a9e84c87ac9da7f4315d2deeef3674864e809aef3",
        licence="MIT",
        sources=(
            Url(
                "https://github.com/ZhengPeng7/BiRefNet/releases/download/v1/BiRefNet_HR-matting-epoch_135.onnx",
            ),
            Url(f"{_REMBG}/BiRefNet_HR-matting-epoch_135.onnx"),
        ),
        code_licence="MIT",
        data="P3M-10k, AM-2k, Distinctions-646 and others, partly research only",
        memory_gb=22,  # as others estimated
        sha256_by="two public projects that pin the release",
    ),
    "ben2": Weights(
        file="ben2-base-fp16.onnx",
        size=219_121_675,
        sha256="dfdc25f421f32a0d1268e0f2ff2153d340e8f1d52d3dd16f5dc33c1ce85cedf1",
        licence="MIT",
        sources=(
            Hub(
                "onnx-community/BEN2-ONNX",
                "onnx/model_fp16.onnx",
                revision="c552aa82688edce09f0ac9d2e31ad53d9d629010",
            ),
        ),
        code_licence="MIT",
        data="DIS5K (research only) and the maker's own",
        sha256_by=_HUB,
    ),
    "isnet": Weights(
        file="isnet-general-use.onnx",
        size=178_648_008,
        sha256="60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        licence="Apache-2.0",
        sources=(Url(f"{_REMBG}/isnet-general-use.onnx"),),
        code_licence="Apache-2.0",
        data="not stated; by the makers of DIS5K (research only)",
        memory_gb=1,
        sha256_by="public projects that pin the release",
    ),
    "ormbg": Weights(
        file="ormbg.onnx",
        size=176_116_019,
        sha256="2830b6f461809cdc7e2f15d19fc1a898b14ad53504640d4147b525d53ebb09c9",
        licence="Apache-2.0",
        sources=(
            Hub(
                "onnx-community/ormbg-ONNX",
                "onnx/model.onnx",
                revision="034e2d884afbab897e10e78fc5bb566b29533fd6",
            ),
        ),
        code_licence="Apache-2.0",
        data="rendered people, P3M-10k, AIM-500 and PPM-100",
        memory_gb=1,
        sha256_by=_HUB,
    ),
    "david": Weights(
        file="david-foreground-vitb16.onnx",
        size=449_231_719,
        # its makers publish none for this size
        licence="MIT",
        sources=(
            Url(
                "https://facesyntheticspubwedata.z6.web.core.windows.net/iccv-2025/models/"
                "foreground-segmentation-model-vitb16_384.onnx",
            ),
        ),
        code_licence="MIT",
        data="SynthHuman, CDLA-Permissive-2.0",
    ),
    "vitmatte-small": Weights(
        file="vitmatte-small-composition-1k.onnx",
        size=103_885_865,
        sha256="bf28d2e0be2c073286e88d60ad649d7123da2749a2d99133fd1098d5887e0225",
        licence="Apache-2.0 AND LicenseRef-non-commercial-Adobe-data",
        sources=(
            Hub(
                "Xenova/vitmatte-small-composition-1k",
                "onnx/model.onnx",
                revision="6bc1297f6140f055a227b6d2cfe8c093281f35d2",
            ),
        ),
        code_licence="MIT",
        data="Composition-1k, for research only",
        memory_gb=1.2,
        sha256_by=_HUB,
    ),
    "vitmatte-base": Weights(
        file="vitmatte-base-composition-1k.onnx",
        size=387_371_620,
        sha256="f6978437f5068849bcbf49b1f4e37b90aaca5155744e9fde4e6c689f70c2b9ee",
        licence="Apache-2.0 AND LicenseRef-non-commercial-Adobe-data",
        sources=(
            Hub(
                "Xenova/vitmatte-base-composition-1k",
                "onnx/model.onnx",
                revision="1290b014b994e95ca1b9dd9c5f72c3b6d5b7236a",
            ),
        ),
        code_licence="MIT",
        data="Composition-1k, for research only",
        memory_gb=2.5,
        sha256_by=_HUB,
    ),
    "matanyone2": Weights(
        file="matanyone2.safetensors",
        size=141_199_924,
        sha256="70d3bf1d85d0aaf2020f9ef3577239f4f83b77c2ba47fca1eebaaf872f9ad40f",
        licence="LicenseRef-non-commercial-S-Lab",
        sources=(
            Hub(
                "PeiqingYang/MatAnyone2",
                "model.safetensors",
                revision="40c894a6f68d1f55c86ab0de838d89dc61587930",
            ),
        ),
        code_licence="the same",
        data="VMReal, not published",
        memory_gb=1.7,
        sha256_by=_HUB,
    ),
}
