"""Edges of what surrounds a face: kept outside of it, gone inside."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints.detectors.background_edges import background_edges
from vid2vid.video import canny

SIZE = 120


def face(confidence: float = 1.0) -> NDArray[np.float32]:
    """Return landmarks round (60, 70): the jaw as half an ellipse, the rest as its brows."""
    points = np.zeros((68, 3), np.float32)
    angles = np.linspace(np.pi, 0, 17)
    points[:17, 0], points[:17, 1] = 60 + 25 * np.cos(angles), 65 + 30 * np.sin(angles)
    points[17:27, 0], points[17:27, 1] = np.linspace(38, 82, 10), 58
    points[27:, :2] = 60, 75
    points[:, 2] = confidence
    return points


def portrait() -> NDArray[np.uint8]:
    """Return a picture with a vertical line through the face and one beside it."""
    frame = np.zeros((SIZE, SIZE, 3), np.uint8)
    cv2.line(frame, (60, 0), (60, SIZE), (255, 255, 255), 3)
    cv2.line(frame, (10, 0), (10, SIZE), (255, 255, 255), 3)
    return frame


def test_edges_are_left_out_inside_the_face_and_its_forehead() -> None:
    edges, all_edges = background_edges(portrait(), face()[None], 60, 150), canny(portrait(), 60, 150)
    assert all_edges[50:90, 55:65].any()
    # from the chin at 95 up to the forehead, 0.4 of the way from chin to brows (37) above them
    assert not edges[45:94, 55:65].any()
    np.testing.assert_array_equal(edges[:, :30], all_edges[:, :30])
    np.testing.assert_array_equal(edges[:40], all_edges[:40])
    np.testing.assert_array_equal(edges[98:], all_edges[98:])


def test_without_a_face_all_edges_stay() -> None:
    for faces in (face(0)[None], np.zeros((0, 68, 3), np.float32)):
        np.testing.assert_array_equal(background_edges(portrait(), faces, 60, 150), canny(portrait(), 60, 150))
