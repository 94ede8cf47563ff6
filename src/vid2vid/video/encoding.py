"""Encoding of a video file by PyAV, into a partial file, which is renamed when it is complete."""

import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vid2vid.config.settings import LARGEST_SIDE
from vid2vid.errors import VideoError
from vid2vid.video.timing import Times, seconds_at

_CONTAINERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
_THREADS = 2
_MILLISECOND, _MPEG_CLOCK = Fraction(1, 1000), Fraction(1, 90_000)
# with macroblock trees x264 is not deterministic: now and then the same frames give a different file
_X264 = "open-gop=0:mbtree=0"


@dataclass(frozen=True)
class Codec:
    """How frames are encoded.

    Attributes:
        name: FFmpeg's name of the encoder.
        pixels: Pixel format in the file; a frame of another format is converted.
        options: Settings of the encoder.
        endings: Endings of the files that may contain it.
    """

    name: Literal["libx264", "ffv1"]
    pixels: str
    options: Mapping[str, str]
    endings: tuple[str, ...]


def h264(crf: int) -> Codec:
    """H.264, 4:2:0, with closed GOPs of at most 12 frames, so that readers can seek to every keyframe.

    Args:
        crf: Quality, 0 (best) to 51 (worst).

    Raises:
        VideoError: ``crf`` is outside that range.
    """
    if not 0 <= crf <= 51:
        raise VideoError(f"crf={crf}: the quality of H.264 must lie in 0 (best) to 51 (worst).")
    options = {"crf": str(crf), "preset": "veryfast", "g": "12", "x264-params": _X264}
    return Codec("libx264", "yuv420p", options, (".mp4", ".mov", ".mkv"))


def lossless_h264(pixels: str) -> Codec:
    """Lossless H.264 for frames in the pixel format ``pixels``: 4:2:0, 4:2:2 or 4:4:4 with 8 bits."""
    options = {"qp": "0", "preset": "veryfast", "g": "12", "x264-params": _X264}
    return Codec("libx264", pixels, options, (".mp4", ".mov", ".mkv"))


def ffv1(pixels: str) -> Codec:
    """FFV1, lossless, every frame a keyframe; ``pixels`` is ``gray``, ``bgr0``, ``gray16le`` or ``gbrp16le``.

    H.264 is never lossless for grey frames, which it stores as 4:2:0 of limited range.
    """
    return Codec("ffv1", pixels, {"level": "3", "g": "1"}, (".mkv",))


