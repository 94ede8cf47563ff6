"""One video of a synthesis while it is written: segments of a video file, or a folder of images."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from vid2vid.errors import VideoError
from vid2vid.video import Times, VideoWriter, join_videos, write_png
from vid2vid.visual import Picture


class VideoStream:
    """Writes a video in segments, each a whole file, and joins them without encoding them again.

    Args:
        folder: The folder of the segments.
        suffix: The suffix of their names.
        fps: Frames a second.
        segment: Length of the segments that an interrupted run has left, in frames.
        times: When each frame is shown, where the rate is not constant.
    """

    def __init__(self, folder: Path, suffix: str, fps: float, segment: int, times: Times = None) -> None:
        self.folder = folder
        self._suffix, self._fps, self._segment, self._times = suffix, fps, segment, times
        self._segments: list[Path] = []
        self._stack = ExitStack()
        self._writer: VideoWriter | None = None

    def keep(self, frames: int) -> None:
        """Drop the segments that an interrupted run has written beyond the first ``frames`` frames.

        Raises:
            VideoError: Some of the others are missing.
        """
        self._segments = [self._path(index) for index in range(frames // self._segment)]
        _keep_only(self._segments, self.folder)

    def write(self, picture: Picture) -> None:
        """Append a frame to the open segment."""
        if self._writer is None:
            index, times = len(self._segments), self._times
            if times is not None:
                # frames that the source did not announce follow at the constant rate
                start = min(index * self._segment, len(times) - 1)
                times = times[start:] - times[start]
            self._writer = self._stack.enter_context(VideoWriter(self._path(index), self._fps, times=times))
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
        join_videos(self._segments, output, sound, self._times)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06d}{self._suffix}"


class ImageStream:
    """Writes a folder of PNG images.

    Args:
        folder: The folder of the images until they are complete.
        repeats: How many images each frame becomes; empty, or too short: one.
    """

    def __init__(self, folder: Path, repeats: Sequence[int] = ()) -> None:
        self.folder = folder
        self._repeats = repeats
        self._frames = self._images = 0

    def keep(self, frames: int) -> None:
        """Drop the images beyond those of the first ``frames`` frames."""
        self._frames, self._images = frames, sum(self._repeat(frame) for frame in range(frames))
        _keep_only([self._path(index) for index in range(self._images)], self.folder)

    def write(self, picture: Picture) -> None:
        """Write the images of a frame."""
        for _ in range(self._repeat(self._frames)):
            write_png(self._path(self._images), picture, self._frames)
            self._images += 1
        self._frames += 1

    def _repeat(self, frame: int) -> int:
        return self._repeats[frame] if frame < len(self._repeats) else 1

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


OutputStream = VideoStream | ImageStream
"""Takes pictures one after the other; what was written before a ``cut`` survives the end of this process."""


def _keep_only(paths: Sequence[Path], folder: Path) -> None:
    found = set(folder.iterdir())
    for path in paths:
        if path not in found:
            raise VideoError(f"{path}: is missing; leave resume=true out to start over.")
    for path in found.difference(paths):
        path.unlink()
