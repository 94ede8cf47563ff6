"""Proportions of the person in a video, and retargeting of movements from one person to another."""

from dataclasses import dataclass, replace

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.retargeting.body_proportions import BodyProportions, retarget_body
from vid2vid.keypoints.retargeting.face_proportions import FaceProportions, retarget_face


@dataclass(frozen=True, eq=False)
class Proportions:
    """Shape, size and position of the person in a video.

    Attributes:
        person: Proportions of the person's body or face.
        size: ``(height, width)`` of the frames, or None if it is not known.
    """

    person: BodyProportions | FaceProportions
    size: tuple[int, int] | None = None

    @classmethod
    def measure(cls, keypoints: Keypoints) -> "Proportions":
        """Measure the person in a video, over all of its frames.

        Raises:
            DataError: No frame shows the neck and the hips of a body, or all landmarks of a face.
        """
        face = keypoints.points.shape[2] == FACE_POINTS
        return cls((FaceProportions if face else BodyProportions).measure(keypoints.points), keypoints.size)


def retarget(keypoints: Keypoints, *, source: Proportions | None = None, target: Proportions) -> Keypoints:
    """Give the movements in one video the proportions of the person in another.

    Args:
        keypoints: Keypoints of the driving video.
        source: Proportions of the person in the driving video; None: they are measured from ``keypoints``.
        target: Proportions of the person in the video that a model was trained on.

    Returns:
        The same movements of the target's person, in frames of the target's size.

    Raises:
        DataError: One is a face and the other a body, or too little of the person is visible.
    """
    one, other = (source or Proportions.measure(keypoints)).person, target.person
    if isinstance(one, FaceProportions) and isinstance(other, FaceProportions):
        points = retarget_face(keypoints.points, one, other)
    elif isinstance(one, BodyProportions) and isinstance(other, BodyProportions):
        points = retarget_body(keypoints.points, one, other)
    else:
        raise DataError("a face cannot drive a body, nor a body a face: give keypoints of one kind.")
    return replace(keypoints, points=points, size=target.size or keypoints.size)
