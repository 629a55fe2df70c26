"""Runs every line of README's command-line section and its Python example, on small generated input; status 1 if one
fails. Runs in the project's root, in the environment of README's first command.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
from skimage.data import astronaut

sys.path.insert(0, str(Path.cwd()))

from matting import load_model
from matting.arrays import to_uint8
from matting.files import write_image
from matting.training.synthetic import synthesise
from matting.trimap import make_trimap

LESS = {"train": " --steps 2 --batch 2 --crop 64 --cached 4"}
"""What is added to a command that would learn for hours."""


def prepare() -> None:
    """The files that README's lines name."""
    image = np.ascontiguousarray(astronaut()[::2, ::2])
    alpha = load_model("auto")(image)
    trimap = make_trimap(alpha)
    stored = np.rint(alpha * 255).astype(np.uint8)
    for place in (
        "photo.jpg",
        "beach.jpg",
        "photos/photo.jpg",
        "labelled/image/photo.png",
        "benchmark/image/photo.png",
    ):
        write_image(Path(place), image)
    for place in ("truth/photo.png", "labelled/alpha/photo.png", "benchmark/alpha/photo.png"):
        write_image(Path(place), stored)
    write_image(Path("benchmark/trimap/photo.png"), trimap)
    for number in range(12):  # different pictures, so that some fall into the split that trains
        scene = synthesise(number, (192, 256), kind="fur")
        write_image(Path(f"labelled/image/{number}.png"), to_uint8(scene.composite()))
        write_image(Path(f"labelled/alpha/{number}.png"), to_uint8(scene.alpha))
    with av.open("clip.mp4", "w") as video:
        stream = video.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 256, 256, "yuv420p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.roll(image, number, axis=1), format="rgb24")
            video.mux(stream.encode(frame))
        video.mux(stream.encode())


def run(line: str) -> bool:
    """Whether a line of shell ends with status 0."""
    print("+", line, flush=True)
    status = subprocess.run(line, shell=True, check=False).returncode
    if status:
        print(f"status {status}: {line}", flush=True)
    return status == 0


def main() -> None:
    """All lines, in README's order."""
    text = Path("README.md").read_text(encoding="utf-8")
    section = text.partition("## On the command line")[2].partition("\n## ")[0]
    lines = re.findall(r"^(python -m [^#\n]+?) *(?:#.*)?$", section, flags=re.M)
    (example,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    if not lines:
        raise SystemExit("README has no command lines any more")
    prepare()
    failed = [line for line in lines if not run(line + LESS.get(line.split()[3], ""))]
    shutil.copy("weights/mine.safetensors", "mine.safetensors")
    failed += [] if subprocess.run([sys.executable, "-c", example], check=False).returncode == 0 else [example]
    if failed:
        raise SystemExit(f"{len(failed)} of {len(lines) + 1} failed")
    print(f"README's {len(lines)} command lines and its example run")


if __name__ == "__main__":
    main()
