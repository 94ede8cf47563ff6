"""The conditions of a sequence, whatever kind of file they stand in."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.augment import View
from vid2vid.data.conditions.drawing import drawn_planes
from vid2vid.data.conditions.planes import grey_planes, to_planes
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import DataError
from vid2vid.keypoints import Keypoints, read_keypoints
from vid2vid.video import Header, ReaderPool, stream_frames, stream_labels
from vid2vid.video.images import FOLDER_FPS

DENSEPOSE_UNIT = 10
"""DensePose's 24 parts are spread over 0..255 by this factor."""


class SourceReader:
    """Reads the conditions of sequences; belongs to a process, as readers do.

    Args:
        condition: What the source files hold.
        readers: Open readers of videos.
    """

    def __init__(self, condition: Condition, readers: ReaderPool) -> None:
        self.condition = condition
        self.readers = readers

    def read(self, sequence: VideoSequence, frames: range, view: View, target: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the conditions of some frames, ``(T, S, H, W)`` uint8 (`vid2vid.types.Clip.source`).

        Args:
            sequence: The sequence.
            frames: Which frames of its files.
            view: How they are looked at.
            target: ``(T, H, W, 3)``, the real frames, of which conditions that are computed from them are made.

        Raises:
            DataError: A file cannot be read, or holds what it must not; the message names it and the frame.
        """
        if self.condition.from_keypoints:
            return self._draw(sequence, frames, view, target.shape[1:3])
        same = sequence.source == sequence.target
        reader = self.readers.labels if self.condition.holds_ids else self.readers.get
        pictures = target if same else reader(sequence.source).read(frames)
        return to_planes(self.condition, pictures, view.crop_resize, sequence.source, frames.start, frames.step)

    def _draw(self, sequence: VideoSequence, frames: range, view: View, size: tuple[int, int]) -> NDArray[np.uint8]:
        keypoints = _kept(sequence.source)
        _require_size(keypoints, size, sequence)
        points = view.crop_resize.points(keypoints.points[frames.start : frames.stop : frames.step], *size)
        planes = drawn_planes(self.condition, points, view.crop_resize.size(*size), view.crop_resize.flip, view.limbs)
        if not (role := self.condition.appended):
            return planes
        path: Path | None = getattr(sequence, role)
        if path is None:
            raise DataError(f"{sequence.source}: the sequence {sequence.name!r} has no {WHAT[role]}, but should.")
        appended = APPENDED[role](self.readers.get(path).read(frames), view.crop_resize)
        return np.concatenate([planes, appended], axis=1)


def densepose_planes(maps: NDArray[np.uint8], crop_resize: CropResize) -> NDArray[np.uint8]:
    """Turn DensePose maps ``(T, H, W, 3)``, read as RGB from files of B = part, G = u, R = v, into planes."""
    v, u, part = (crop_resize.ids(maps[..., channel]) for channel in range(3))
    return np.stack([part.clip(max=255 // DENSEPOSE_UNIT) * DENSEPOSE_UNIT, u, v], axis=1)


APPENDED = {"background": grey_planes, "densepose": densepose_planes}
"""By the role that pictures have: how they become planes."""
WHAT = {"background": "edges of the background", "densepose": "DensePose maps"}


def source_header(condition: Condition, path: Path) -> Header:
    """Return the frame rate and the number of frames of a file or folder of conditions.

    Raises:
        DataError: It cannot be read.
    """
    if not condition.from_keypoints:
        return Header.read(path)
    keypoints = _kept(path)
    return Header(keypoints.fps or FOLDER_FPS, len(keypoints))


def stream_planes(
    condition: Condition, source: Path, crop_resize: CropResize, appended: Path | None = None
) -> Iterator[NDArray[np.uint8]]:
    """Yield the conditions of a video of any length frame by frame, ``(1, S, H, W)`` uint8.

    Args:
        condition: What the source is.
        source: A video, a folder of images, or keypoints.
        crop_resize: Part and size that is used.
        appended: Video or folder of the pictures that are appended to what is drawn (`Condition.appended`).

    Raises:
        DataError: A file cannot be read, or is missing; while iterating.
    """
    if not condition.from_keypoints:
        for t, frame in enumerate((stream_labels if condition.holds_ids else stream_frames)(source)):
            yield to_planes(condition, frame[None], crop_resize, source, t)
        return
    keypoints = read_keypoints(source)
    role = condition.appended
    pictures = _appended_frames(appended, role) if role else None
    size = keypoints.size or _size_of_crop(crop_resize, source)
    for points in keypoints.points:
        planes = drawn_planes(condition, crop_resize.points(points[None], *size), crop_resize.size(*size))
        if pictures is not None:
            planes = np.concatenate([planes, APPENDED[role](next(pictures)[None], crop_resize)], axis=1)
        yield planes


@lru_cache(maxsize=64)
def _kept(path: Path) -> Keypoints:
    # small, and a folder of many text files is slow to read
    return read_keypoints(path)


def _require_size(keypoints: Keypoints, size: tuple[int, int], sequence: VideoSequence) -> None:
    if keypoints.size not in (None, size):
        raise DataError(
            f"{sequence.source}: was made for frames of {keypoints.size}, but those of {sequence.target} are {size} "
            "(height, width)."
        )


def _size_of_crop(crop_resize: CropResize, source: Path) -> tuple[int, int]:
    if not crop_resize.crop:
        raise DataError(
            f"{source}: does not say how large the frames of its keypoints are; give crop=[top,left,bottom,right] for "
            "the part of them that is drawn."
        )
    return crop_resize.crop[2], crop_resize.crop[3]


def _appended_frames(path: Path | None, role: str) -> Iterator[NDArray[np.uint8]]:
    if path is None:
        raise DataError(f"this model's condition has {WHAT[role]}: give {role}=path to a video or folder of them.")
    yield from stream_frames(path)
    raise DataError(f"{path}: has fewer frames than the source.")
