"""A generated photo of a hairy subject whose alpha, foreground and background are known exactly."""

from dataclasses import dataclass

import cv2
import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Colours, Image, Trimap, to_uint8


@dataclass(frozen=True)
class Photo:
    """`image` is `alpha` × `foreground` + (1 - `alpha`) × `background`, with camera noise, in 8 bits."""

    image: Image
    trimap: Trimap
    alpha: Alpha
    foreground: Colours
    background: Colours


def hair_photo(height: int, width: int, *, seed: int = 0) -> Photo:
    """A round head with hair standing out, in front of a cloudy background; hair and band scale with the height."""
    random = np.random.default_rng(seed)
    body, alpha = _silhouette(height, width, random)
    foreground = _texture(height, width, random, colour=(0.35, 0.22, 0.12), contrast=0.18)
    background = _texture(height, width, random, colour=(0.45, 0.55, 0.62), contrast=0.35)
    clean = background + alpha[..., None] * (foreground - background)
    noise = random.standard_normal(clean.shape, np.float32) * np.float32(0.008)
    return Photo(to_uint8(clean + noise), _trimap(alpha, body), alpha, foreground, background)


def _silhouette(height: int, width: int, random: np.random.Generator) -> tuple[Alpha, Alpha]:
    """The alphas (H, W) of the bare head, and of the head with 1,500 strands of hair."""
    centre, axes = np.array([0.5 * width, 0.55 * height]), np.array([0.27, 0.36]) * height
    canvas = np.zeros((height, width), np.uint8)
    fixed = 16  # cv2 draws at 1/16 pixel
    cv2.ellipse(canvas, *[tuple(map(int, pair * fixed)) for pair in (centre, axes)], 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    body = canvas.astype(np.float32) / 255
    for angle in random.uniform(0, 2 * np.pi, 1500):
        out = np.array([np.cos(angle), np.sin(angle)])
        bend = np.array([-out[1], out[0]]) * random.normal(0, 0.025) * height
        along = np.linspace(0, 1, 24)[:, None]
        strand = centre + 0.98 * out * axes + out * along * random.uniform(0.01, 0.07) * height + bend * along**2
        thickness = max(1, round(height / 1500 * random.uniform(0.3, 1.3)))
        cv2.polylines(canvas, [np.int32(strand * fixed)], False, 255, thickness, cv2.LINE_AA, 4)
    blur = max(0.6, height / 3000)
    return body, np.clip(cv2.GaussianBlur(canvas, (0, 0), blur).astype(np.float32) / 255, 0, 1)


def _texture(
    height: int, width: int, random: np.random.Generator, *, colour: tuple[float, float, float], contrast: float
) -> Colours:
    """`colour`, varied by noise with grains from a fifth of the picture down to a few pixels."""
    result = np.full((height, width, 3), colour, np.float32)
    for grain in (5, 20, 80, 320):
        size = grain + 2, max(3, grain * width // height + 2)
        small = random.standard_normal((*size, 1), np.float32) + 0.3 * random.standard_normal((*size, 3), np.float32)
        result += contrast * grain**-0.5 * cv2.resize(small, dsize=(width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(result, 0.02, 0.98)


def _trimap(alpha: Alpha, body: Alpha) -> Trimap:
    """A trimap, unknown from a little inside the head to a little outside the hair, as a person would paint it."""
    reach = max(3, alpha.shape[0] // 100)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    hair = cv2.morphologyEx((alpha > 0).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    trimap = np.where(cv2.dilate(hair, disc) > 0, UNKNOWN, BACKGROUND).astype(np.uint8)
    trimap[cv2.erode((body >= 1).astype(np.uint8), disc) > 0] = FOREGROUND
    return trimap
