"""How much of a picture guided contextual attention needs to see: alpha compared with that of the whole picture.

    python -m benchmarks.context ../shared/data/alphamatting --trimap trimap1 --contexts 16 32 64 128 256

GCA's official weights may not be shipped, so this uses our own (gca-studio), whose attention is the same. The solvers'
guesses are made once, for the whole picture, so that only what the network sees differs.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.generated.photo import hair_photo
from matting.arrays import UNKNOWN, Alpha, Image, Trimap
from matting.commands.bench import read_dataset
from matting.files import read_alpha, read_image, read_trimap
from matting.metrics import sad
from matting.models.base import impose
from matting.models.gca_studio import MULTIPLE, GCAStudioModel, encode, guess
from matting.resize import pad_to_multiple
from matting.solving.box import Box
from matting.solving.region_by_region import solve_regions
from matting.solving.regions import unknown_regions


def alphas(model: GCAStudioModel, image: Image, trimap: Trimap, contexts: list[int]) -> list[tuple[float, Alpha]]:
    """(share of the picture that was worked on, alpha), first for the whole picture, then for each context."""
    guessed = guess(image, trimap)

    def see(box: Box) -> Alpha:
        inputs = [pad_to_multiple(each[box.slices], MULTIPLE) for each in (image, trimap, guessed.transpose(1, 2, 0))]
        (output,) = model._network(**encode(inputs[0], inputs[1], inputs[2].transpose(2, 0, 1)))
        return output[0, 0, : box.size[0], : box.size[1]]

    found = [(1.0, impose(see(Box(0, 0, *trimap.shape)), trimap))]
    for context in contexts:
        boxes = unknown_regions(trimap, margin=context)
        share = sum(box.area for box in boxes) / trimap.size
        found.append((share, impose(solve_regions(trimap, see, boxes, margin=context), trimap)))
    return found


def photos(folder: Path | None, trimap: str, heights: list[int]) -> dict[str, tuple[Image, Trimap, Alpha]]:
    """Photo, trimap and true alpha of the data set in `folder`, and of generated photos of those heights."""
    found = {}
    if folder:
        data = read_dataset(folder, trimap)
        for stem in sorted(data.truths):
            found[stem] = tuple(
                read(files[stem])
                for read, files in ((read_image, data.images), (read_trimap, data.trimaps), (read_alpha, data.truths))
            )
    for height in heights:
        photo = hair_photo(height, height * 4 // 3)
        found[f"generated {height}"] = photo.image, photo.trimap, photo.alpha
    return found


def main() -> None:
    """Run the module's command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--trimap", default="trimap1")
    parser.add_argument("--heights", type=int, nargs="*", default=[])
    parser.add_argument("--contexts", type=int, nargs="+", default=[16, 32, 64, 128, 256])
    given = parser.parse_args()
    model = GCAStudioModel(exact=True)
    rows = []
    for name, (image, trimap, truth) in photos(given.folder, given.trimap, given.heights).items():
        unknown = trimap == UNKNOWN
        (_, whole), *cut = alphas(model, image, trimap, given.contexts)
        whole_error = sad(whole, truth, trimap)
        for context, (share, alpha) in zip(given.contexts, cut, strict=True):
            difference = np.abs(alpha - whole)[unknown]
            error = sad(alpha, truth, trimap) / whole_error
            rows.append((context, share, difference.mean(), np.quantile(difference, 0.999), error))
            print(f"{name:16} {context:4} share {share:.2f} mean {difference.mean():.5f} SAD × {error:.4f}", flush=True)
    print("\ncontext | share worked on | mean Δ | p99.9 Δ | SAD / whole picture's")
    for context in given.contexts:
        means = np.mean([row[1:] for row in rows if row[0] == context], axis=0)
        print(f"{context} | {means[0]:.2f} | {means[1]:.5f} | {means[2]:.4f} | {means[3]:.4f}")


if __name__ == "__main__":
    main()
