"""Folders with a file for each frame: listing of the files, and comparison of two folders."""

import os
import re
from itertools import zip_longest
from pathlib import Path

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_formats import ENDINGS
from vid2vid.video import is_folder, list_images
from vid2vid.video.images import IMAGE_ENDINGS, list_folder, natural_order

KEYPOINT_FILE = ".npz"
"""Ending of a file with the keypoints of a whole sequence."""


def frame_files(path: Path) -> list[Path]:
    """Return the files of the frames in a folder, in natural order; empty for a single file.

    These are the images in the folder, or if there are none, the text files of keypoints.
    """
    if not is_folder(path):
        return []
    if not path.is_dir():
        return list_images(path)
    files = list_folder(path)
    if any(file.suffix.lower() in IMAGE_ENDINGS for file in files):
        return list_images(path)
    return [file for file in files if file.suffix.lower() in ENDINGS]


def holds_keypoints(path: Path) -> bool:
    """Whether a file or folder holds keypoints, as opposed to pictures."""
    if path.suffix.lower() == KEYPOINT_FILE:
        return True
    files = frame_files(path)
    return bool(files) and files[0].suffix.lower() not in IMAGE_ENDINGS


def require_same_names(path: Path, target: Path) -> None:
    """Check that the names of frames are the same, if both paths are folders.

    A suffix that all names of a folder share is ignored: ``f1_keypoints.json`` matches ``f1.jpg``.

    Args:
        path: Conditions, or other files that belong to the frames.
        target: The real frames.

    Raises:
        DataError: The names differ; the message names the first file without a counterpart.
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
    """Return the names without their common suffix, with numbers compared as numbers: 0001 equals 1."""
    stems = [path.stem for path in paths]
    backwards = [stem[::-1] for stem in stems]
    shared = os.path.commonprefix(backwards)[::-1] if len(stems) > 1 else ""  # noqa: RUF071 - of letters, not of folders
    # common last digits of the frames' numbers do not belong to the suffix
    ending = re.sub(r"^\d+", "", shared)
    return [natural_order(Path(stem.removesuffix(ending))) for stem in stems]
