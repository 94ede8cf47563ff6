"""One video of a synthesis while it is written: segments of a video file, or a folder of images."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from vid2vid.errors import VideoError
from vid2vid.video import VideoWriter, join_videos, write_png
from vid2vid.visual import Picture


class OutputStream(Protocol):
    """Takes the frames of one video."""

    def keep(self, frames: int) -> None:
        """Drop what an interrupted run has written beyond the first ``frames`` frames, and go on after them.

        Raises:
            VideoError: Some of them are missing.
        """

    def write(self, picture: Picture) -> None:
        """Append a frame ``(H, W, 3)``."""

    def cut(self) -> None:
        """Make all frames so far safe from an end of this process."""

    def abandon(self, error: BaseException) -> None:
        """Close what is not cut yet, because of an error."""

    def save(self, output: Path, sound: Path | None) -> None:
        """Make the result of all frames that were cut, with the sound of another video."""


class VideoStream:
    """Writes a video in segments, each a whole file, and joins them without encoding them again.

    Args:
        folder: The folder of the segments.
        suffix: The suffix of their names.
        fps: Frames a second.
        segment: Length of the segments that an interrupted run has left, in frames.
    """

    def __init__(self, folder: Path, suffix: str, fps: float, segment: int) -> None:
        self.folder = folder
        self._suffix, self._fps, self._segment = suffix, fps, segment
        self._segments: list[Path] = []
        self._stack = ExitStack()
        self._writer: VideoWriter | None = None

    def keep(self, frames: int) -> None:
        """Drop the segments beyond the first ``frames`` frames."""
        self._segments = [self._path(index) for index in range(frames // self._segment)]
        _keep_only(self._segments, self.folder)

    def write(self, picture: Picture) -> None:
        """Append a frame to the open segment."""
        if self._writer is None:
            self._writer = self._stack.enter_context(VideoWriter(self._path(len(self._segments)), self._fps))
        self._writer.write(picture)

    def cut(self) -> None:
        """Close the open segment, if there is one."""
        if self._writer is not None:
            self._writer = None
            self._stack.close()
            self._segments.append(self._path(len(self._segments)))

    def abandon(self, error: BaseException) -> None:
        """Drop the open segment."""
        self._writer = None
        self._stack.__exit__(type(error), error, error.__traceback__)

    def save(self, output: Path, sound: Path | None) -> None:
        """Join the segments."""
        join_videos(self._segments, output, sound)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06d}{self._suffix}"


class ImageStream:
    """Writes a folder of PNG images.

    Args:
        folder: The folder of the images until they are complete.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def keep(self, frames: int) -> None:
        """Drop the images beyond the first ``frames``."""
        self._count = frames
        _keep_only([self._path(index) for index in range(frames)], self.folder)

    def write(self, picture: Picture) -> None:
        """Write an image."""
        write_png(self._path(self._count), picture, self._count)
        self._count += 1

    def cut(self) -> None:
        """Do nothing: each image is a whole file."""

    def abandon(self, error: BaseException) -> None:
        """Do nothing: `keep` drops images that are not counted as safe."""

    def save(self, output: Path, sound: Path | None) -> None:
        """Move the folder to its place; images have no sound."""
        if output.is_dir():
            output.rmdir()  # an empty one, which not every system replaces
        self.folder.replace(output)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06d}.png"


def _keep_only(paths: Sequence[Path], folder: Path) -> None:
    found = set(folder.iterdir())
    for path in paths:
        if path not in found:
            raise VideoError(f"{path}: is missing; without resume=true the synthesis begins anew.")
    for path in found.difference(paths):
        path.unlink()
