"""Keypoints as other programs write them: a folder with a file for each frame."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoints import Keypoints
from vid2vid.keypoints.landmarks import parse_lines, parse_list
from vid2vid.keypoints.openpose import parse_openpose
from vid2vid.keypoints.parts import FACE_POINTS, PERSON_POINTS
from vid2vid.video.images import natural_order

ENDINGS = (".json", ".txt")
_PROGRESS_DELAY = 2.0


@dataclass(frozen=True)
class Format:
    """A kind of file that holds the keypoints of one frame.

    Attributes:
        name: What it is called in messages.
        points: N, the points of each person in it.
        parse: Turns the text of a file into ``(P, N, 3)`` float32, P being 0 where nobody was detected; raises
            `DataError` without the name of the file.
    """

    name: str
    points: int
    parse: Callable[[str], NDArray[np.float32]]


LINES = Format("lines of x and y", FACE_POINTS, parse_lines)
LIST = Format("a list of [x, y]", FACE_POINTS, parse_list)
OPENPOSE = Format("OpenPose's output", PERSON_POINTS, parse_openpose)


def read_keypoints(path: Path) -> Keypoints:
    """Read keypoints of any known format, which is told by what stands in the files.

    Args:
        path: An ``.npz`` file of `Keypoints.save`, or a folder of text files, one a frame, in natural order (2.json
            before 10.json): lines ``x,y`` or ``x y`` for the 68 points of a face, a JSON list of 68 ``[x, y]``
            (empty: no face), or OpenPose's JSON. They end in .json or .txt; others are left out.

    Returns:
        All frames. P is the largest number of people in any of them; who is absent in a frame has confidence 0.

    Raises:
        DataError: There is no such file or folder, the folder holds no keypoints, or a file is damaged, none of these
            formats or of another one than the first. The message names it.
    """
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder of keypoints.")
    return Keypoints.load(path)


def _read_folder(folder: Path) -> Keypoints:
    paths = _list(folder)
    wanted = _format(paths[0], _text(paths[0]))
    bar = tqdm(paths, f"reading {folder.name}", unit="file", delay=_PROGRESS_DELAY, leave=False)
    frames = [_read_file(path, wanted, paths[0]) for path in bar]
    points = np.zeros((len(frames), max(1, *map(len, frames)), wanted.points, 3), np.float32)
    for frame, people in zip(points, frames, strict=True):
        frame[: len(people)] = people
    _require_pixels(points, folder)
    return Keypoints(points)


def _list(folder: Path) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read: {error}") from error
    paths = [path for path in paths if path.suffix.lower() in ENDINGS]
    if not paths:
        raise DataError(f"{folder}: the folder holds no keypoints, one file a frame ({', '.join(ENDINGS)}).")
    return sorted(paths, key=natural_order)


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
        # some programs on Windows begin a text with a mark
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise DataError(f"{path}: cannot be read as text: {error}") from error


def _format(path: Path, text: str) -> Format:
    start = text.lstrip()[:1]
    if start == "{":
        return OPENPOSE
    return LIST if start == "[" or path.suffix.lower() == ".json" else LINES


def _require_pixels(points: NDArray[np.float32], folder: Path) -> None:
    seen = points[points[..., 2] > 0]
    if len(seen) and np.abs(seen[:, :2]).max() <= 1:
        raise DataError(
            f"{folder}: all coordinates lie in -1..1; pixels are needed (OpenPose writes them with keypoint_scale 0)."
        )
