"""Canny's edge detector on RGB frames."""

import cv2
import numpy as np
from numpy.typing import NDArray


def canny(frame: NDArray[np.uint8], low: int, high: int) -> NDArray[np.uint8]:
    """Return Canny's edges of an RGB frame ``(H, W, 3)``, 0 or 255, ``(H, W)``.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        low: Lower threshold on 0..255 gradients: weaker edges are dropped.
        high: Upper threshold: stronger edges are kept, and those between the two if they touch a kept one.
    """
    return cv2.Canny(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), low, high).astype(np.uint8)
