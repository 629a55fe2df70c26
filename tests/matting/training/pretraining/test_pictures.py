"""Pictures made on a device against what numpy, OpenCV and closed forms say of them."""

import cv2
import numpy as np
import pytest
import torch

from matting.arrays import to_uint8
from matting.models import studio
from matting.training.augment import jpeg as libjpeg
from matting.training.crops.varied import light
from matting.training.pretraining import camera, trimaps
from matting.training.pretraining.canvas_batches import normalised, photographed
from matting.training.pretraining.canvases import BLOCK, PLANES, Canvases, draw, packed
from matting.training.pretraining.grouping import behind, merged
from matting.training.pretraining.light import lights, relit, under
from matting.training.pretraining.random_tensors import Chance
from matting.training.pretraining.windows import around_soft, seen, window
from matting.training.synthetic import synthesise
from matting.training.trimaps import edges
from matting.trimap import distance_to

CPU = torch.device("cpu")


def chance(*seed):
    return Chance(CPU, seed or (0,))


@pytest.fixture(scope="module")
def canvases():
    return torch.stack([torch.from_numpy(draw(3, number, 96, ())) for number in range(6)])


def one(canvas):
    """The whole canvas, as it is, as a window."""
    ones = torch.ones(len(canvas))
    return seen(canvas, canvas.shape[-1], reach=ones, angle=0 * ones, mirror=ones, shift=torch.zeros(len(canvas), 2))


