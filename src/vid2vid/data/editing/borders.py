"""Label maps with other borders: shapes as somebody may draw or edit them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.data.editing.surroundings import nearest

Labels = NDArray[np.uint8]


def grown(labels: Labels, label: int, pixels: int) -> Labels:
    """Let a label grow over its neighbours, or shrink.

    Args:
        labels: ``(H, W)`` labels.
        label: Which one.
        pixels: How far it grows on all sides; below 0: how far its neighbours, each of them, grow into it.
    """
    if not pixels:
        return labels
    mask = (labels == label).astype(np.uint8)
    side = 2 * abs(pixels) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    if pixels > 0:
        return np.where(cv2.dilate(mask, disc) > 0, np.uint8(label), labels)
    return _taken(labels, mask > 0, cv2.erode(mask, disc) > 0)


def coarsened(labels: Labels, pixels: int) -> Labels:
    """Take for each pixel the label that most of those round it have: details go, corners become round.

    Args:
        labels: ``(H, W)`` labels.
        pixels: Side of the square in which they are counted, odd.
    """
    if pixels <= 1:
        return labels
    result, most = labels.copy(), np.zeros(labels.shape, np.float32)
    for label in np.unique(labels):
        share = cv2.blur((labels == label).astype(np.float32), (pixels, pixels))
        result[share > most] = label
        np.maximum(share, most, out=most)
    return result


def _taken(labels: Labels, mask: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Labels:
    """Give what of a label is not kept to its neighbours."""
    lost = mask & ~kept
    if not lost.any() or mask.all():
        return labels
    result = labels.copy()
    result[lost] = labels.ravel()[nearest(~mask)[lost]]
    return result
