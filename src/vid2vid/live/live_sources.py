"""Sources of live frames: cameras, network streams, the screen, raw frames, and files played at their own pace."""

import os
import re
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.config.live import LiveConfig
from vid2vid.data.conditions import kind_of
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.errors import ConfigError, VideoError
from vid2vid.synthesis.inputs import InputSource
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.video import Header, RawVideo, frame_times, stream_frames, stream_ids, stream_labels
from vid2vid.video.decoding import to_rgb
from vid2vid.video.images import MAX_PIXELS
from vid2vid.video.timing import seconds_at

CLOCK = time.perf_counter
"""The clock of all times here, in seconds."""
_ADDRESS = re.compile(r"(rtsp|rtsps|http|https|udp|tcp)://")
_SCREEN = re.compile(r"screen:(\d+)x(\d+)(?:\+(\d+)\+(\d+))?")
# a stream may open its own kind of connection only, never files or playlists that name others
_PROTOCOLS = "rtsp,rtsps,rtp,http,https,httpproxy,udp,tcp,tls"
_STREAM_FORMATS = "rtsp,mpegts,mpjpeg,mjpeg,matroska,webm,mov,mp4,flv,h264,hevc,nut"
_READ_SECONDS = 10.0
_PATIENCE = 0.2
_SLOW = 0.5
"""Seconds by which a file or street may be late; more is not caught up: it plays more slowly, like a slow camera."""

Pixels = NDArray[np.uint8]
Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Captured:
    """A frame of a source.

    Attributes:
        pixels: ``(H, W, 3)`` RGB; maps of ids and grey pictures may be ``(H, W)``.
        time: When it was captured, by `CLOCK`.
        ids: ``(H, W)`` object ids, if the source has any.
    """

    pixels: Pixels
    time: float
    ids: Ids | None = None


CapturedFrames: TypeAlias = Generator[Captured, None, None]


@dataclass(frozen=True)
class LiveSource:
    """Where frames come from.

    Attributes:
        name: What messages call it.
        frames: Opens it, and yields the frames as they come.
        lasting: Whether it has no end, so that it is opened again when it breaks.
        sound: A file whose sound belongs to the frames.
    """

    name: str
    frames: Callable[[], CapturedFrames]
    lasting: bool = False
    sound: Path | None = None


def open_source(
    config: LiveConfig, condition: Condition, inputs: InputSource, stopped: Callable[[], bool]
) -> LiveSource:
    """Return the source that the settings name; it is opened when its frames are asked for.

    Args:
        config: The settings.
        condition: The model's condition: whether files show label maps.
        inputs: The same source as a synthesis reads it: raw frames, or a new street.
        stopped: Called while nothing comes; returns whether to stop waiting.

    Raises:
        ConfigError: There is no such source, or it does not fit the condition.
    """
    shows_maps = condition.has_labels and config.segmenter is None
    given, name = inputs.source, str(config.source)
    if isinstance(given, RenderedStreet):
        return LiveSource(str(given), lambda: _street(given, stopped))
    if isinstance(given, RawVideo):
        as_stored = shows_maps or not (condition.has_labels or condition.from_keypoints or config.hed)
        channels = kind_of(condition).raw_channels if as_stored else 3
        return LiveSource(str(given), lambda: (Captured(frame, CLOCK()) for frame in given.frames(channels)))
    if opened := _lasting_source(name, config):
        if shows_maps:
            raise ConfigError(
                f"source={name}: shows pictures, but this model's condition is labels: give segmenter=FILE, a "
                "TorchScript network that finds them, or a file or pipe of label maps."
            )
        return opened
    if not given.exists():
        raise ConfigError(
            f"source={name}: there is no such file; give a camera (0 or /dev/video0), an address (rtsp://, http://), "
            "screen:WxH+X+Y, - for raw frames, or a video."
        )
    if holds_keypoints(given):
        raise ConfigError(f"source={name}: holds keypoints, not pictures; vid2vid synthesize makes a video of them.")
    instance = config.instance
    return LiveSource(name, lambda: _file(given, condition, shows_maps, instance, stopped), sound=given)


def _lasting_source(name: str, config: LiveConfig) -> LiveSource | None:
    """Return a camera, a stream or the screen; None: the name is none of them."""
    if name.isdecimal() or name.startswith("/dev/video"):
        return LiveSource(f"camera {name}", lambda: _camera(name, config), lasting=True)
    if _ADDRESS.match(name):
        return LiveSource(_without_password(name), lambda: _stream(name), lasting=True)
    if name.startswith("screen:"):
        if not (region := _SCREEN.fullmatch(name)):
            raise ConfigError(f"source={name}: give a region of the screen as in screen:640x480+0+0.")
        width, height, left, top = (int(part or 0) for part in region.groups())
        return LiveSource(name, lambda: _screen(name, (width, height), (left, top), config.fps), lasting=True)
    return None


def _without_password(address: str) -> str:
    return re.sub(r"//[^/@]*@", "//", address)


def camera_trouble(device: Path) -> str | None:
    """Return why a camera's device file cannot be used, and what to do; None: it seems usable."""
    if not device.exists():
        there = ", ".join(sorted(str(one) for one in device.parent.glob("video*")))
        return f"there is no {device}; " + (f"there are {there}." if there else "no camera is connected.")
    if not device.is_char_device():
        return f"{device} is not a camera."
    if not os.access(device, os.R_OK | os.W_OK):
        return not_allowed(device, "read")
    return None


