"""Crops composed of pairs: sizes, seeds, and merging checked against compositing one after the other."""

import numpy as np
import pytest

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, to_uint8
from matting.composite import composite
from matting.files import write_image
from matting.training.crops.compose import ComposedCrops, cut_out, merge, placed, warped
from matting.training.crops.pairs import find_pairs
from matting.training.modnet.whole_photos import ComposedPhotos, WholePhotos
from matting.training.synthetic import synthesise


def test_merging_is_laying_one_over_the_other():
    first, second = (synthesise(seed, (64, 64)) for seed in (1, 2))
    colours, alpha = merge((first.foreground, first.alpha), (second.foreground, second.alpha))
    ground = first.background
    lower = composite(second.foreground, second.alpha, ground)
    wanted = composite(first.foreground, first.alpha, lower)
    assert np.abs(composite(colours, alpha, ground) - wanted).max() < 2e-3


def test_placed_on_a_soft_pixel():
    alpha = np.zeros((300, 400), np.float32)
    alpha[200, 310] = 0.5
    for seed in range(20):
        affine = placed(alpha, np.random.default_rng(seed), size=128)
        centre = affine @ np.array([64, 64, 1])
        assert np.abs(centre - (310, 200)).max() <= 0.25 * 128 + 1e-3
        assert 0.5 < np.sqrt(abs(np.linalg.det(affine[:, :2]))) * 128 / 320 < 3


def test_warp_keeps_brightness():
    picture = np.random.default_rng(0).random((240, 240)).astype(np.float32)
    affine = np.array([[2, 0, 20], [0, 2, 20]], np.float32)
    small = warped(picture, affine, 100, 0)
    assert small.mean() == pytest.approx(picture[20:220, 20:220].mean(), abs=0.01)
    assert small.std() < 0.75 * picture.std()  # averaged, not skipped


@pytest.mark.parametrize(("size", "picture"), [((50, 70), (10, 12)), ((50, 70), (500, 300)), ((50, 70), (1, 1))])
def test_backgrounds_of_any_size(size, picture):
    image = np.random.default_rng(0).integers(0, 255, (*picture, 3), np.uint8)
    assert cut_out(image, size, np.random.default_rng(1)).shape == (*size, 3)


@pytest.mark.parametrize("count", [1, 3])
def test_crops_of_a_folder_with_mixed_sizes(tmp_path, count):
    for index, size in zip(range(count), ((90, 140), (300, 200), (33, 500)), strict=False):
        scene = synthesise(index, size)
        write_image(tmp_path / "fg" / f"{index}.png", to_uint8(scene.foreground))
        write_image(tmp_path / "alpha" / f"{index}.png", to_uint8(scene.alpha))
    crops = ComposedCrops(find_pairs(tmp_path).pairs, (), size=96, seed=0)
    for index in range(6):
        crop, again = crops(index), crops(index)
        assert crop.image.shape == (96, 96, 3) and np.array_equal(crop.image, again.image)
        rough = composite(crop.foreground, crop.alpha, crop.background) * 255
        assert np.median(np.abs(rough - crop.image)) < 25  # the camera's faults, not another picture


def test_small_pictures_give_crops_with_both_kinds_known(tmp_path):
    scene = synthesise(1, (150, 110))  # a third of the smallest cut
    write_image(tmp_path / "fg" / "a.png", to_uint8(scene.foreground))
    write_image(tmp_path / "alpha" / "a.png", to_uint8(scene.alpha))
    crops = ComposedCrops(find_pairs(tmp_path).pairs, (), size=128, seed=0)
    for index in range(12):
        assert {BACKGROUND, UNKNOWN, FOREGROUND} == set(np.unique(crops(index).trimap))


@pytest.mark.parametrize("kind", [ComposedCrops, WholePhotos, ComposedPhotos])
def test_half_of_the_crops_show_the_photo_before_its_own_background(tmp_path, kind):
    """The background is green, a colour that no other background has: no crop is composed before it."""
    scene = synthesise(5, (200, 160), kind="solid")
    green = np.broadcast_to(np.array([0, 1, 0], np.float32), (200, 160, 3))
    photo = composite(scene.foreground, scene.alpha, green)
    for folder, picture in {"fg": scene.foreground, "alpha": scene.alpha, "merged": photo}.items():
        write_image(tmp_path / folder / "a.png", to_uint8(picture))
    crops = kind(find_pairs(tmp_path).pairs, (), size=96, seed=0)
    count, all_crops = 0, [crops(index) for index in range(40)]
    for crop in all_crops:
        is_green = (crop.image - np.float32((0, 255, 0)))[crop.alpha == 0]
        if np.abs(is_green).max(1, initial=0).mean() > 40:
            continue
        count += 1
        again = 255 * composite(crop.foreground, crop.alpha, crop.background)
        assert np.median(np.abs(again - crop.image)) < 25  # the colours that the losses compare are those of the photo
    assert (count == 0) if kind is ComposedPhotos else 10 <= count <= 30


def test_sizes_of_a_pair_must_agree(tmp_path):
    write_image(tmp_path / "fg" / "a.png", np.zeros((20, 30, 3), np.uint8))
    write_image(tmp_path / "alpha" / "a.png", np.zeros((20, 31), np.uint8))
    with pytest.raises(ValueError, match=r"must be 20 × 30 pixels, like .*a\.png, but is 20 × 31"):
        find_pairs(tmp_path).pairs[0].read()
