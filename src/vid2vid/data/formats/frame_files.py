"""The files of folders that hold a file for each frame: what they are, and whether two folders fit together."""

import re
from itertools import zip_longest
from pathlib import Path

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_formats import ENDINGS
from vid2vid.video import is_folder, list_images
from vid2vid.video.images import IMAGE_ENDINGS, natural_order

KEYPOINT_FILE = ".npz"
"""Ending of a file with the keypoints of a whole sequence."""


def frame_files(path: Path) -> list[Path]:
    """Return the files of a folder with a file for each frame, in natural order; none for a single file.

    They are images, or, without images, text files of keypoints.
    """
    if not is_folder(path):
        return []
    if not path.is_dir():
        return list_images(path)
    try:
        files = [file for file in path.iterdir() if not file.name.startswith(".")]
    except OSError as error:
        raise DataError(f"{path}: the folder cannot be read: {error}") from error
    if any(file.suffix.lower() in IMAGE_ENDINGS for file in files):
        return list_images(path)
    return sorted((file for file in files if file.suffix.lower() in ENDINGS), key=natural_order)


def holds_keypoints(path: Path) -> bool:
    """Whether a file or folder holds keypoints, as opposed to pictures."""
    if path.suffix.lower() == KEYPOINT_FILE:
        return True
    files = frame_files(path)
    return bool(files) and files[0].suffix.lower() not in IMAGE_ENDINGS


def require_same_names(path: Path, target: Path) -> None:
    """Compare the names of frames, where both paths are folders.

    The ending that all names of a folder share is ignored: ``f1_keypoints.json`` goes with ``f1.jpg``.

    Args:
        path: Conditions, or other files that go with the frames.
        target: The real frames.

    Raises:
        DataError: They differ; the message names the first file without a partner.
    """
    mine, theirs = frame_files(path), frame_files(target)
    if not mine or not theirs:
        return
    pairs = zip_longest(zip(mine, _keys(mine), strict=True), zip(theirs, _keys(theirs), strict=True))
    for i, (one, other) in enumerate(pairs):
        if one is None or other is None:
            lonely = mine[i] if other is None else theirs[i]
            raise DataError(
                f"{lonely}: has no counterpart: this sequence has {len(mine)} conditions, but {len(theirs)} frames. "
                "Add the missing files, or remove those without a counterpart."
            )
        if one[1] != other[1]:
            raise DataError(
                f"{one[0]}: is file number {i} of its folder, but its counterpart there is {other[0]}. Files that "
                f"belong together must have the same name ({len(mine)} files, {len(theirs)} frames)."
            )


def _keys(paths: list[Path]) -> list[list[tuple[int, str]]]:
    """Return the names without the ending that all share; numbers count as numbers, so that 0001 is 1."""
    stems = [path.stem for path in paths]
    backwards = [stem[::-1] for stem in stems]
    same = 0
    if len(stems) > 1:
        letters = zip(*backwards, strict=False)
        same = next((i for i, letter in enumerate(letters) if len(set(letter)) > 1), min(map(len, stems)))
    # the last digits of the frames' numbers are no part of the ending
    ending = re.sub(r"^\d+", "", backwards[0][:same][::-1])
    return [natural_order(Path(stem.removesuffix(ending))) for stem in stems]
