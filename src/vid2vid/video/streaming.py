"""Frames in order through PyAV: right for every file that FFmpeg can decode, at constant memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.decoding import decode
from vid2vid.video.folder import is_folder, list_images
from vid2vid.video.images import read_image

Pixel = TypeVar("Pixel", bound=np.generic)


def stream_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Return an iterator over all frames, each ``(H, W, 3)`` uint8 RGB, of a video of any length.

    A video with a rotation mark comes upright, as `open_frames` gives it too; more than 8 bits a channel are rounded.

    Args:
        path: Video file or folder of images.

    Raises:
        VideoError: While iterating: there is no such file, it is no video, holds no frame or was cut short, or a frame
            is damaged or of another size than the first; the message names it.
    """
    frames = map(read_image, list_images(path)) if is_folder(path) else map(to_rgb, decode(path))
    return same_size(path, frames)


def quarter_turns(frame: VideoFrame) -> int:
    """Return by how many quarter turns, counter-clockwise, a frame has to be rotated to stand upright (0..3)."""
    return round(frame.rotation / 90) % 4


def to_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return a frame upright as ``(H, W, 3)`` uint8 RGB."""
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, quarter_turns(frame)))


def same_size(path: Path, frames: Iterator[NDArray[Pixel]]) -> Iterator[NDArray[Pixel]]:
    """Pass frames on, ``(H, W)`` or ``(H, W, C)`` each.

    Raises:
        VideoError: While iterating: one has another shape than the first.
    """
    shape: tuple[int, ...] = ()
    for index, frame in enumerate(frames):
        shape = shape or frame.shape
        if frame.shape != shape:
            raise VideoError(
                f"{path}: frame {index} is {frame.shape[1]}x{frame.shape[0]}, but the first one is "
                f"{shape[1]}x{shape[0]} (width x height); bring all frames to one size."
            )
        yield frame
