"""Colours of pictures: channels shown as grey, as RGB, or each in its own hue."""

import cv2
import numpy as np
from numpy.typing import NDArray


def is_grey(colours: NDArray[np.uint8]) -> bool:
    """Whether all pixels of RGB pictures ``(..., 3)`` are grey."""
    return bool((colours == colours[..., :1]).all())


def channels_picture(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Show one or three channels ``(1 or 3, H, W)`` as a grey or an RGB picture ``(H, W, 3)``."""
    return np.ascontiguousarray(np.broadcast_to(planes, (3, *planes.shape[1:])).transpose(1, 2, 0))


def hues_picture(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Show any number of channels ``(S, H, W)``, each in its own hue, brighter for higher values."""
    picture = np.zeros((*planes.shape[1:], 3), np.uint8)
    for plane, hue in zip(planes, hues(len(planes)), strict=True):
        np.maximum(picture, (plane[..., None].astype(np.uint16) * hue // 255).astype(np.uint8), out=picture)
    return picture


def hues(count: int) -> NDArray[np.uint8]:
    """Return evenly spread hues, ``(count, 3)`` RGB."""
    angles = np.linspace(0, 180, count, endpoint=False).astype(np.uint8)
    hsv = np.stack([angles, np.full_like(angles, 160), np.full_like(angles, 230)], axis=-1)
    return np.asarray(cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0], np.uint8)
