"""Whether the files of a sequence belong together: as many frames, under the same names, of one size."""

import re
from itertools import zip_longest
from pathlib import Path

from vid2vid.errors import DataError
from vid2vid.keypoints.formats import ENDINGS
from vid2vid.video import is_folder, list_images
from vid2vid.video.images import IMAGE_ENDINGS, natural_order

Key = list[tuple[int, str]]


def frame_files(path: Path) -> list[Path]:
    """Return the files of a folder that holds a file for each frame, in natural order; none of a single file.

    Images, or, where there are none, the texts of keypoints.
    """
    if not is_folder(path):
        return []
    return list_images(path) if not path.is_dir() or _of_kind(path, IMAGE_ENDINGS) else _of_kind(path, ENDINGS)


def require_same_names(path: Path, target: Path) -> None:
    """Compare the names of frames, where both are folders.

    What all names of a folder end in does not count: ``f1_keypoints.json`` goes with ``f1.jpg``.

    Args:
        path: Conditions, or what else goes with the frames.
        target: The real frames.

    Raises:
        DataError: They differ; the message names the first file that has no partner.
    """
    mine, theirs = frame_files(path), frame_files(target)
    if not mine or not theirs:
        return
    pairs = zip_longest(zip(mine, _keys(mine), strict=True), zip(theirs, _keys(theirs), strict=True))
    for i, (one, other) in enumerate(pairs):
        if one is None or other is None or one[1] != other[1]:
            raise DataError(_mismatch(i, one[0] if one else None, other[0] if other else None, len(mine), len(theirs)))


def _mismatch(frame: int, mine: Path | None, theirs: Path | None, count: int, target_count: int) -> str:
    if mine is None or theirs is None:
        lonely = mine or theirs
        return f"{lonely}: has no partner; of this sequence there are {count} conditions, but {target_count} frames."
    return (
        f"{mine}: is the file number {frame} of its folder, but beside it is {theirs}. Files that belong together must "
        f"have the same name ({count} files, {target_count} frames)."
    )


def _keys(paths: list[Path]) -> list[Key]:
    stems = [path.stem for path in paths]
    ending = _shared_ending(stems)
    # 0001 is 1
    return [natural_order(Path(stem.removesuffix(ending))) for stem in stems]


def _shared_ending(stems: list[str]) -> str:
    """Return what all names end in; the last digits of the frames' numbers are no part of it."""
    backwards = [stem[::-1] for stem in stems]
    same = 0
    if len(stems) > 1:
        letters = zip(*backwards, strict=False)
        same = next((i for i, letter in enumerate(letters) if len(set(letter)) > 1), min(map(len, stems)))
    return re.sub(r"^\d+", "", backwards[0][:same][::-1])


def _of_kind(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() in endings and path.name[0] != "."]
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read: {error}") from error
    return sorted(paths, key=natural_order)
