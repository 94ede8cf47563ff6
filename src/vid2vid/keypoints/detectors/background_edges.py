"""Canny's edges around a face, of what its sketch lacks: hair, shoulders, the room."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.video import canny

_JAW, _BROWS, _CHIN = slice(0, 17), slice(17, 27), 8
_FOREHEAD = 0.4
"""Height of the forehead above the brows, relative to the distance from chin to brows."""


def background_edges(frame: NDArray[np.uint8], faces: NDArray[np.float32], low: int, high: int) -> NDArray[np.uint8]:
    """Return Canny's edges outside of faces, as the paper draws them beside a sketch.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        faces: ``(P, 68, 3)``, landmarks of its faces; faces with missing points are ignored.
        low: Canny's lower threshold on 0..255 gradients.
        high: Canny's upper threshold.

    Returns:
        ``(H, W)`` uint8, 0 or 255.
    """
    edges = canny(frame, low, high)
    for face in faces:
        if (face[:, 2] > 0).all():
            # the convex hull of the face with its forehead, which has no landmarks
            points = face[:, :2]
            forehead = points[_BROWS] + _FOREHEAD * (points[_BROWS].mean(axis=0) - points[_CHIN])
            hull = np.concatenate([points[_JAW], points[_BROWS], forehead]).round().astype(np.int32)
            cv2.fillConvexPoly(edges, cv2.convexHull(hull), (0,))
    return edges
