"""Blinding of videos: those of a scene are encoded alike and named so that nothing reveals their models."""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.tools.user_study.scenes import ComparedScene
from vid2vid.video import VideoWriter, stream_frames

_QUALITY = 12
"""``crf`` at which no difference from the original can be seen."""

_NAME_LENGTH = 10

_SAME_SHAPE = 0.03
"""Relative difference that aspect ratios may have: networks round sizes up to multiples."""

Size = tuple[int, int]
"""Width and height in pixels."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Blinded:
    """The blinded files of one scene.

    Attributes:
        models: For each model the name of its file.
        beside: For each caption the name of its file.
        fps: Frames a second.
        width: Columns of the largest video.
        height: Rows of the largest video.
    """

    models: dict[str, str]
    beside: dict[str, str]
    fps: float
    width: int
    height: int

    def as_dict(self) -> dict[str, Any]:
        """Return what the page needs besides the pair, as plain values."""
        return {"beside": self.beside, "fps": self.fps, "width": self.width, "height": self.height}


class _Copy:
    """One video that is being encoded."""

    def __init__(self, source: Path, path: Path, fps: float, owner: str, damaged: bool) -> None:
        self.source, self.damaged = source, damaged
        self.writer = VideoWriter(path, fps, _QUALITY)
        self.size: Size = (0, 0)
        self._digest = sha256(owner.encode())

    def add(self, frame: NDArray[np.uint8]) -> None:
        if self.damaged:
            frame = coarse_blocks(frame)
        self.writer.write(frame)
        self.size = (frame.shape[1], frame.shape[0])
        # of the frames and not of the file: busy encoders do not write the same bits twice
        self._digest.update(np.ascontiguousarray(frame).data)

    def name(self) -> str:
        """Name the file by its digest, and set its time so that the order of writing does not show."""
        name = self._digest.hexdigest()[:_NAME_LENGTH] + ".mp4"
        os.utime(self.writer.path, (0, 0))
        self.writer.path.rename(self.writer.path.with_name(name))
        return name


def blind(scene: ComparedScene, folder: Path, seed: int) -> Blinded:
    """Encode the videos of a scene as H.264, which every browser plays, with the same settings and equally long.

    A name is a digest of seed, model and frames, so that votes name exactly the videos that were seen.

    Args:
        scene: The scene.
        folder: The folder to write into; it is made.
        seed: Part of the digests.

    Raises:
        DataError: The models' videos have different shapes, such as 2:1 and 1:1.
        VideoError: A video cannot be read.
    """

    def copies(kind: str, videos: Mapping[str, Path]) -> dict[str, _Copy]:
        # hidden until they are whole
        return {
            owner: _Copy(
                path,
                folder / f".{kind}{i}.mp4",
                scene.fps,
                f"{seed}/{scene.name}/{kind}/{owner}/",
                damaged=kind == "model" and owner == scene.damaged,
            )
            for i, (owner, path) in enumerate(videos.items())
        }

    models, beside = copies("model", scene.models), copies("beside", scene.beside)
    _encode([*models.values(), *beside.values()])
    width, height = _common_size(scene.name, models)
    model_names = {model: copy.name() for model, copy in models.items()}
    beside_names = {caption: copy.name() for caption, copy in beside.items()}
    return Blinded(model_names, beside_names, scene.fps, width, height)


def coarse_blocks(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a frame ``(H, W, 3)`` in square blocks of one colour, some twelve along its shorter side.

    Nobody who looks takes it for the better video.
    """
    height, width = frame.shape[:2]
    side = max(min(height, width) // 12, 2)
    blocks = frame[side // 2 :: side, side // 2 :: side].repeat(side, axis=0).repeat(side, axis=1)
    rest = [(0, max(full - has, 0)) for full, has in zip((height, width), blocks.shape, strict=False)]
    return np.pad(blocks, [*rest, (0, 0)], mode="edge")[:height, :width]


def _encode(copies: Sequence[_Copy]) -> None:
    """Encode the videos frame by frame until the shortest ends."""
    with ExitStack() as stack:
        for copy in copies:
            stack.enter_context(copy.writer)
        for frames in zip_longest(*(stream_frames(copy.source) for copy in copies)):
            ended = [copy for copy, frame in zip(copies, frames, strict=True) if frame is None]
            if ended:
                _log.warning(
                    "%s ends after %d frames, but other videos of its scene are longer: all are cut to this length",
                    ended[0].source,
                    ended[0].writer.count,
                )
                break
            for copy, frame in zip(copies, frames, strict=True):
                copy.add(frame)


def _common_size(scene: str, models: Mapping[str, _Copy]) -> Size:
    """Return the size of the largest video, at which all are shown."""
    largest = max(copy.size for copy in models.values())
    for model, copy in models.items():
        width, height = copy.size
        if abs(width / height * largest[1] / largest[0] - 1) > _SAME_SHAPE:
            raise DataError(
                f"{copy.source}: is {width}x{height} (width x height), but another model shows {scene} at "
                f"{largest[0]}x{largest[1]}; bring all to one shape, so that they can be compared fairly."
            )
        if copy.size != largest:
            _log.warning("%s: %s is %dx%d and is enlarged to %dx%d", scene, model, width, height, *largest)
    return largest
