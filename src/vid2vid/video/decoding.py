"""Decoding of frames in order by PyAV, which is exact for every file: opening, headers, frames, damage."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.damage import DAMAGED, DamageError, SliceChecksums, require_whole
from vid2vid.video.images import (
    FOLDER_FPS,
    MAX_PIXELS,
    Orientation,
    check_pixels,
    is_folder,
    list_images,
    over_black,
    read_image,
)

Pixel = TypeVar("Pixel", bound=np.generic)

_THREADS = 2
# Formats that contain their frames; with a playlist FFmpeg would open other files, and text it would render.
_FORMATS = (
    "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,gif,apng,yuv4mpegpipe,mxf,mjpeg,h264,hevc,av1,obu,ivf,"
    "nut,dv,m4v,png_pipe,jpeg_pipe,bmp_pipe,tiff_pipe,webp_pipe"
)
_ONLY = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
# Decoders that conceal damage unless told not to. H.264's marks damaged frames, and would then refuse harmless slips.
_CONCEALING = ("mpeg4", "mjpeg")
# How much earlier than its header says a file may end.
_SLACK_SECONDS = 0.5
# Pixels whose aspect ratio differs from 1 by no more than this count as square, since some writers round it.
_SQUARE = 0.005


@dataclass(frozen=True)
class Header:
    """The header of a video file, or the same facts about a folder of images.

    Attributes:
        fps: Frames a second, on average.
        frames: Number of frames, regardless of edit lists; None if the format does not say.
        pixels: FFmpeg's name of the pixel format of a file, such as ``yuv420p``; empty for a folder.
        estimated_frames: Number of frames, estimated from the duration if the format does not say; for progress bars.
        pixel_width: Width of a stored pixel, in pixel heights; 1 if the file does not say. Readers return square
            pixels.
    """

    fps: float
    frames: int | None
    pixels: str = ""
    estimated_frames: int | None = None
    pixel_width: float = 1.0

    @classmethod
    def read(cls, path: Path) -> "Header":
        """Read the header of a file, or count the images of a folder.

        Raises:
            VideoError: The file or folder is missing, cannot be read or holds no video.
        """
        if is_folder(path):
            return cls(FOLDER_FPS, len(list_images(path)))
        with open_container(path) as (container, stream):
            rate = stream.average_rate or stream.guessed_rate or Fraction(25)
            seconds = (container.duration or 0) / av.time_base
            estimate = stream.frames or round(seconds * rate) or None
            pixels, width = stream.codec_context.pix_fmt or "", _pixel_width(stream)
            return cls(float(rate), stream.frames or None, pixels, estimate, width)


@contextmanager
def open_container(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file with PyAV and choose its video stream.

    Raises:
        VideoError: The file is missing, cannot be read, holds no video, or claims to hold more than it can.
    """
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder; check the path.")
    size = path.stat().st_size
    try:
        # metadata, such as titles, may be in any encoding
        container = av.open(str(path.absolute()), options=_ONLY, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        state = "empty" if size == 0 else "cut short, or not a video"
        raise VideoError(f"{path}: cannot be read as a video; the file is {state} ({_reason(error)}).") from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
            raise VideoError(f"{path}: the file holds no video frames, only: {kinds}.")
        codec = stream.codec_context
        if not codec:
            raise VideoError(
                f"{path}: there is no decoder for its codec; the file is damaged, or must be converted to a common one "
                "first."
            )
        check_pixels(path, stream.height, round(stream.width * max(1, _pixel_width(stream))))
        # decord would allocate memory for all of them
        if stream.frames > size:
            raise VideoError(f"{path}: claims to hold {stream.frames} frames in {size} bytes; {DAMAGED}")
        codec.thread_count = _THREADS
        # frames may be larger than the header says
        strict = {"err_detect": "explode"} if codec.name in _CONCEALING else {}
        codec.options = {"max_pixels": str(MAX_PIXELS), **strict}
        yield container, stream


def decode(path: Path) -> Iterator[VideoFrame]:
    """Yield the frames of a video file as decoded, without colour conversion or rotation.

    Damage is found if the container, the codec or a checksum reveals it. Lossy codecs have no checksums: some altered
    bytes simply decode to another picture.

    Raises:
        VideoError: The file is missing, not a video, has no frames or was cut short, or a frame is damaged; the message
            names it.
    """
    with open_container(path) as (container, stream):
        require_whole(path, container.format.name)
        promised = _promised_end(container, stream)
        count, end = 0, 0.0
        try:
            for frame in _decoded(container, stream):
                if frame.is_corrupt:
                    raise VideoError(f"{path}: frame {count} is damaged; write or fetch the file again.")
                if frame.pts is not None and frame.time_base is not None:
                    end = max(end, float((frame.pts + (frame.duration or 0)) * frame.time_base))
                count += 1
                yield frame
        except (av.FFmpegError, OSError, DamageError) as error:
            message = f"{path}: frame {count} cannot be decoded ({_reason(error)}); {DAMAGED}"
            raise VideoError(message) from error
    if count == 0:
        raise VideoError(f"{path}: the video holds no frame; write or fetch it again.")
    if promised is not None and end < promised - _SLACK_SECONDS:
        raise VideoError(
            f"{path}: was cut short: the video ends after {end:.2f} s, but its header promises {promised:.2f} s. Fetch "
            "the file again, or copy the part that is there to a new file."
        )


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    checksums = SliceChecksums() if stream.codec_context.name == "ffv1" else None
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise DamageError("a part of it is lost or altered")
        # the last packet is empty and flushes the decoder
        if checksums and packet.size:
            checksums.check(bytes(packet))
        yield from packet.decode()


def _promised_end(container: InputContainer, stream: VideoStream) -> float | None:
    """Return when the last frame should end, in seconds; None if the format does not say reliably.

    FFmpeg does not notice that a Matroska or AVI file was cut short.
    """
    if container.format.name == "avi" and stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    given = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))  # Matroska
    if given is None:
        return None
    hours, minutes, seconds = given.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def stream_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Return an iterator over all frames, each ``(H, W, 3)`` uint8 RGB, of a video of any length.

    Frames are as a player shows them: rotated and mirrored as the file says, with square pixels, transparency over
    black. Channels of more than 8 bits are rounded.

    Args:
        path: Video file or folder of images.

    Raises:
        VideoError: While iterating: the file is missing, not a video, has no frames or was cut short, or a frame is
            damaged or differs in size from the first; the message names it.
    """
    if is_folder(path):
        return require_one_size(path, map(read_image, list_images(path)))
    return require_one_size(path, _stream_file(path))


def _stream_file(path: Path) -> Iterator[NDArray[np.uint8]]:
    pixel_width = Header.read(path).pixel_width
    for frame in decode(path):
        yield to_rgb(frame, pixel_width)


_TURNS = (
    Orientation(),
    Orientation(transposed=True, rows=True),
    Orientation(rows=True, columns=True),
    Orientation(transposed=True, columns=True),
)
"""Quarter turns counter-clockwise."""


def orientation(frame: VideoFrame) -> Orientation:
    """Return how the display matrix of a frame turns and mirrors it; angles are rounded to quarter turns.

    The matrix maps a stored point (x, y) to the shown one (a x + c y, b x + d y), ISO/IEC 14496-12.
    """
    # `frame.side_data` is the same object, but cached in the frame, a reference cycle, which crashes forked processes
    container: Any = SideDataContainer.__new__(SideDataContainer)
    # PyAV stops at side data that it has no name for, such as EXIF, but has read what comes before
    with suppress(ValueError):
        container.__init__(frame)
    matrix = container.get(Type.DISPLAYMATRIX)
    if matrix is None:
        # of a matrix that comes after such data, PyAV gives the rotation only
        return _TURNS[round(frame.rotation / 90) % 4]
    a, b, _, c, d = (int(entry) for entry in np.frombuffer(matrix, np.int32)[:5])
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, rows=b < 0, columns=c < 0)
    return Orientation(False, rows=d < 0, columns=a < 0)


def to_rgb(frame: VideoFrame, pixel_width: float = 1.0) -> NDArray[np.uint8]:
    """Return a frame as it is shown, ``(H, W, 3)`` uint8 RGB.

    Args:
        frame: The frame, as decoded.
        pixel_width: As in `Header`.
    """
    if any(component.is_alpha for component in frame.format.components):
        pixels = over_black(np.asarray(frame.to_ndarray(format="rgba"), dtype=np.uint8))
    else:
        pixels = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    if pixel_width != 1:
        size = (max(1, round(frame.width * pixel_width)), frame.height)
        method = cv2.INTER_LINEAR if pixel_width > 1 else cv2.INTER_AREA
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=method), dtype=np.uint8)
    return np.ascontiguousarray(orientation(frame).apply(pixels))


def _pixel_width(stream: VideoStream) -> float:
    width = float(stream.sample_aspect_ratio or 1)
    return 1.0 if abs(width - 1) <= _SQUARE else width


def require_one_size(path: Path, frames: Iterator[NDArray[Pixel]]) -> Iterator[NDArray[Pixel]]:
    """Yield frames unchanged, each ``(H, W)`` or ``(H, W, C)``.

    Raises:
        VideoError: While iterating: a frame differs in shape from the first.
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
