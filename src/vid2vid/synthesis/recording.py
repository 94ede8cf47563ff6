"""Frames on their way to files: what is done is safe, and the files appear when they are whole."""

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from torch import Tensor

from vid2vid.errors import VideoError
from vid2vid.files import remove_partials
from vid2vid.synthesis.recorder import MAIN
from vid2vid.synthesis.saved import STATE, Saved
from vid2vid.synthesis.tracks import VIDEO_ENDINGS, ImageTrack, Track, VideoTrack
from vid2vid.visual import Picture

_log = logging.getLogger(__name__)


class Recording:
    """Writes a video, and others beside it, so that an interrupted synthesis can go on.

    Until the end everything lies in a folder beside the output, ``out.mp4.parts``: segments or images of each track,
    and ``state.safetensors``. An error before the first cut leaves nothing, a later one leaves the folder.

    Args:
        output: A video (.mp4, .mov or .mkv), or a folder for images. That of another track has its name in it:
            ``out.flow.mp4``.
        tracks: Names of the tracks, `MAIN` among them.
        fps: Frames a second.
        segment_frames: After how many frames there is a cut.
        settings: What the frames depend on.
        sound: A video with sound that is laid under the result.

    Raises:
        VideoError: The output has another ending, or is a folder of images already.
    """

    def __init__(
        self,
        output: Path,
        tracks: Sequence[str],
        fps: float,
        segment_frames: int,
        settings: Mapping[str, str],
        sound: Path | None = None,
    ) -> None:
        self.output = output
        self.parts = parts_folder(output)
        self.segment_frames = segment_frames
        self._settings, self._sound, self._saved = settings, sound, 0
        self._images = is_image_folder(output)
        for name in tracks:
            _require_free(self._place(name), self._images)
        self._tracks = {name: self._track(name, fps) for name in tracks}

    def begin(self, resume: bool) -> Saved:
        """Make the folder ready, and say where to go on.

        Args:
            resume: Go on with what an interrupted run has left, if there is anything.

        Raises:
            ConfigError: The interrupted run had other settings.
            DataError: What it left cannot be read, or nothing can be written.
        """
        saved = Saved(0, self._settings)
        if resume and (self.parts / STATE).exists():
            saved = Saved.read(self.parts)
            saved.require_same(self._settings, self.parts)
        elif self.parts.exists():
            shutil.rmtree(self.parts)
        try:
            for name in self._tracks:
                (self.parts / name).mkdir(parents=True, exist_ok=True)
            remove_partials(self.parts)
            saved.write(self.parts)
        except OSError as error:
            if not saved.frames:
                shutil.rmtree(self.parts, ignore_errors=True)
            raise VideoError(f"{self.output}: cannot be written: {error}") from error
        for track in self._tracks.values():
            track.keep(saved.frames)
        self._saved = saved.frames
        return saved

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        try:
            for track in self._tracks.values():
                track.abandon(error)
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._saved:
            _log.warning("%s: %d frames are done; resume=true goes on from there", self.output, self._saved)
        else:
            shutil.rmtree(self.parts, ignore_errors=True)

    def write(self, pictures: Mapping[str, Picture]) -> None:
        """Append a frame.

        Args:
            pictures: ``(H, W, 3)`` for each track, by name.

        Raises:
            VideoError: It cannot be written.
        """
        for name, track in self._tracks.items():
            track.write(pictures[name])

    def cut(self, frames: int, state: Mapping[str, Tensor]) -> None:
        """End the segments, then note how far they go.

        Raises:
            DataError: They cannot be written.
        """
        for track in self._tracks.values():
            track.cut()
        try:
            Saved(frames, self._settings, state).write(self.parts)
        except OSError as error:
            raise VideoError(f"{self.parts}: cannot be written: {error}") from error
        self._saved = frames

    def finish(self, whole: bool) -> None:
        """Make the results: whole ones under their names, in place of the folder; others as ``out.part.mp4``.

        Of images that are not whole nothing is made; they can be looked at in the folder of the parts.

        Raises:
            VideoError: They cannot be written.
        """
        for track in self._tracks.values():
            track.cut()
        if not whole and self._images:
            return
        for name, track in self._tracks.items():
            place = self._place(name)
            track.save(place if whole else _part(place), self._sound if name == MAIN else None)
            if whole:
                _part(place).unlink(missing_ok=True)
        if whole:
            shutil.rmtree(self.parts)

    @property
    def shown(self) -> Path:
        """Where the frames of a synthesis that was stopped can be looked at."""
        return self.parts / MAIN if self._images else _part(self.output)

    def _place(self, name: str) -> Path:
        output = self.output
        if name == MAIN:
            return output
        return output.with_name(f"{output.name}.{name}" if self._images else f"{output.stem}.{name}{output.suffix}")

    def _track(self, name: str, fps: float) -> Track:
        folder = self.parts / name
        return ImageTrack(folder) if self._images else VideoTrack(folder, self.output.suffix, fps, self.segment_frames)


def parts_folder(output: Path) -> Path:
    """Return where an output lies while it is in the making."""
    return output.with_name(output.name + ".parts")


def is_image_folder(output: Path) -> bool:
    """Whether an output means a folder of images: it is a folder, or has no ending."""
    return output.is_dir() or not output.suffix


def _part(output: Path) -> Path:
    return output.with_name(f"{output.stem}.part{output.suffix}")


def _require_free(output: Path, images: bool) -> None:
    if not images and output.suffix.lower() not in VIDEO_ENDINGS:
        endings = ", ".join(VIDEO_ENDINGS)
        raise VideoError(f"{output}: a video is written to {endings}, images to a folder, whose name has no ending.")
    if images and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise VideoError(f"{output}: is there already; choose a new or an empty folder for the images.")
