"""Writers of a synthesis: frames to a pipe, or to files from which an interrupted synthesis is resumed."""

import logging
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from torch import Tensor

from vid2vid.config import SynthesisConfig
from vid2vid.config.synthesis import PIPE
from vid2vid.errors import ConfigError, VideoError
from vid2vid.files import remove_partials
from vid2vid.locks import LOCK, folder_lock
from vid2vid.synthesis.progress import STATE_FILE, Progress
from vid2vid.synthesis.streams import ImageStream, OutputStream, VideoStream
from vid2vid.types import Frame
from vid2vid.video import Times
from vid2vid.video.timing import repeats, usual_rate
from vid2vid.visual import Picture, flow_picture, mask_picture, to_pixels

MAIN = "frames"
"""Name of the stream that is the result; the others are written beside it."""
INTERMEDIATES = ("flow", "mask", "warped", "hallucinated")
"""Names of the streams of what a frame is made of (Eq. 4)."""
VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv")
_BRIGHTEST_FLOW = 1 / 16
"""Length of the flow vectors with the brightest colour, in longer sides of the frame; the same in all frames."""

_log = logging.getLogger(__name__)


def frame_pictures(frame: Frame, intermediates: bool) -> dict[str, Picture]:
    """Draw the first frame of a batch, and its intermediates if they are wanted, by the names of their streams."""
    pictures = {MAIN: to_pixels(frame.fake[0])}
    if intermediates:
        pictures["flow"] = flow_picture(frame.flow[0], max(frame.fake.shape[-2:]) * _BRIGHTEST_FLOW)
        pictures["mask"] = mask_picture(frame.mask[0])
        pictures["warped"] = to_pixels(frame.warped[0])
        pictures["hallucinated"] = to_pixels(frame.hallucinated[0])
    return pictures


