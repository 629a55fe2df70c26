"""HDR and other curves against the figures their standards print, and through whole files."""

import av
import numpy as np
import pytest

import matting.models
from matting.video.files import exr_bytes, light, numbers_for, open_video, read_frames
from matting.video.files.light import light_of
from matting.video.files.read import Colour
from matting.video.rendering import Settings, render
from tests.matting.video.clips import write_clip
from tests.matting.video.test_rendering import LeftHalf

BT709, UNNAMED, BT2020, P3 = 1, 2, 9, 12
SRGB, PQ, HLG, LINEAR = 13, 16, 18, 8
PRINTED = {  # share of the signal → nits, in ITU-R BT.2408-7, tables 1 and 2
    PQ: {0.38: 26, 0.5081: 100, 0.5807: 203, 0.7518: 1000, 1.0: 10000},
    HLG: {0.38: 26, 0.75: 203, 1.0: 1000},
}


def tagged(transfer, primaries=BT709):
    return Colour(1, 1, primaries, transfer)


def grey(value):
    return np.full((1, 1, 3), value, np.float32)


@pytest.mark.parametrize("transfer", PRINTED)
def test_greys_of_hdr_have_the_nits_that_are_printed(transfer):
    for value, nits in PRINTED[transfer].items():
        light = light_of(grey(value), tagged(transfer, BT2020))
        assert np.allclose(light * 203, nits, rtol=0.03), value


def test_constants_are_those_of_bt2100():
    """ITU-R BT.2100-2, tables 4 and 5: as decimals there, and by the equations that join them."""
    pq = (light.M1, light.M2, light.C1, light.C2, light.C3)
    assert pq == (0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875)
    assert light.C1 == light.C3 - light.C2 + 1
    assert np.allclose((light.B, light.C), (1 - 4 * light.A, 0.5 - light.A * np.log(4 * light.A)), rtol=0, atol=5e-9)
    assert np.isclose(light.LUMINANCE.sum(), 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("transfer", "value", "nits"),
    [(PQ, 0, 0), (PQ, 1, 10_000), (HLG, 0, 0), (HLG, 0.5, 1000 * (1 / 12) ** 1.2), (HLG, 1, 1000)],
)
def test_known_points_of_bt2100(transfer, value, nits):
    """Both ends, and where HLG's square root meets its logarithm: half the signal is a twelfth of the scene's light."""
    assert np.allclose(light_of(grey(value), tagged(transfer, BT2020)) * 203, nits, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("transfer", "white"), [(PQ, 0.5807), (HLG, 0.75), (SRGB, 1), (BT709, 1), (UNNAMED, 1)])
def test_a_white_background_is_the_white_of_a_page(transfer, white):
    assert np.allclose(numbers_for(grey(1), tagged(transfer, BT2020)), white, atol=0.003)
    assert np.allclose(numbers_for(grey(0), tagged(transfer, BT2020)), 0, atol=1e-3)


def test_primaries_are_those_of_bt_2087():
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    red = numbers_for(np.array([[[1, 0, 0]]], np.float32), tagged(LINEAR, BT2020))
    assert np.allclose(red, to_2020[:, 0], atol=2e-4)
    colours = np.random.default_rng(0).random((5, 6, 3), np.float32)
    assert np.allclose(light_of((colours @ to_2020.T).astype(np.float32), tagged(LINEAR, BT2020)), colours, atol=1e-3)


@pytest.mark.parametrize("transfer", [PQ, HLG, LINEAR, 4, 5, SRGB])
@pytest.mark.parametrize("primaries", [BT709, BT2020, P3])
def test_there_and_back(transfer, primaries):
    colours = np.random.default_rng(1).random((8, 9, 3), np.float32)
    light = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    there = numbers_for(colours, tagged(transfer, primaries))
    assert np.allclose(light_of(there, tagged(transfer, primaries)), light, atol=2e-3)


def test_what_is_plain_video_keeps_its_numbers():
    colours = np.random.default_rng(2).random((8, 9, 3), np.float32)
    for transfer in (BT709, UNNAMED, 6, SRGB, 14):
        assert np.allclose(numbers_for(colours, tagged(transfer)), colours, atol=1e-6)


@pytest.mark.parametrize(("transfer", "value", "light"), [(BT709, 0.5, 0.2597), (BT709, 0.05, 0.0111), (4, 0.5, 0.2176),
                                                          (PQ, 0.7518, 4.926), (UNNAMED, 0.5, 0.2140)])  # fmt: skip
def test_exr_is_linear_by_the_videos_own_curve(tmp_path, transfer, value, light):
    foreground, alpha = np.full((16, 16, 3), value, np.float32), np.full((16, 16), 0.5, np.float32)
    (tmp_path / "a.exr").write_bytes(exr_bytes(foreground, alpha, tagged(transfer)))
    with av.open(str(tmp_path / "a.exr")) as container:
        (frame,) = container.decode(video=0)
    assert np.allclose(frame.to_ndarray()[..., :3], light * 0.5, rtol=0.005)


@pytest.mark.parametrize(("transfer", "white"), [(PQ, 0.5807), (HLG, 0.75)])
def test_a_background_over_hdr_is_no_lamp(tmp_path, monkeypatch, transfer, white):
    monkeypatch.setitem(matting.models.MODELS, "left-half", LeftHalf)
    options = {"x265-params": f"log-level=0:bframes=0:colorprim=9:transfer={transfer}:colormatrix=9"}
    write_clip(
        tmp_path / "a.mp4", frames=3, codec="libx265", pixels="yuv420p10le", sound=None, options=options, colour=(9, 1)
    )
    video = open_video(tmp_path / "a.mp4")
    assert (video.colour.transfer, video.colour.primaries) == (transfer, BT2020)
    list(render(tmp_path / "a.mp4", tmp_path / "b.mp4", Settings("hevc", "left-half", background="#ffffff")))
    made = open_video(tmp_path / "b.mp4")
    assert (made.colour.transfer, made.colour.primaries) == (transfer, BT2020)
    right = next(read_frames(made)).stored[:, 80:] / 65535
    assert abs(right.mean() - white) < 0.01
