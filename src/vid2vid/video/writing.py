"""Writing of colour frames as H.264, of label maps, ids and numbers as lossless FFV1, and of frames as PNG images."""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.files import write_bytes
from vid2vid.video.encoding import Encoder, encoding, ffv1, h264
from vid2vid.video.timing import Times

MAX_ID = 2**24 - 1


class VideoWriter:
    """Context manager that writes RGB frames to an H.264 file.

    The file appears when the block ends without an exception. After an exception the partial file is removed and an
    older file is kept. H.264 with 4:2:0 needs even sizes: at an odd size the last row or column is repeated.

    Examples:
        >>> with VideoWriter(Path("out.mp4"), fps=25) as writer:  # doctest: +SKIP
        ...     writer.write(frame)

    Args:
        path: ``.mp4``, ``.mov`` or ``.mkv`` file; missing folders are made.
        fps: Frames a second, above 0.
        crf: Quality, 0 (best) to 51 (worst); 18 looks like the original.
        times: When the frames are shown, if the rate is not constant (`vid2vid.video.frame_times`); a sequence may grow
            while frames are written.

    Attributes:
        count: Number of frames written so far.

    Raises:
        VideoError: The ending is another, fps or crf is out of range, the file cannot be written, or no frame was.
    """

    def __init__(self, path: Path, fps: float, crf: int = 18, times: Times | Sequence[float] = None) -> None:
        self.path = path
        self.count = 0
        self._context = encoding(path, fps, h264(crf), times)
        self._encoder: Encoder | None = None

    def __enter__(self) -> Self:
        self._encoder = self._context.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:  # noqa: ANN401 - its type, itself and its traceback, or None
        self._encoder = None
        self._context.__exit__(*error)

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Append one frame, ``(H, W, 3)`` uint8 RGB.

        Raises:
            VideoError: The frame has a wrong shape, type or size.
        """
        if self._encoder is None:
            raise VideoError(f"{self.path}: frames can be written only inside `with VideoWriter(...) as writer:`.")
        _require_rgb(frame, self.path, self.count)
        height, width = frame.shape[:2]
        even = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        self._encoder.encode(VideoFrame.from_ndarray(even, format="rgb24"))
        self.count += 1


def write_video(path: Path, frames: Iterable[NDArray[np.uint8]], fps: float, crf: int = 12) -> int:
    """Write RGB frames ``(H, W, 3)`` uint8 as H.264 and return their number; errors as for `VideoWriter`."""
    with VideoWriter(path, fps, crf) as writer:
        for frame in frames:
            writer.write(frame)
    return writer.count


def write_labels(path: Path, frames: Iterable[NDArray[np.uint8]], fps: float, times: Times = None) -> int:
    """Write label maps as lossless video and return their number.

    Args:
        path: ``.mkv`` file; missing folders are made.
        frames: Maps ``(H, W)`` uint8 of one size, ids 0..255.
        fps: Frames a second, above 0.
        times: When the maps are shown, if the rate is not constant.

    Raises:
        VideoError: The ending is another, a map has a wrong shape, type or size, there is no map, or the file cannot be
            written.
    """
    with encoding(path, fps, ffv1("gray"), times) as encoder:
        for index, labels in enumerate(frames):
            fits = labels.ndim == 2 and labels.dtype == np.uint8
            _require(fits, labels, f"{path}: label map {index} must be (H, W) uint8")
            encoder.encode(VideoFrame.from_ndarray(np.ascontiguousarray(labels), format="gray"))
    return encoder.count


def write_ids(path: Path, frames: Iterable[NDArray[Any]], fps: float) -> int:
    """Write maps of large ids (object instances, millimetres) as lossless video and return their number.

    The colour channels of the file hold the lowest, middle and highest byte of an id; `as_ids` combines them.

    Args:
        path: ``.mkv`` file; missing folders are made.
        frames: Maps ``(H, W)`` of one size and any integer type, ids 0..2**24 - 1.
        fps: Frames a second, above 0.

    Raises:
        VideoError: The ending is another, an id is out of range, a map has a wrong shape, type or size, there is no
            map, or the file cannot be written.
    """
    with encoding(path, fps, ffv1("bgr0")) as encoder:
        for index, ids in enumerate(frames):
            fits = ids.ndim == 2 and np.issubdtype(ids.dtype, np.integer)
            _require(fits, ids, f"{path}: id map {index} must be (H, W) of integers")
            low, high = int(ids.min()), int(ids.max())
            if low < 0 or high > MAX_ID:
                raise VideoError(f"{path}: id map {index} holds the ids {low}..{high}; only 0..{MAX_ID} can be stored.")
            octets = ids.astype("<u4", order="C")[..., None].view(np.uint8)
            encoder.encode(VideoFrame.from_ndarray(np.ascontiguousarray(octets[..., :3]), format="rgb24"))
    return encoder.count


def write_colours(path: Path, frames: Iterable[NDArray[np.uint8]], fps: float) -> int:
    """Write RGB frames ``(H, W, 3)`` uint8, such as encoded normals, as lossless video and return their number.

    Args:
        path: ``.mkv`` file; missing folders are made.
        frames: Frames of one size.
        fps: Frames a second, above 0.

    Raises:
        VideoError: The ending is another, a frame has a wrong shape, type or size, there is no frame, or the file
            cannot be written.
    """
    with encoding(path, fps, ffv1("bgr0")) as encoder:
        for index, colours in enumerate(frames):
            _require_rgb(colours, path, index)
            encoder.encode(VideoFrame.from_ndarray(np.ascontiguousarray(colours), format="rgb24"))
    return encoder.count


def write_numbers(path: Path, frames: Iterable[NDArray[np.uint16]], fps: float) -> int:
    """Write numbers of 16 bits as lossless FFV1, in ``gray16le`` or ``gbrp16le``, and return the number of frames.

    Args:
        path: ``.mkv`` file; missing folders are made.
        frames: Frames ``(H, W)`` or ``(H, W, 3)`` uint16 of one size.
        fps: Frames a second, above 0.

    Raises:
        VideoError: The ending is another, a frame has a wrong shape, type or size, there is no frame, or the file
            cannot be written.
    """
    rows = iter(frames)
    first = next(rows, np.zeros((0, 0), np.uint16))
    pixels = "gray16le" if first.ndim == 2 else "gbrp16le"
    with encoding(path, fps, ffv1(pixels)) as encoder:
        for index, numbers in enumerate(chain([first], rows)):
            fits = numbers.shape[2:] == first.shape[2:] and numbers.shape[2:] in ((), (3,))
            what = f"{path}: frame {index} must be (H, W) or (H, W, 3) uint16, all alike"
            _require(fits and numbers.dtype == np.uint16, numbers, what)
            encoder.encode(VideoFrame.from_ndarray(np.ascontiguousarray(numbers), format=pixels))
    return encoder.count


def write_frames(folder: Path, frames: Iterable[NDArray[np.uint8]]) -> int:
    """Write frames as ``000000.png``, ``000001.png``, ... and return their number.

    Args:
        folder: Folder to write to, without PNG images; it is made if it is missing.
        frames: RGB frames ``(H, W, 3)`` or label maps ``(H, W)``, uint8.

    Raises:
        VideoError: The folder already holds PNG images, or a frame has a wrong shape or type or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VideoError(f"{folder}: the folder cannot be made: {error}") from error
    if any(folder.glob("*.png")):
        raise VideoError(f"{folder}: holds PNG images already; choose an empty folder.")
    count = 0
    for frame in frames:
        write_png(folder / f"{count:06d}.png", frame, count)
        count += 1
    return count


