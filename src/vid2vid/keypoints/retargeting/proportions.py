"""Proportions of the person in a video, and movements retargeted from one person to another."""

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
        person: Proportions of its body or face.
        size: ``(height, width)`` of the frames, or None where it is not known.
    """

    person: BodyProportions | FaceProportions
    size: tuple[int, int] | None = None

    @classmethod
    def measure(cls, keypoints: Keypoints) -> "Proportions":
        """Measure the person in a video, over all of its frames.

        Raises:
            DataError: No frame shows enough: of a body neck and hips, of a face all landmarks.
        """
        face = keypoints.points.shape[2] == FACE_POINTS
        return cls((FaceProportions if face else BodyProportions).measure(keypoints.points), keypoints.size)


def retarget(keypoints: Keypoints, *, source: Proportions | None = None, target: Proportions) -> Keypoints:
    """Give the movements in one video the proportions of the person in another.

    Args:
        keypoints: Keypoints of the driving video.
        source: Proportions of the person in it; None: measured in these keypoints.
        target: Proportions of the person in the video that a model was trained on.

    Returns:
        The same frames, of the target's size, with the target's person.

    Raises:
        DataError: One is a face and the other a body, or too little of the person is seen.
    """
    one, other = (source or Proportions.measure(keypoints)).person, target.person
    if isinstance(one, FaceProportions) and isinstance(other, FaceProportions):
        points = retarget_face(keypoints.points, one, other)
    elif isinstance(one, BodyProportions) and isinstance(other, BodyProportions):
        points = retarget_body(keypoints.points, one, other)
    else:
        raise DataError("a face cannot drive a body, nor a body a face: give keypoints of one kind.")
    return replace(keypoints, points=points, size=target.size or keypoints.size)
