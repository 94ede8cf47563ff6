"""Where the frames of one video go while it is in the making: segments of a video, or images."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from vid2vid.errors import VideoError
from vid2vid.video import VideoWriter, join_videos, write_png
from vid2vid.visual import Picture

VIDEO_ENDINGS = (".mp4", ".mov", ".mkv")


class Track(Protocol):
    """Takes the frames of one video in."""

    def keep(self, frames: int) -> None:
        """Drop what an interrupted run has written beyond so many frames, and go on after them.

        Raises:
            VideoError: Some of them are missing.
        """

    def write(self, picture: Picture) -> None:
        """Append a frame ``(H, W, 3)``."""

    def cut(self) -> None:
        """Make all frames so far outlive whatever happens to this process."""

    def abandon(self, error: BaseException) -> None:
        """Let go of what is not cut yet, because of an error."""

    def save(self, output: Path, sound: Path | None) -> None:
        """Make the result of all frames that were cut, with the sound of another video."""


class VideoTrack:
    """A video in segments, each a whole file, which are put after each other without encoding them again.

    Args:
        folder: Where the segments go.
        ending: Ending of their names.
        fps: Frames a second.
        segment_frames: Length of the segments that an interrupted run has left.
    """

    def __init__(self, folder: Path, ending: str, fps: float, segment_frames: int) -> None:
        self.folder = folder
        self._ending, self._fps, self._segment_frames = ending, fps, segment_frames
        self._segments: list[Path] = []
        self._stack = ExitStack()
        self._writer: VideoWriter | None = None

    def keep(self, frames: int) -> None:
        """Drop the segments beyond so many frames."""
        self._segments = [self._segment(index) for index in range(frames // self._segment_frames)]
        _keep_only(self._segments, self.folder)

    def write(self, picture: Picture) -> None:
        """Append a frame to the segment in the making."""
        if self._writer is None:
            self._writer = self._stack.enter_context(VideoWriter(self._segment(len(self._segments)), self._fps))
        self._writer.write(picture)

    def cut(self) -> None:
        """End the segment, if one is in the making."""
        if self._writer is not None:
            self._writer = None
            self._stack.close()
            self._segments.append(self._segment(len(self._segments)))

    def abandon(self, error: BaseException) -> None:
        """Drop the segment in the making."""
        self._writer = None
        self._stack.__exit__(type(error), error, error.__traceback__)

    def save(self, output: Path, sound: Path | None) -> None:
        """Join the segments."""
        join_videos(self._segments, output, sound)

    def _segment(self, index: int) -> Path:
        return self.folder / f"{index:06d}{self._ending}"


class ImageTrack:
    """A folder of PNG images.

    Args:
        folder: Where they go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def keep(self, frames: int) -> None:
        """Drop the images beyond so many."""
        self._count = frames
        _keep_only([self._image(index) for index in range(frames)], self.folder)

    def write(self, picture: Picture) -> None:
        """Write an image."""
        write_png(self._image(self._count), picture, self._count)
        self._count += 1

    def cut(self) -> None:
        """Do nothing: each image is whole."""

    def abandon(self, error: BaseException) -> None:
        """Do nothing: `keep` drops what is too much."""

    def save(self, output: Path, sound: Path | None) -> None:
        """Move the folder to its place; images have no sound."""
        if output.is_dir():
            output.rmdir()  # an empty one, which not every system replaces
        self.folder.replace(output)

    def _image(self, index: int) -> Path:
        return self.folder / f"{index:06d}.png"


def _keep_only(paths: Sequence[Path], folder: Path) -> None:
    there = set(folder.iterdir())
    for path in paths:
        if path not in there:
            raise VideoError(f"{path}: is missing; without resume=true the synthesis begins anew.")
    for path in there.difference(paths):
        path.unlink()
