"""The 68 points of a face by mediapipe's face mesh (Kartynnik et al., 2019)."""

import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints import FACE_POINTS
from vid2vid.keypoints.detectors.mediapipe import Solution, pixels

# each line that ends in its mirror image: from the person's right over the middle to the left
LANDMARKS: tuple[int, ...] = (
    *(127, 234, 132, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 361, 454, 356),  # jaw
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),  # brows
    *(168, 197, 5, 4),  # bridge of the nose, downwards
    *(75, 97, 2, 326, 305),  # tip of the nose
    *(33, 160, 158, 133, 153, 144),  # right eye
    *(362, 385, 387, 263, 373, 380),  # left eye
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),  # lips, outside
    *(78, 82, 13, 312, 308, 317, 14, 87),  # lips, inside
)
"""The vertex of the mesh for each of the 68 points: on the mesh's own contours the one that dlib's point is nearest to
on average over some hundred frames, and the mirrored one for the mirrored point."""

PUPILS = (468, 473)
"""The vertices of the person's right and left pupil."""


class MeshFace:
    """Finds a face and follows it, at any angle; what a hand hides is guessed. Small faces are not found."""

    def __init__(self) -> None:
        self._mesh = Solution("face_mesh", "FaceMesh", max_num_faces=1, refine_landmarks=True)

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the points of the face in the next frame (see `FaceExtractor`); confidence 1, or 0 without a face."""
        points = np.zeros((FACE_POINTS, 3), np.float32)
        faces = self._mesh(frame).multi_face_landmarks
        if faces:
            points[:, :2] = pixels(faces[0], frame)[list(LANDMARKS)]
            points[:, 2] = 1
        return points
