"""Who is seen in a video, by numbers; and the movements of one person, given to another."""

from dataclasses import dataclass, replace

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoints import Keypoints
from vid2vid.keypoints.parts import FACE_POINTS
from vid2vid.keypoints.retargeting.body import BodyProportions, retarget_body
from vid2vid.keypoints.retargeting.head import FaceProportions, retarget_face


@dataclass(frozen=True, eq=False)
class Proportions:
    """How the person in a video is built, how large it is and where it is.

    Attributes:
        person: A body's or a face's.
        size: ``(height, width)`` of the frames, or None where it is not known.
    """

    person: BodyProportions | FaceProportions
    size: tuple[int, int] | None = None

    @classmethod
    def measure(cls, keypoints: Keypoints) -> "Proportions":
        """Measure who is in a video, over all of its frames.

        Raises:
            DataError: No frame shows enough: of a body neck and hips, of a face all landmarks.
        """
        face = keypoints.points.shape[2] == FACE_POINTS
        return cls((FaceProportions if face else BodyProportions).measure(keypoints.points), keypoints.size)


def retarget(keypoints: Keypoints, *, source: Proportions | None = None, target: Proportions) -> Keypoints:
    """Let the person of one video move as that of another does.

    Args:
        keypoints: Of the video that drives.
        source: Proportions of who is in it; None: measured in these keypoints.
        target: Proportions of who should move so: in the video that a model was trained on.

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
