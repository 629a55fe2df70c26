"""A video's colour values ↔ light, by its transfer and its primaries: HDR (PQ, HLG), BT.709, sRGB and others.

Light is linear, with Rec. 709 primaries, and 1 is the white of a page. In HDR that white has 203 nits, and HLG is shown
at a peak of 1000 nits. Sources: SMPTE ST 2084, ITU-R BT.2100-2 (PQ in table 4, HLG in table 5), BT.2408, BT.709,
IEC 61966-2-1.
"""

from collections.abc import Callable

import numpy as np
from av.video.reformatter import ColorPrimaries, ColorTrc
from numpy.typing import NDArray

from matting.arrays import Colours
from matting.composite import to_linear, to_srgb
from matting.video.files.read import Colour

Values = NDArray[np.floating]
WHITE = 203.0
PEAK, HLG_GAMMA = 1000.0, 1.2
LUMINANCE = np.array([0.2627, 0.6780, 0.0593])
M1, M2, C1, C2, C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
A, B, C = 0.17883277, 0.28466892, 0.55991073
D65 = (0.3127, 0.3290)
REC709 = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
PRIMARIES = {
    int(ColorPrimaries.BT2020): ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    int(ColorPrimaries.SMPTE432): ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""CIE xy of red, green and blue, with D65 as white. All others count as Rec. 709; those of SD video are close to it."""


def light_of(colours: Colours, colour: Colour) -> Colours:
    """Linear light of the values (H, W, 3) in [0, 1] of a video tagged `colour`; it may lie beyond 1 and below 0."""
    decode, _ = CURVES.get(colour.transfer, SRGB)
    return (decode(colours) @ _from_primaries(colour).T).astype(np.float32)


def numbers_for(colours: Colours, colour: Colour) -> Colours:
    """sRGB `colours` (H, W, 3) in [0, 1] as the values that show them in a video tagged `colour`.

    Screens show camera curves such as BT.709's as they show sRGB, so their values stay unchanged.
    """
    is_camera = colour.transfer in CAMERAS or colour.transfer not in CURVES
    if is_camera and colour.primaries not in PRIMARIES:
        return colours
    _, encode = SRGB if is_camera else CURVES[colour.transfer]
    light = to_linear(colours) @ np.linalg.inv(_from_primaries(colour)).T
    return np.clip(encode(np.maximum(light, 0)), 0, 1).astype(np.float32)


def _from_primaries(colour: Colour) -> Values:
    """(3, 3) light in the video's primaries → light in Rec. 709's."""
    own = _to_xyz(PRIMARIES.get(colour.primaries, REC709))
    return np.asarray(np.linalg.solve(_to_xyz(REC709), own))


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> Values:
    """(3, 3) linear RGB in these primaries → CIE XYZ."""
    columns, white = (np.array([[x / y, 1, (1 - x - y) / y] for x, y in points]).T for points in (primaries, [D65]))
    return np.asarray(columns * np.linalg.solve(columns, white)[:, 0])


def _pq_light(values: Values) -> Values:
    power = np.power(values, 1 / M2)
    nits = np.power(np.maximum(power - C1, 0) / (C2 - C3 * power), 1 / M1) * 10_000
    return np.asarray(nits / WHITE)


def _pq_numbers(light: Values) -> Values:
    power = np.power(light * WHITE / 10_000, M1)
    return np.asarray(np.power((C1 + C2 * power) / (1 + C3 * power), M2))


def _hlg_light(values: Values) -> Values:
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - C) / A) + B) / 12)
    return np.asarray(scene * np.power(scene @ LUMINANCE, HLG_GAMMA - 1)[..., None] * PEAK / WHITE)


def _hlg_numbers(light: Values) -> Values:
    shown = light * WHITE / PEAK
    scene = shown * np.power(np.maximum(shown @ LUMINANCE, 1e-9), 1 / HLG_GAMMA - 1)[..., None]
    bright = A * np.log(np.maximum(12 * scene - B, 1e-9)) + C
    return np.asarray(np.where(scene <= 1 / 12, np.sqrt(3 * scene), bright))


def _bt709_light(values: Values) -> Values:
    return np.where(values < 0.081, values / 4.5, np.power((values + 0.099) / 1.099, 1 / 0.45))


def _bt709_numbers(light: Values) -> Values:
    return np.where(light < 0.018, 4.5 * light, 1.099 * np.power(light, 0.45) - 0.099)


def _power(gamma: float) -> tuple[Callable[[Values], Values], Callable[[Values], Values]]:
    return (lambda values: np.power(values, gamma)), (lambda light: np.power(light, 1 / gamma))


SRGB = (to_linear, to_srgb)
CAMERAS = {int(kind) for kind in (ColorTrc.BT709, ColorTrc.SMPTE170M, ColorTrc.BT2020_10, ColorTrc.BT2020_12)}
CURVES = {
    **dict.fromkeys(CAMERAS, (_bt709_light, _bt709_numbers)),
    int(ColorTrc.GAMMA22): _power(2.2),
    int(ColorTrc.GAMMA28): _power(2.8),
    int(ColorTrc.LINEAR): _power(1.0),
    int(ColorTrc.SMPTE2084): (_pq_light, _pq_numbers),
    int(ColorTrc.ARIB_STD_B67): (_hlg_light, _hlg_numbers),
}
"""Transfer → (values to light, light to values). A video that names no transfer, or any other, counts as sRGB."""
