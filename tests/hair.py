"""A drawn subject with hair whose true alpha is known."""

import cv2
import numpy as np

from matting.arrays import to_float, to_uint8


def hairs(height, width, *, strands=120, seed=6):
    """(image (H, W, 3) uint8, alpha (H, W) float32): a dark disc with strands to all sides over a bright wall."""
    random = np.random.default_rng(seed)
    finer = 4
    canvas = np.zeros((height * finer, width * finer), np.uint8)
    centre = np.array([width, height]) * finer / 2
    radius = min(height, width) * finer / 5
    cv2.circle(canvas, tuple(map(int, centre)), int(radius), 255, -1)
    for angle in random.uniform(0, 2 * np.pi, strands):
        along = np.linspace(0.9, random.uniform(1.4, 2.2), 40)[:, None] * radius
        bent = angle + np.linspace(0, random.uniform(-0.6, 0.6), 40)
        points = centre + along * np.stack([np.cos(bent), np.sin(bent)], axis=1)
        cv2.polylines(canvas, [points.astype(np.int32)], False, 255, int(random.integers(2, 7)))
    alpha = to_float(canvas).reshape(height, finer, width, finer).mean(axis=(1, 3))
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    wall = np.array([0.85, 0.8, 0.7], np.float32) - 0.15 * rows
    subject = np.array([0.2, 0.12, 0.1], np.float32) + 0.1 * rows
    image = alpha[..., None] * subject + (1 - alpha[..., None]) * wall
    noisy = image + random.normal(0, 0.004, image.shape)
    return to_uint8(noisy), alpha.astype(np.float32)