def test_light_is_that_of_cached_crops():
    rng = np.random.default_rng(0)
    saturation, angle, gain = rng.uniform(0.4, 1.4, 5), rng.uniform(-3, 3, 5), rng.uniform(0.5, 1.5, (5, 3))
    made = lights(*(torch.tensor(values, dtype=torch.float32) for values in (saturation, angle, gain)))
    wanted = np.stack([light(*each) for each in zip(saturation, angle, gain, strict=True)])
    assert np.allclose(made, wanted, atol=1e-6)
    colours = rng.uniform(0, 1, (5, 4, 6, 3)).astype(np.float32)
    lit = under(made, torch.from_numpy(colours).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    assert np.allclose(lit, [np.clip(c @ m, 0, 1) for c, m in zip(colours, wanted, strict=True)], atol=1e-5)


def test_grey_stays_nearly_grey():
    grey = torch.full((64, 3, 2, 2), 0.4)
    spread = relit(grey, chance()).std(dim=1)
    assert spread.median() < 0.06 and relit(grey, chance()).mean() == pytest.approx(0.42, abs=0.06)


def test_canvas_holds_the_scene():
    scene = synthesise([3, 0, 0], (96, 96))
    planes = packed(scene)
    assert planes.shape == (PLANES, 96, 96) and planes.dtype == np.uint8
    assert np.array_equal(planes[3], to_uint8(scene.alpha))
    assert np.array_equal(planes[:3].transpose(1, 2, 0), to_uint8(scene.foreground))
    assert np.array_equal(draw(3, 1, 64, ()), draw(3, 1, 64, ())) and not np.array_equal(
        draw(3, 1, 64, ()), draw(3, 2, 64, ())
    )


def test_blocks_come_in_order_from_any_number():
    numbered = Canvases((), side=32, seed=1)
    blocks = list(numbered.blocks(2, workers=0, last=2 + BLOCK + 1))
    assert [len(block) for block in blocks] == [BLOCK, 1]
    assert np.array_equal(blocks[0][3], draw(1, 5, 32, ()))


def test_whole_window_is_the_canvas_and_others_agree_with_opencv(canvases):
    planes = one(canvases)
    assert torch.allclose(planes, canvases.float() / 255, atol=1e-5)
    reach, angle = torch.full((6,), 0.5), torch.full((6,), 0.3)
    shift = torch.full((6, 2), 0.1)
    planes = seen(canvases, 48, reach=reach, angle=angle, mirror=-torch.ones(6), shift=shift)
    cos, sin = np.cos(0.3) * 0.5, np.sin(0.3) * 0.5
    y, x = np.mgrid[:48, :48]
    u, v = (2 * x + 1) / 48 - 1, (2 * y + 1) / 48 - 1
    across, down = -cos * u - sin * v + 0.1, -sin * u + cos * v + 0.1
    maps = [(((place + 1) * 96 - 1) / 2).astype(np.float32) for place in (across, down)]
    wanted = cv2.remap(canvases[2, 3].numpy().astype(np.float32) / 255, *maps, cv2.INTER_LINEAR)
    assert np.abs(planes[2, 3].numpy() - wanted).max() < 0.02  # OpenCV places pixels to 1/32
    assert np.abs(planes[2, 3].numpy() - wanted).mean() < 1e-3


def test_distances_grow_with_what_is_shown(canvases):
    ones = torch.ones(6)
    nearer = seen(canvases, 96, reach=0.5 * ones, angle=0 * ones, mirror=ones, shift=torch.zeros(6, 2))
    middle = nearer[:, -1, 47:49, 47:49].mean((1, 2)), one(canvases)[:, -1, 47:49, 47:49].mean((1, 2))
    assert torch.allclose(middle[0], 2 * middle[1], atol=0.01)


def test_windows_lie_around_what_is_soft():
    alpha = torch.zeros(200, 64, 64, dtype=torch.uint8)
    alpha[:, 48:64, 0:16] = 128  # one cell: x 8, y 56 of 64 pixels
    places = around_soft(alpha, chance())
    assert ((places - torch.tensor([8 / 32 - 1, 56 / 32 - 1])).abs().max(dim=1).values < 1e-6).float().mean() > 0.95
    planes = window(alpha[:8, None].expand(-1, PLANES, -1, -1), 32, chance())
    assert planes.shape == (8, PLANES, 32, 32) and 0 <= planes[:, :7].min() <= planes[:, :7].max() <= 1


def test_second_foreground_composites_over_the_first():
    generator = torch.Generator().manual_seed(0)
    front, alpha = torch.rand(2, 3, 4, 4, generator=generator), 0.6 * torch.rand(2, 1, 4, 4, generator=generator)
    back, distance = torch.rand(2, 3, 4, 4, generator=generator), torch.rand(2, 1, 4, 4, generator=generator)
    chosen = torch.tensor([True, False]).view(2, 1, 1, 1)
    both, share, near = merged(front, alpha, distance, chosen)
    below = front[0] * alpha[0] + back[0] * (1 - alpha[0])
    wanted = front[1] * alpha[1] + below * (1 - alpha[1])
    assert torch.allclose(both[0] * share[0] + back[0] * (1 - share[0]), wanted, atol=1e-5)
    assert torch.equal(near[0], torch.minimum(distance[0], distance[1]))
    assert torch.equal(both[1], front[1]) and torch.equal(share[1], alpha[1])
    full, kept, _ = merged(front, torch.ones_like(alpha), distance, chosen)
    assert torch.equal(kept, torch.ones_like(alpha)) and torch.equal(full, front)


def test_backgrounds_are_pictures():
    generator = torch.Generator().manual_seed(0)
    front, back = (torch.rand(40, 3, 32, 32, generator=generator) for _ in range(2))
    alpha = (torch.rand(40, 1, 32, 32, generator=generator) > 0.5).float()
    made = behind(front, alpha, back, chance())
    assert made.shape == back.shape and 0 <= made.min() <= made.max() <= 1
    same = [torch.allclose(made[n], back[n]) for n in range(40)]
    assert 5 < sum(same) < 25  # half keep their own, less those drawn to a colour or out of focus


def test_jpeg_is_what_a_library_makes():
    y, x = np.mgrid[:64, :64]
    picture = (
        np.stack([128 + 90 * np.sin(x / 9), 128 + 90 * np.cos(y / 7), 2.0 * (x + y)], 2).clip(0, 255).astype(np.uint8)
    )
    tensor = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    for quality in (60, 92):
        ours = camera.jpeg(tensor, torch.tensor([float(quality)]))[0].permute(1, 2, 0).numpy() * 255
        theirs = libjpeg(picture, quality)
        assert np.abs(ours - theirs).mean() < 4  # theirs has other tables for colour, and less of it
        assert np.abs(ours.mean((0, 1)) - picture.mean((0, 1))).max() < 1.5
    assert torch.allclose(camera.jpeg(tensor, torch.tensor([100.0])), tensor, atol=0.02)
    shifted = camera.jpeg(tensor, torch.tensor([60.0]), (3, 5))
    assert (
        not torch.equal(shifted, camera.jpeg(tensor, torch.tensor([60.0]))) and (shifted - tensor).abs().mean() < 0.03
    )


def test_noise_is_as_strong_as_drawn():
    flat = torch.full((400, 3, 16, 16), 0.25)
    deviation = (camera.noisy(flat, chance()) - flat).flatten(1).std(dim=1)
    # read² + 0.25 shot², both exponential: E = 2 · 0.005² + 0.25 · 2 · 0.006²
    assert deviation.square().mean() == pytest.approx(2 * 0.005**2 + 0.5 * 0.006**2, rel=0.3)


def test_stored_pictures_have_8_bits():
    image = camera.stored(torch.rand(10, 3, 32, 32, generator=torch.Generator().manual_seed(0)), chance())
    assert torch.allclose(image * 255, (image * 255).round(), atol=1e-4) and 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize("reach", [3, 9])
def test_trimap_is_what_numpy_draws_of_the_same_alpha(canvases, reach):
    planes = one(canvases)
    alpha, distance = planes[:, 3:4], planes[:, 7:8] * 255
    made = trimaps.one_hot(alpha, trimaps.band(alpha, distance.round(), torch.tensor(float(reach))))
    for number, canvas in enumerate(canvases.numpy()):
        values = canvas[3].astype(np.float32) / 255
        soft = ((values > 0) & (values < 1)) | edges(values)
        unknown = np.floor(distance_to(soft)) <= reach  # canvases keep whole pixels
        wanted = np.stack([~unknown & (values < 0.5), unknown, ~unknown & (values >= 0.5)])
        assert np.mean(made[number].numpy() == wanted) > 0.999


def test_small_islands_are_painted_over_and_large_ones_stay():
    unknown = torch.ones(1, 1, 64, 64)
    unknown[..., 10:13, 10:13] = 0
    unknown[..., 30:50, 30:50] = 0
    painted = trimaps.closed(unknown, 4)
    assert painted[..., 10:13, 10:13].all() and not painted[..., 32:48, 32:48].any()


def test_drawn_trimaps_know_only_what_is_true(canvases):
    planes = one(canvases.repeat(20, 1, 1, 1))
    alpha = planes[:, 3:4]
    made = trimaps.drawn_trimaps(alpha, planes[:, 7:8] * 255, chance())
    assert torch.equal(made.sum(1), torch.ones_like(made[:, 0]))
    assert (alpha[made[:, :1] > 0] == 0).all() and (alpha[made[:, 2:] > 0] == 1).all()
    reaches = trimaps.drawn_reach(4000, chance()).flatten()
    assert reaches.min() >= 2.5 and reaches.max() <= 120 and 0.1 < (reaches > 30).float().mean() < 0.2


def test_input_is_encoded_as_the_model_encodes_it(canvases):
    batch = photographed(canvases, 64, chance())
    trimap, mean = batch["inputs"]["trimap"], (0.485, 0.456, 0.406)
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    image = to_uint8(picture[0].permute(1, 2, 0).numpy())
    labels = (128 * trimap[0, 1] + 255 * trimap[0, 2]).numpy().astype(np.uint8)[:32, :32]
    wanted = studio.encode(image, labels)
    assert np.allclose(
        normalised(torch.from_numpy(image / np.float32(255)).permute(2, 0, 1)[None]), wanted["image"], atol=1e-6
    )
    assert np.array_equal(trimap[:1, :, :32, :32], wanted["trimap"])
    assert normalised(torch.tensor(mean).view(1, 3, 1, 1)).abs().max() < 1e-6


def test_batch_is_repeatable_and_its_image_is_the_composite(canvases):
    batch, again = (photographed(canvases, 64, chance(1, 2)) for _ in range(2))
    assert torch.equal(batch["inputs"]["image"], again["inputs"]["image"]) and torch.equal(
        batch["alpha"], again["alpha"]
    )
    assert not torch.equal(batch["alpha"], photographed(canvases, 64, chance(1, 3))["alpha"])
    composed = batch["foreground"] * batch["alpha"] + batch["background"] * (1 - batch["alpha"])
    last = slice(4, None)  # neither sharpened nor compressed: noise alone
    assert (normalised(composed)[last] - batch["inputs"]["image"][last]).abs().mean() < 0.1
    assert torch.equal(batch["unknown"], batch["inputs"]["trimap"][:, 1:2])
