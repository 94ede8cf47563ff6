"""Keypoints as other programs write them: a folder with one file per frame.

There are three formats: lines of x and y, and a JSON list of [x, y], for the 68 points of one face; and OpenPose's
JSON, for the bodies, hands and faces of people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError, why
from vid2vid.files import parse_json
from vid2vid.keypoints.keypoint_layout import (
    BODY,
    BODY_NAMES,
    BODY_POINTS,
    FACE,
    FACE_POINTS,
    HAND_POINTS,
    LEFT_HAND,
    PERSON_POINTS,
    RIGHT_HAND,
)
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.video.images import list_folder
from vid2vid.video.progress import progress

ENDINGS = (".json", ".txt")
_PARTS = {"pose": BODY, "hand_left": LEFT_HAND, "hand_right": RIGHT_HAND, "face": FACE}
_COUNTS = {"pose": BODY_POINTS, "hand_left": HAND_POINTS, "hand_right": HAND_POINTS, "face": FACE.stop - FACE.start}

# OpenPose's older body of 18 points lacks the middle of the hips and the feet
_COCO = [i for i, name in enumerate(BODY_NAMES) if name != "mid_hip" and not name.endswith(("toe", "heel"))]
_MID_HIP = BODY_NAMES.index("mid_hip")
_HIPS = [BODY_NAMES.index("right_hip"), BODY_NAMES.index("left_hip")]

# confidences slightly above 1 occur in OpenPose's output; larger values mean that the numbers have another order
_CONFIDENCE_LIMIT = 2.0


@dataclass(frozen=True)
class Format:
    """A format of files with the keypoints of one frame.

    Attributes:
        name: Its name in messages.
        points: N, the number of points of each person.
        parse: Converts the text of a file to ``(P, N, 3)`` float32, with P = 0 if nobody was detected; raises
            `DataError` without the name of the file.
    """

    name: str
    points: int
    parse: Callable[[str], NDArray[np.float32]]


def read_keypoints(path: Path) -> Keypoints:
    """Read keypoints of any known format, which is detected from the content.

    Args:
        path: An ``.npz`` file of `Keypoints.save`, or a folder of text files, one per frame, in natural order (2.json
            before 10.json): lines ``x,y`` or ``x y`` for the 68 points of a face, a JSON list of 68 ``[x, y]``
            (empty: no face), or OpenPose's JSON. Files that do not end in .json or .txt are ignored.

    Returns:
        All frames. P is the largest number of people in any of them; absent people have confidence 0.

    Raises:
        DataError: The file or folder is missing, the folder has no keypoints, or a file is damaged or differs in format
            from the first; the message names it.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     for frame in range(2):
        ...         points = [[x, 10 * frame] for x in range(FACE_POINTS)]
        ...         _ = Path(folder, f"{frame}.json").write_text(str(points))
        ...     keypoints = read_keypoints(Path(folder))
        >>> keypoints.points.shape, keypoints.points[1, 0, 2].tolist()
        ((2, 1, 68, 3), [2.0, 10.0, 1.0])
    """
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder of keypoints; check the path.")
    return Keypoints.load(path)


def _read_folder(folder: Path) -> Keypoints:
    paths = [path for path in list_folder(folder) if path.suffix.lower() in ENDINGS]
    if not paths:
        raise DataError(f"{folder}: the folder holds no keypoints; give a file for each frame ({', '.join(ENDINGS)}).")
    wanted = _format(paths[0], _text(paths[0]))
    frames = [_read_file(path, wanted, paths[0]) for path in progress(paths, f"reading {folder.name}", unit="file")]
    points = np.zeros((len(frames), max(1, *map(len, frames)), wanted.points, 3), np.float32)
    for frame, people in zip(points, frames, strict=True):
        frame[: len(people)] = people
    seen = points[points[..., 2] > 0]
    if len(seen) and np.abs(seen[:, :2]).max() <= 1:
        raise DataError(
            f"{folder}: all coordinates lie in -1..1; pixels are needed (OpenPose writes them with keypoint_scale 0)."
        )
    return Keypoints(points)


def _read_file(path: Path, wanted: Format, first: Path) -> NDArray[np.float32]:
    text = _text(path)
    found = _format(path, text)
    if found is not wanted:
        raise DataError(
            f"{path}: holds {found.name}, but {first.name} holds {wanted.name}; keep one format in a folder."
        )
    try:
        return found.parse(text)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        # some programs on Windows write a byte order mark
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise DataError(f"{path}: cannot be read as text: {error}") from error


def _format(path: Path, text: str) -> Format:
    start = text.lstrip()[:1]
    if start == "{":
        return OPENPOSE
    return LIST if start == "[" or path.suffix.lower() == ".json" else LINES


def parse_lines(text: str) -> NDArray[np.float32]:
    """Parse a face as 68 lines ``x,y`` or ``x y``.

    Args:
        text: Content of the file; empty lines are skipped.

    Returns:
        ``(1, 68, 3)``: the face, with confidence 1; points at (-1, -1) are missing and have confidence 0. If all points
        are missing or at the same place, there is no face: ``(0, 68, 3)``.

    Raises:
        DataError: There are not 68 lines, or a line does not have two numbers.
    """
    points = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                x, y = map(float, line.replace(",", " ").split())
            except ValueError as error:
                message = f"line {number} must hold two numbers, x and y, but is {line.strip()[:40]!r}."
                raise DataError(message) from error
            points.append([x, y])
    return _face(points, "lines")


def parse_list(text: str) -> NDArray[np.float32]:
    """Parse a face as a JSON list of 68 ``[x, y]``.

    Args:
        text: Content of the file.

    Returns:
        ``(1, 68, 3)``: the face, as from `parse_lines`; ``(0, 68, 3)`` also for an empty list.

    Raises:
        DataError: The text is not such a list.
    """
    points = _parse_json(text)
    if not isinstance(points, list):
        raise DataError(f"must hold a list of {FACE_POINTS} points [x, y].")
    return _face(points, "points") if points else np.zeros((0, FACE_POINTS, 3), np.float32)


def _face(points: list[Any], what: str) -> NDArray[np.float32]:
    if len(points) != FACE_POINTS:
        raise DataError(f"has {len(points)} {what}, but a face has {FACE_POINTS} points.")
    places = _finite(points, "the coordinates")
    if places.shape != (FACE_POINTS, 2):
        raise DataError("each point must be two numbers, [x, y].")
    # many programs write (-1, -1) for a missing point, or the same place for all points if there is no face
    found = (places != -1).any(axis=1)
    if not found.any() or (places == places[0]).all():
        return np.zeros((0, FACE_POINTS, 3), np.float32)
    return np.column_stack([places, found.astype(np.float32)])[None]


def parse_openpose(text: str) -> NDArray[np.float32]:
    """Parse OpenPose's JSON of one frame, with current keys (``pose_keypoints_2d``) or older ones (``pose_keypoints``).

    Args:
        text: Content of the file.

    Returns:
        ``(P, 137, 3)``: all people with at least one detected point. Missing hands and faces have confidence 0. A body
        of 18 points (COCO) lacks the feet, which get confidence 0; the middle of its hips is computed from the hips.

    Raises:
        DataError: The text is not such JSON, an array has a wrong length, or its values cannot be x, y and confidence.
    """
    document = _parse_json(text)
    people = document.get("people") if isinstance(document, dict) else None
    if not isinstance(people, list):
        raise DataError('is not OpenPose\'s output: it must be an object with a list of "people".')
    parsed = np.array([_person(person, i) for i, person in enumerate(people)], np.float32)
    parsed = parsed.reshape(-1, PERSON_POINTS, 3)
    return parsed[parsed[..., 2].any(axis=1)]


def _person(person: Any, number: int) -> NDArray[np.float32]:  # noqa: ANN401 - unchecked JSON
    if not isinstance(person, dict) or not {"pose_keypoints_2d", "pose_keypoints"} & set(person):
        raise DataError(f'person {number} has no "pose_keypoints_2d".')
    points = np.zeros((PERSON_POINTS, 3), np.float32)
    for part, place in _PARTS.items():
        values = person.get(f"{part}_keypoints_2d", person.get(f"{part}_keypoints"))
        if values:
            points[place] = _part(values, part, f"{part}_keypoints of person {number}")
    return points


def _part(values: Any, part: str, what: str) -> NDArray[np.float32]:  # noqa: ANN401 - unchecked JSON
    numbers = _finite(values, what)
    counts = (_COUNTS[part], len(_COCO)) if part == "pose" else (_COUNTS[part],)
    if numbers.ndim != 1 or numbers.size not in [3 * count for count in counts]:
        expected = " or ".join(str(count) for count in counts)
        raise DataError(f"{what} must be a list of x, y and confidence of {expected} points, but has {numbers.size}.")
    points = numbers.reshape(-1, 3)
    if points[:, 2].min() < 0 or points[:, 2].max() > _CONFIDENCE_LIMIT:
        raise DataError(
            f"{what}: confidences must lie in 0..1, but lie in {points[:, 2].min():g}..{points[:, 2].max():g}."
        )
    points[:, 2] = points[:, 2].clip(max=1)
    if len(points) == _COUNTS[part]:
        return points
    body = np.zeros((BODY_POINTS, 3), np.float32)
    body[_COCO] = points
    right, left = body[_HIPS]
    if right[2] and left[2]:
        body[_MID_HIP] = (right + left) / 2
    return body


def _parse_json(text: str) -> Any:  # noqa: ANN401 - unchecked JSON
    """Parse JSON, or raise a `DataError`, e.g. if it was cut off."""
    try:
        return parse_json(text)
    except ValueError as error:
        raise DataError(f"is not JSON, or damaged: {why(error)}") from error


def _finite(values: Any, what: str) -> NDArray[np.float32]:  # noqa: ANN401 - unchecked JSON
    """Turn nested lists of finite numbers into an array, or raise a `DataError` that names ``what`` they are."""
    try:
        with np.errstate(over="ignore"):
            array = np.array(values, np.float64).astype(np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{what} must be numbers: {why(error)}") from error
    if not np.isfinite(array).all():
        raise DataError(f"{what} must be finite, but number {int(np.argmin(np.isfinite(array)))} is not.")
    return array


LINES = Format("lines of x and y", FACE_POINTS, parse_lines)
LIST = Format("a list of [x, y]", FACE_POINTS, parse_list)
OPENPOSE = Format("OpenPose's output", PERSON_POINTS, parse_openpose)
