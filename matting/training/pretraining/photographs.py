"""Gather the photographs from which the textures and backgrounds of the shipped weights were cut.

python -m matting.training.pretraining.photographs FOLDER

All come from packages, either installed (scikit-image, matplotlib) or fetched (scikit-learn's wheel, Debian's
wallpapers). All may be passed on and built upon; PICTURES says under which licence. This needs pip, and Debian's
apt-get and dpkg.
"""

import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from matting.arrays import Image
from matting.files import read_image, write_image
from matting.resize import resize, within

LONGEST = 1300
"""The longest side of a gathered picture, in pixels."""
SKIMAGE, MATPLOTLIB, SKLEARN = "scikit-image", "matplotlib", "scikit-learn"
LOMIRI_16, LOMIRI_20, UKUI = "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "ukui-wallpapers"
DEBIAN = "usr/share/backgrounds"
SKLEARN_IMAGES = "sklearn/datasets/images/"
PUBLIC, CC0, BY, BY_SA, BY_SA_3 = "public domain", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-SA-3.0"


@dataclass(frozen=True)
class Photograph:
    """A photograph: where it comes from, and its licence."""

    package: str
    name: str
    licence: str
    author: str


PICTURES = (
    Photograph(SKIMAGE, "astronaut", PUBLIC, "NASA"),
    Photograph(SKIMAGE, "rocket", PUBLIC, "SpaceX"),
    Photograph(SKIMAGE, "hubble_deep_field", PUBLIC, "NASA"),
    Photograph(SKIMAGE, "chelsea", CC0, "Stéfan van der Walt"),
    Photograph(SKIMAGE, "coffee", CC0, "Rachel Michetti"),
    Photograph(SKIMAGE, "brick", CC0, "CC0Textures"),
    Photograph(SKIMAGE, "grass", CC0, "CC0Textures"),
    Photograph(SKIMAGE, "gravel", CC0, "CC0Textures"),
    Photograph(MATPLOTLIB, "grace_hopper.jpg", PUBLIC, "James S. Davis, US Navy"),
    Photograph(SKLEARN, "china.jpg", "CC-BY-2.0", "danielbuechele"),
    Photograph(SKLEARN, "flower.jpg", "CC-BY-2.0", "vultilion"),
    Photograph(LOMIRI_16, "seeding_by_Clements_Engelhardt.jpg", CC0, "Clemens Engelhardt"),
    Photograph(LOMIRI_16, "aitzgorri_by_Aitzol_Berasategi.jpg", BY, "Aitzol Berasategi"),
    Photograph(LOMIRI_16, "friends_by_Aitzol_Berasategi.jpg", BY, "Aitzol Berasategi"),
    Photograph(LOMIRI_16, "life_by_Aitzol_Berasategi.jpg", BY, "Aitzol Berasategi"),
    Photograph(LOMIRI_16, "picosdeeuropa_by_Aitzol_Berasategi.jpg", BY, "Aitzol Berasategi"),
    Photograph(LOMIRI_16, "sunset_by_Aitzol_Berasategi.jpg", BY, "Aitzol Berasategi"),
    Photograph(LOMIRI_16, "Picture_0B_by_freespace.jpg", BY, 'Trevor "Freespace"'),
    Photograph(LOMIRI_16, "Picture_1A_by_freespace.jpg", BY, 'Trevor "Freespace"'),
    Photograph(LOMIRI_16, "umang_by_Abhishek_Mudgal.jpg", BY, "Abhishek Mudgal"),
    Photograph(LOMIRI_16, "Wine_by_Jakkub_Mede.jpg", BY, "Jakub Mede"),
    Photograph(LOMIRI_16, "analogpattern_by_Peter_Nerlich.jpg", BY_SA, "Peter Nerlich"),
    Photograph(LOMIRI_16, "free_by_Peter_Nerlich.jpg", BY_SA, "Peter Nerlich"),
    Photograph(LOMIRI_16, "greentock_by_Peter_Nerlich.jpg", BY_SA, "Peter Nerlich"),
    Photograph(LOMIRI_16, "Bridge_by_Sander_Klootwijk.jpg", BY_SA, "Sander Klootwijk"),
    Photograph(LOMIRI_16, "Dragonfly_by_Bolly.jpg", BY_SA, '"Bolly"'),
    Photograph(LOMIRI_20, "Fossa_by_Jasper_Roks.jpg", BY_SA_3, "Jasper Roks"),
    Photograph(LOMIRI_20, "Infinite-Sea_by_Aury88.jpg", BY_SA_3, "Aury88"),
    Photograph(LOMIRI_20, "Kleiber_by_Lukas_Baubkus.jpg", BY_SA_3, "Lukas Baubkus"),
    Photograph(LOMIRI_20, "Painting-Colors_by__herobrine7gamer.jpg", BY_SA_3, "HEROBRINE7GAMER"),
    Photograph(UKUI, "2004default.jpg", BY_SA_3, "Ubuntu Kylin community"),
    Photograph(UKUI, "fluent-color.png", BY_SA_3, "Ubuntu Kylin community"),
    Photograph(UKUI, "rhythm.jpg", BY_SA_3, "Ubuntu Kylin community"),
    Photograph(UKUI, "string.jpg", BY_SA_3, "Ubuntu Kylin community"),
)


def gather(folder: Path) -> None:
    """Write every photograph to `folder`, shrunk, as PNG.

    Raises:
        RuntimeError: a package could not be fetched; the message holds the program's output.
        OSError, ValueError: a picture is missing or cannot be read.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folders = {package: _unpacked(package, Path(scratch)) for package in {each.package for each in PICTURES}}
        for each in PICTURES:
            image = _read(each, folders[each.package])
            small = resize(image, within((image.shape[0], image.shape[1]), LONGEST))
            write_image(folder / f"{Path(each.name).stem}.png", small)


def _unpacked(package: str, scratch: Path) -> Path:
    """The folder with the pictures of a package."""
    if package == SKIMAGE:
        return Path()
    if package == MATPLOTLIB:
        import matplotlib

        return Path(matplotlib.get_data_path()) / "sample_data"
    folder = scratch / package
    folder.mkdir()
    if package == SKLEARN:
        _run(sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", package, folder=folder)
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(SKLEARN_IMAGES)])
        return folder / SKLEARN_IMAGES
    _run("apt-get", "download", package, folder=folder)
    _run("dpkg", "-x", str(next(folder.glob("*.deb"))), "unpacked", folder=folder)
    return folder / "unpacked" / DEBIAN


def _run(*command: str, folder: Path) -> None:
    """Run a program in `folder`; its output appears only in the error if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {(done.stdout + done.stderr).strip()}")


def _read(each: Photograph, folder: Path) -> Image:
    if each.package != SKIMAGE:
        return read_image(folder / each.name)
    from skimage import data

    picture: Image = getattr(data, each.name)()
    return np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture


def main(folder: Annotated[Path, typer.Argument(help="Folder for the pictures.")]) -> None:
    """Gather the photographs."""
    gather(folder)
    typer.echo(f"{len(PICTURES)} photographs are in {folder}")


if __name__ == "__main__":
    typer.run(main)