def write_png(path: Path, frame: NDArray[np.uint8], index: int) -> None:
    """Write one frame as PNG; the file appears when it is complete.

    Args:
        path: The file; missing folders are made.
        frame: RGB ``(H, W, 3)`` or label map ``(H, W)``, uint8.
        index: Index of the frame in its video, for messages.

    Raises:
        VideoError: The frame has a wrong shape or type, or cannot be written.
    """
    if frame.ndim == 3:
        _require_rgb(frame, path, index)
        frame = frame[..., ::-1]
    fits = frame.ndim in (2, 3) and frame.dtype == np.uint8
    _require(fits, frame, f"{path}: frame {index} must be (H, W, 3) or (H, W) uint8")
    coded, data = cv2.imencode(".png", np.ascontiguousarray(frame))
    if not coded:
        raise VideoError(f"{path}: frame {index} cannot be coded as PNG.")
    try:
        write_bytes(path, data.tobytes())
    except OSError as error:
        raise VideoError(f"{path}: cannot be written: {error}") from error


def _require_rgb(frame: NDArray[np.uint8], path: Path, index: int) -> None:
    fits = frame.shape[2:] == (3,) and frame.dtype == np.uint8
    _require(fits, frame, f"{path}: frame {index} must be (H, W, 3) uint8")


def _require(fits: bool, frame: NDArray[Any], what: str) -> None:
    """Refuse a frame that does not fit or is empty; ``what`` begins the message: it names the frame and its type."""
    if not fits or not frame.size:
        raise VideoError(f"{what}, but is {frame.shape} {frame.dtype}.")