class Encoder:
    """Encodes frames of one size into a container; made by `encoding`.

    Attributes:
        path: The destination, for messages.
        count: Number of frames encoded so far.
    """

    def __init__(
        self, path: Path, container: OutputContainer, fps: float, codec: Codec, times: Times | Sequence[float]
    ) -> None:
        self.path = path
        self.count = 0
        self._container = container
        self._codec = codec
        self._rate = Fraction(fps).limit_denominator(1001)
        self._times = times
        # Matroska's times are in milliseconds; the other containers can use MPEG's clock
        tick = _MILLISECOND if container.format.name == "matroska" else _MPEG_CLOCK
        self._tick = 1 / self._rate if times is None else tick
        self._last = -1
        self._stream: VideoStream | None = None

    def encode(self, frame: VideoFrame) -> None:
        """Append one frame; the first decides the size.

        Raises:
            VideoError: The frame differs in size from the first or is too large, or the file cannot be written.
        """
        # checked first, since a stream cannot be removed from a container again
        if self._codec.name == "libx264" and max(frame.width, frame.height) > LARGEST_SIDE:
            raise VideoError(
                f"{self.path}: frame {self.count} is {frame.width}x{frame.height} (width x height), but H.264 holds at "
                f"most {LARGEST_SIDE} pixels a side; make the frames smaller."
            )
        with write_errors(self.path):
            stream = self._stream = self._stream or self._add_stream(frame)
        if (frame.width, frame.height) != (stream.width, stream.height):
            raise VideoError(
                f"{self.path}: frame {self.count} is {frame.width}x{frame.height}, but the first one was "
                f"{stream.width}x{stream.height} (width x height); all frames of a video need the same size."
            )
        frame.pts, frame.time_base = self._next_tick(), self._tick
        with write_errors(self.path):
            self._container.mux(stream.encode(frame))
        self.count += 1

    def finish(self) -> None:
        """Flush the encoder.

        Raises:
            VideoError: No frame was encoded, or the file cannot be written.
        """
        if self._stream is None:
            raise VideoError(f"{self.path}: no frame was given; a video needs at least one.")
        with write_errors(self.path):
            self._container.mux(self._stream.encode(None))

    def _next_tick(self) -> int:
        if self._times is None:
            return self.count
        seconds = seconds_at(self._times, float(self._rate), self.count)
        self._last = max(self._last + 1, round(seconds / self._tick))
        return self._last

    def _add_stream(self, frame: VideoFrame) -> VideoStream:
        options = dict(self._codec.options)
        if self._times is not None and self._codec.name == "libx264":
            options["bf"] = "0"  # frames are stored in display order, so that parts can be joined at any times
        stream = self._container.add_stream(self._codec.name, rate=self._rate, options=options)
        stream.codec_context.time_base = self._tick
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, self._codec.pixels
        stream.codec_context.thread_count = _THREADS
        if frame.format.name == self._codec.pixels:
            # without the colour space, readers would take HD colours for SD ones
            stream.codec_context.colorspace = frame.colorspace
            stream.codec_context.color_range = frame.color_range
        return stream


@contextmanager
def encoding(path: Path, fps: float, codec: Codec, times: Times | Sequence[float] = None) -> Iterator[Encoder]:
    """Open an encoder; the file appears under its name only when the block ends without an exception.

    After an exception the partial file is removed, and an existing file is kept. Missing folders are made.

    Args:
        path: File to write; the ending selects the container.
        fps: Frames a second, above 0.
        codec: How to encode.
        times: When the frames are shown, if the rate is not constant; a sequence may grow while frames are encoded.

    Raises:
        VideoError: The ending does not fit the codec, fps is not above 0, no frame was encoded, or the file cannot be
            written.
    """
    if path.suffix.lower() not in codec.endings:
        raise VideoError(f"{path}: {codec.name} is written to {' or '.join(codec.endings)}; change the file's ending.")
    if not (math.isfinite(fps) and fps > 0):
        raise VideoError(f"{path}: fps={fps}: the frames a second must be above 0.")
    with output_container(path) as container:
        encoder = Encoder(path, container, fps, codec, times)
        yield encoder
        encoder.finish()


@contextmanager
def output_container(path: Path) -> Iterator[OutputContainer]:
    """Open a container; the file appears under its name only when the block ends without an exception.

    Args:
        path: File to write, ``.mp4``, ``.mov`` or ``.mkv``.

    Raises:
        VideoError: The file has another ending, or cannot be written.
    """
    kind = _CONTAINERS.get(path.suffix.lower())
    if kind is None:
        raise VideoError(f"{path}: a video is written to {' or '.join(_CONTAINERS)}; change the file's ending.")
    # the index comes first, so that players can start before the whole file is loaded
    options = {"movflags": "+faststart"} if kind in ("mp4", "mov") else {}
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    with ExitStack() as stack:
        with write_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            stack.callback(partial.unlink, missing_ok=True)
            container = av.open(str(partial.absolute()), "w", format=kind, container_options=options)
        stack.callback(_close, container, path)
        yield container
        _close(container, path)
        with write_errors(path):
            partial.replace(path)


def _close(container: OutputContainer, path: Path) -> None:
    """Close a container; closing it again has no effect."""
    with write_errors(path):
        container.close()


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn errors of the system and of FFmpeg into a `VideoError` that names the file."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{path}: cannot be written: {error}") from error