class PipeWriter:
    """Writes frames as raw ``rgb24``, ``(H, W, 3)`` bytes one after the other; they cannot be resumed.

    Args:
        file: The pipe; it is not closed.
        repeats: How often each frame is written; empty, or too short: once.

    Attributes:
        name: A short name of the output.
        partial: None: a stopped synthesis leaves no file.
    """

    name = MAIN
    partial: Path | None = None

    def __init__(self, file: BinaryIO, repeats: Sequence[int] = ()) -> None:
        self._file, self._repeats = file, iter(repeats)

    def begin(self) -> Progress:
        """Begin with the first frame."""
        return Progress(0, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Do nothing."""

    def write(self, pictures: Mapping[str, Picture]) -> None:
        """Append a frame.

        Raises:
            VideoError: The pipe's reader has gone.
        """
        try:
            self._file.write(pictures[MAIN].tobytes() * next(self._repeats, 1))
            self._file.flush()
        except OSError as error:
            raise VideoError(f"standard output: frames cannot be written: {error}") from error

    def cut(self, frames: int, state: Mapping[str, Tensor]) -> None:
        """Do nothing: a pipe cannot be resumed."""

    def finish(self, whole: bool) -> None:
        """Do nothing."""


class ResumableWriter:
    """Writes a video, and its intermediates beside it, so that an interrupted synthesis can be resumed.

    Until the end everything lies in a folder beside the output, ``out.mp4.parts``: segments or images of each stream,
    and ``state.safetensors``. An error before the first cut leaves nothing, a later one leaves the folder. The context
    locks the folder against other syntheses.

    Args:
        config: The settings. The output is a video (.mp4, .mov or .mkv), or a folder for images; other streams have
            their name in it, ``out.flow.mp4``.
        fps: Frames a second.
        settings: What the frames depend on, by name.
        sound: A video whose sound goes under the result.
        times: When each frame is shown, where the rate is not constant. Images are resampled to a constant one.

    Attributes:
        name: A short name of the output.
        partial: The file or folder that holds the frames of a stopped synthesis.

    Raises:
        VideoError: The output has another suffix, or is a folder that is not empty.
    """

    def __init__(
        self,
        config: SynthesisConfig,
        fps: float,
        settings: Mapping[str, str],
        sound: Path | None,
        times: Times = None,
    ) -> None:
        self.output = output = Path(config.output)
        self.name, self.parts = output.name, parts_folder(output)
        self._settings, self._sound, self._resume = settings, sound, config.resume
        self._lock = ExitStack()
        self._safe: int | None = None  # frames that are saved; None: what is there may be another run's
        self._images = is_image_folder(output)
        self._places = _places(output, config.intermediates)
        self.partial: Path | None = self.parts / MAIN if self._images else _part(output)
        self._streams: dict[str, OutputStream] = {}
        shown = _resampled(config, times) if self._images else ()
        for name, place in self._places.items():
            if self._images and place.exists() and (not place.is_dir() or any(place.iterdir())):
                raise VideoError(f"{place}: exists already; choose a new or an empty folder for the images.")
            folder = self.parts / name
            video = VideoStream(folder, output.suffix, fps, config.segment, times)
            self._streams[name] = ImageStream(folder, shown) if self._images else video
        if not self._images and output.suffix.lower() not in VIDEO_SUFFIXES:
            raise VideoError(
                f"{output}: a video is written to {', '.join(VIDEO_SUFFIXES)}, images to a folder, whose name has no "
                "suffix."
            )

    def begin(self) -> Progress:
        """Prepare the folder, within the context, and return the progress to continue from.

        Raises:
            ConfigError: The interrupted run had other settings.
            DataError: Its files cannot be read, or nothing can be written.
        """
        progress = Progress(0, self._settings)
        if self._resume and (self.parts / STATE_FILE).exists():
            progress = Progress.read(self.parts, self._settings)
        try:
            if not progress.frames:
                self._clear()
            for name in self._streams:
                (self.parts / name).mkdir(parents=True, exist_ok=True)
            remove_partials(self.parts)
            progress.write(self.parts)
        except OSError as error:
            if not progress.frames:
                self._clear()
            raise VideoError(f"{self.output}: cannot be written: {error}") from error
        for stream in self._streams.values():
            stream.keep(progress.frames)
        self._safe = progress.frames
        return progress

    def __enter__(self) -> Self:
        """Keep other syntheses out of the folder.

        Raises:
            ConfigError: Another one is writing there.
            VideoError: The folder cannot be made.
        """
        try:
            self._lock.enter_context(
                folder_lock(
                    self.parts, "another synthesis is writing there; wait until it ends, or choose another output."
                )
            )
        except OSError as error:
            raise VideoError(f"{self.output}: cannot be written: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if error is None or self._safe is None:
                return
            try:
                for stream in self._streams.values():
                    stream.abandon(error)
            finally:
                if self._safe:
                    _log.warning("%s: %d frames are done; resume=true goes on from there", self.output, self._safe)
                else:
                    self._clear()

    def _clear(self) -> None:
        """Remove everything in the folder of the parts except the lock."""
        for path in self.parts.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != LOCK:
                path.unlink(missing_ok=True)

    def write(self, pictures: Mapping[str, Picture]) -> None:
        """Append a frame.

        Args:
            pictures: ``(H, W, 3)`` for each stream, by name.

        Raises:
            VideoError: It cannot be written.
        """
        for name, stream in self._streams.items():
            stream.write(pictures[name])

    def cut(self, frames: int, state: Mapping[str, Tensor]) -> None:
        """End the segments, then save the state.

        Raises:
            DataError: They cannot be written.
        """
        for stream in self._streams.values():
            stream.cut()
        try:
            Progress(frames, self._settings, state).write(self.parts)
        except OSError as error:
            raise VideoError(f"{self.parts}: cannot be written: {error}") from error
        self._safe = frames

    def finish(self, whole: bool) -> None:
        """Write the results: complete ones under their own names, incomplete videos as ``out.part.mp4``.

        Incomplete images stay in the folder of the parts.

        Raises:
            VideoError: They cannot be written.
        """
        for stream in self._streams.values():
            stream.cut()
        if not whole and self._images:
            return
        for name, stream in self._streams.items():
            place = self._places[name]
            stream.save(place if whole else _part(place), self._sound if name == MAIN else None)
            if whole:
                _part(place).unlink(missing_ok=True)
        if whole:
            self._clear()


Writer = PipeWriter | ResumableWriter
"""Takes the frames of a synthesis in order; the context is entered before ``begin()``."""


def open_writer(
    config: SynthesisConfig, fps: float, settings: Mapping[str, str], sound: Path | None, times: Times = None
) -> Writer:
    """Return the writer of an output; the arguments are those of `ResumableWriter`.

    Raises:
        ConfigError: A pipe is to be resumed, or to take intermediates or sound.
        VideoError: As for `ResumableWriter`.
    """
    if isinstance(config.output, str | Path) and config.output != PIPE:
        return ResumableWriter(config, fps, settings, sound, times)
    if config.resume or config.intermediates or config.sound:
        raise ConfigError(
            "standard output takes the frames alone, once: give a file for resume, intermediates or sound."
        )
    return PipeWriter(sys.stdout.buffer if config.output == PIPE else config.output, _resampled(config, times))


def _resampled(config: SynthesisConfig, times: Times) -> Sequence[int]:
    """Return how often each frame is written to an output without times, and say so if not all are written once."""
    if times is None:
        return ()
    fps = usual_rate(times)
    _log.warning(
        "%s: has a variable frame rate, which images and pipes cannot hold: its frames are repeated or left out to "
        "give a constant frame rate of %.4g. To have each frame once, give a rate with fps=, or a video as output.",
        config.source,
        fps,
    )
    return [int(count) for count in repeats(times, fps)]


def written_files(config: SynthesisConfig) -> list[Path]:
    """Return everything that a synthesis writes, replaces or removes; nothing for a pipe.

    Raises:
        ConfigError: The output has no name.
    """
    if not isinstance(config.output, str | Path) or config.output == PIPE:
        return []
    if not Path(config.output).name:
        raise ConfigError(f"output={config.output}: give a new folder for images, or a video file.")
    places = _places(Path(config.output), config.intermediates).values()
    return [*places, *map(_part, places), parts_folder(Path(config.output))]


def _places(output: Path, intermediates: bool) -> dict[str, Path]:
    """Return where each stream is written, by name."""
    stem, suffix = (output.name, "") if is_image_folder(output) else (output.stem, output.suffix)
    return {
        MAIN: output,
        **{name: output.with_name(f"{stem}.{name}{suffix}") for name in INTERMEDIATES if intermediates},
    }


def parts_folder(output: Path) -> Path:
    """Return the folder in which an output lies until it is whole."""
    return output.with_name(output.name + ".parts")


def is_image_folder(output: Path) -> bool:
    """Whether an output is a folder of images: it is a folder, or has no suffix."""
    return output.is_dir() or not output.suffix


def _part(output: Path) -> Path:
    return output.with_name(f"{output.stem}.part{output.suffix}")
