"""Things outlined by hand on photos that come with scikit-image: what selections are measured against."""

import cv2
import numpy as np

CUP = [  # the cup of skimage's coffee with saucer and spoon, outlined by hand on a picture enlarged 2.5 times
    (160, 83), (130, 105), (104, 132), (88, 160), (79, 190), (77, 215), (80, 245), (90, 280), (108, 310), (135, 338),
    (170, 363), (210, 380), (250, 388), (295, 390), (340, 386), (385, 372), (420, 350), (450, 318), (468, 285),
    (477, 255), (480, 220), (477, 190), (466, 158), (447, 128), (417, 105), (425, 77), (421, 69), (410, 67), (399, 70),
    (385, 55), (362, 38), (330, 24), (290, 18), (250, 21), (215, 35), (190, 57), (181, 72),
]  # fmt: skip


def outlined(corners, size):
    """(H, W) bool: inside the outline."""
    return cv2.fillPoly(np.zeros(size, np.uint8), [np.array(corners)], 1).astype(bool)


def overlap(one, other):
    """Intersection over union of two (H, W) regions."""
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)