def not_allowed(device: Path, deed: str) -> str:
    """Return the message that a device may not be ``read`` or ``written``, and what to do."""
    return f"{device}: may not be {deed}; run `sudo usermod -aG video $USER` and log in again."


def _camera(name: str, config: LiveConfig) -> CapturedFrames:
    device = Path(f"/dev/video{name}" if name.isdecimal() else name)
    if sys.platform == "linux" and (trouble := camera_trouble(device)):
        # OpenCV's messages name its own parts only
        raise VideoError(f"camera {name}: {trouble}")
    camera, seen = cv2.VideoCapture(int(name) if name.isdecimal() else name), 0
    try:
        if not camera.isOpened():
            raise VideoError(
                f"camera {name}: cannot be opened; check that it is a camera and that no other program uses it."
            )
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        wanted = {
            cv2.CAP_PROP_FRAME_WIDTH: config.raw_width,
            cv2.CAP_PROP_FRAME_HEIGHT: config.raw_height,
            cv2.CAP_PROP_FPS: config.fps,
        }
        for key, value in wanted.items():
            if value:
                camera.set(key, value)
        while True:
            there, frame = camera.read()
            if not there:
                never = (
                    "gives no frame; check that no other program uses it and that it has raw_width, raw_height, fps."
                )
                raise VideoError(f"camera {name}: {'gives no more frames.' if seen else never}")
            seen += 1
            yield Captured(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8), CLOCK())
    finally:
        camera.release()


def _stream(address: str) -> CapturedFrames:
    options = {"protocol_whitelist": _PROTOCOLS, "format_whitelist": _STREAM_FORMATS, "fflags": "nobuffer"}
    if address.startswith("rtsp"):
        # over UDP lost packets would show as damage
        options["rtsp_transport"] = "tcp"
    return _decoded(_without_password(address), address, None, options)


def _screen(name: str, size: tuple[int, int], corner: tuple[int, int], fps: float) -> CapturedFrames:
    display = os.environ.get("DISPLAY")
    if not display:
        raise VideoError(
            f"{name}: there is no X display (DISPLAY is not set). For other screens let a recorder write raw frames "
            "into a pipe, and give source=-."
        )
    options = {"video_size": f"{size[0]}x{size[1]}", "framerate": f"{fps or 25:g}", "draw_mouse": "0"}
    # one frame describes the whole stream; while more were probed, they would grow old
    options["probesize"] = "32"
    try:
        yield from _decoded(name, f"{display}+{corner[0]},{corner[1]}", "x11grab", options)
    except VideoError as error:
        raise VideoError(
            f"{error} Check that the region lies on the X display {display} (DISPLAY), and that it may be read."
        ) from error


def _decoded(name: str, place: str, form: str | None, options: dict[str, str]) -> CapturedFrames:
    """Yield the frames of a stream that FFmpeg opens, without holding any back."""
    try:
        with av.open(place, format=form, options=options, timeout=_READ_SECONDS) as container:
            stream: Any = container.streams.best("video")
            if stream is None:
                raise VideoError(f"{name}: holds no video.")
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS), "flags": "low_delay"}
            # frame threads would each hold one frame back
            stream.thread_type = "SLICE"
            for frame in container.decode(stream):
                yield Captured(to_rgb(frame), CLOCK())
    except av.ExitError as error:
        raise VideoError(f"{name}: sent nothing for {_READ_SECONDS:g} seconds.") from error
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{name}: {getattr(error, 'strerror', None) or error}.") from error


def _file(
    path: Path, condition: Condition, maps: bool, instance: Path | None, stopped: Callable[[], bool]
) -> CapturedFrames:
    read = stream_labels if maps and condition.holds_ids else stream_frames
    if maps and condition.class_in_red:
        instance = instance or path
    objects: Iterator[Any] | None = stream_ids(instance) if instance and condition.needs_instances else None

    def frames() -> Iterator[tuple[Pixels, Ids | None]]:
        for frame in read(path):
            ids = next(objects, None) if objects else None
            if objects and ids is None:
                raise VideoError(f"{instance}: has fewer frames than {path}; both must be equally long.")
            yield frame, None if ids is None else (ids >> condition.object_shift).astype(np.int32)

    times, fps = frame_times(path), Header.read(path).fps
    return _paced(frames(), lambda index: seconds_at(times, fps, index), stopped)


def _street(street: RenderedStreet, stopped: Callable[[], bool]) -> CapturedFrames:
    frames = ((labels, ids) for labels, ids, _ in street.conditions())
    return _paced(frames, lambda index: index / street.fps, stopped)


def _paced(
    frames: Iterator[tuple[Pixels, Ids | None]],
    seconds: Callable[[int], float],
    stopped: Callable[[], bool],
) -> CapturedFrames:
    """Yield each frame when it is due."""
    begin = None
    for index, (pixels, ids) in enumerate(frames):
        begin = CLOCK() if begin is None else begin
        due = begin + seconds(index)
        while (left := due - CLOCK()) > 0 and not stopped():
            time.sleep(min(left, _PATIENCE))
        if left < -_SLOW:
            begin, due = begin - left, due - left
        yield Captured(pixels, due, ids)
