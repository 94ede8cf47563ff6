"""What OpenPose writes about one frame: the people in it, with body, hands and face."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.parts import (
    BODY,
    BODY_NAMES,
    BODY_POINTS,
    FACE,
    HAND_POINTS,
    LEFT_HAND,
    PERSON_POINTS,
    RIGHT_HAND,
)
from vid2vid.keypoints.values import finite, parse_json

_PARTS = {"pose": BODY, "hand_left": LEFT_HAND, "hand_right": RIGHT_HAND, "face": FACE}
_COUNTS = {"pose": BODY_POINTS, "hand_left": HAND_POINTS, "hand_right": HAND_POINTS, "face": FACE.stop - FACE.start}

# the older body of 18 points has neither the middle of the hips nor feet
_COCO = [i for i, name in enumerate(BODY_NAMES) if name != "mid_hip" and not name.endswith(("toe", "heel"))]
_MID_HIP = BODY_NAMES.index("mid_hip")
_HIPS = [BODY_NAMES.index("right_hip"), BODY_NAMES.index("left_hip")]

# confidences somewhat above 1 occur in OpenPose's output; far above, the numbers stand in another order
_CONFIDENCE_LIMIT = 2.0


def parse_openpose(text: str) -> NDArray[np.float32]:
    """Parse OpenPose's JSON of one frame, with keys as of today (``pose_keypoints_2d``) or older (``pose_keypoints``).

    Args:
        text: What stands in the file.

    Returns:
        ``(P, 137, 3)``: those of whom anything was detected. Hands and faces that are not there have confidence 0, and
        so have the feet of a body of 18 points (COCO), whose hips' middle is put between its hips.

    Raises:
        DataError: It is no such JSON, an array has a wrong number of numbers, or they cannot be x, y and confidence.
    """
    document = parse_json(text)
    people = document.get("people") if isinstance(document, dict) else None
    if not isinstance(people, list):
        raise DataError('is not OpenPose\'s output: it must be an object with a list of "people".')
    parsed = np.array([_person(person, i) for i, person in enumerate(people)], np.float32)
    parsed = parsed.reshape(-1, PERSON_POINTS, 3)
    return parsed[parsed[..., 2].any(axis=1)]


def _person(person: Any, number: int) -> NDArray[np.float32]:  # noqa: ANN401 - whatever stands there
    if not isinstance(person, dict) or not {"pose_keypoints_2d", "pose_keypoints"} & set(person):
        raise DataError(f'person {number} has no "pose_keypoints_2d".')
    points = np.zeros((PERSON_POINTS, 3), np.float32)
    for part, place in _PARTS.items():
        values = person.get(f"{part}_keypoints_2d", person.get(f"{part}_keypoints"))
        if values:
            points[place] = _part(values, part, f"{part}_keypoints of person {number}")
    return points


def _part(values: Any, part: str, what: str) -> NDArray[np.float32]:  # noqa: ANN401 - whatever stands there
    numbers = finite(values, what)
    counts = (_COUNTS[part], len(_COCO)) if part == "pose" else (_COUNTS[part],)
    if numbers.ndim != 1 or numbers.size not in [3 * count for count in counts]:
        expected = " or ".join(str(count) for count in counts)
        raise DataError(f"{what} must be a list of x, y and confidence of {expected} points, but has {numbers.size}.")
    points = numbers.reshape(-1, 3)
    if points[:, 2].min() < 0 or points[:, 2].max() > _CONFIDENCE_LIMIT:
        raise DataError(
            f"{what}: a confidence is {points[:, 2].min():g} or {points[:, 2].max():g}, but 0..1 is wanted."
        )
    points[:, 2] = points[:, 2].clip(max=1)
    return points if len(points) == _COUNTS[part] else _from_coco(points)


def _from_coco(points: NDArray[np.float32]) -> NDArray[np.float32]:
    body = np.zeros((BODY_POINTS, 3), np.float32)
    body[_COCO] = points
    right, left = body[_HIPS]
    if right[2] and left[2]:
        body[_MID_HIP] = (right + left) / 2
    return body
