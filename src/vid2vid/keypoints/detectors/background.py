"""What surrounds a face: edges that its sketch does not tell of, such as hair, shoulders and the room."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.video import canny

_JAW, _BROWS, _CHIN = slice(0, 17), slice(17, 27), 8
_FOREHEAD = 0.4
"""How far the forehead reaches above the brows, in lengths from the chin to the brows."""


def background_edges(frame: NDArray[np.uint8], faces: NDArray[np.float32], low: int, high: int) -> NDArray[np.uint8]:
    """Return Canny's edges outside of faces, as the paper draws them beside a sketch.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        faces: ``(P, 68, 3)``, landmarks of the faces in it; one of which no point is seen counts as not there.
        low: Canny's lower threshold on 0..255 gradients.
        high: Its upper one.

    Returns:
        ``(H, W)`` uint8, 0 or 255.
    """
    edges = canny(frame, low, high)
    for face in faces:
        if (face[:, 2] > 0).all():
            cv2.fillConvexPoly(edges, _outline(face[:, :2]), (0,))
    return edges


def _outline(points: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return the convex hull of a face with its forehead, which no landmark lies on."""
    up = points[_BROWS].mean(axis=0) - points[_CHIN]
    forehead = points[_BROWS] + _FOREHEAD * up
    hull = cv2.convexHull(np.concatenate([points[_JAW], points[_BROWS], forehead]).round().astype(np.int32))
    return np.asarray(hull, np.int32)
