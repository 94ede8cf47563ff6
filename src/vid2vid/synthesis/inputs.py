"""The inputs of a synthesis, frame by frame: conditions, object ids, foreground masks, first frames."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config import SynthesisConfig
from vid2vid.data.conditions import grey_planes, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.editing import LabelEditor, read_edits
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.errors import ConfigError, DataError
from vid2vid.ops import to_images
from vid2vid.video import Header, RawVideo, Times, doubts, stream_frames, stream_ids
from vid2vid.video.images import FOLDER_FPS

_log = logging.getLogger(__name__)

PIPE = "-"
Pixels = TypeVar("Pixels")
Planes = NDArray[np.uint8]
Ids = NDArray[np.int32]
Transform = Callable[[Planes, Ids | None, int], tuple[Planes, Ids | None]]
"""Changes the condition of a frame: planes ``(S, H, W)`` uint8, object ids ``(H, W)`` or None, index of the frame.

It is called once for each frame, in order and from the first one on, in the thread that reads.
"""


@dataclass(frozen=True)
class FrameInputs:
    """The arguments of a synthesizer for one frame.

    Attributes:
        source: ``(1, S, H, W)`` uint8, the condition.
        instance: ``(1, 1, H, W)`` object ids, or None.
        foreground: ``(1, 1, H, W)`` uint8, a soft mask, or None.
    """

    source: Tensor
    instance: Tensor | None = None
    foreground: Tensor | None = None


class InputSource:
    """Reads the inputs of one synthesis.

    Args:
        config: The settings; the source is one path or pipe.
        condition: The model's condition.
        transforms: Changes of the condition, applied in order after the edits of the settings.
        stopped: Asked while a pipe waits for frames: whether to stop waiting.

    Attributes:
        source: The path or pipe of the conditions.
        crop_resize: Crop and size of the frames.

    Raises:
        ConfigError: The size of raw frames is not given, or an edit does not fit the condition.
    """

    def __init__(
        self,
        config: SynthesisConfig,
        condition: Condition,
        transforms: Sequence[Transform] = (),
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._config, self._condition = config, condition
        self.crop_resize = CropResize(config.height, config.width, tuple(config.crop))
        edits = read_edits(config.edit)
        self._transforms: list[Transform] = [*([LabelEditor(condition, edits)] if edits else []), *transforms]
        self._first: Tensor | None = None
        self.source: Path | RawVideo
        if config.source == PIPE:
            height, width = config.raw_height or config.height, config.raw_width or config.width
            if height < 1 or width < 1:
                raise ConfigError("source=-: raw frames do not say their size: give raw_height and raw_width.")
            self.source = RawVideo(height, width, config.fps or FOLDER_FPS, stopped=stopped)
        else:
            self.source = config.source if isinstance(config.source, RawVideo) else Path(config.source)

    def header(self) -> Header:
        """Return frame rate and number of frames of the source.

        Raises:
            DataError: It cannot be read.
        """
        if isinstance(self.source, RawVideo):
            return Header(self.source.fps, None)
        return kind_of(self._condition).header(self.source)

    def warn_of_doubts(self) -> None:
        """Warn of what is lost when the source and the first frames are read.

        Raises:
            DataError: They cannot be read.
        """
        for path in (self.source, self._config.first):
            if isinstance(path, Path) and not holds_keypoints(path):
                for doubt in doubts(path):
                    _log.warning("%s: %s.", path, doubt)

    def times(self) -> Times:
        """Return when each frame of the source is shown, where neither it nor the settings have a constant rate.

        Raises:
            DataError: It cannot be read.
        """
        if isinstance(self.source, RawVideo) or self._config.fps:
            return None
        return kind_of(self._condition).times(self.source)

    def __iter__(self) -> Iterator[FrameInputs]:
        """Yield the inputs of each frame.

        Raises:
            DataError: While iterating: a file cannot be read, or differs in size or length; the message names it.
        """
        instance, foreground = self._config.instance, self._config.foreground
        if self._condition.instance_edges and instance is None:
            raise DataError("this model's condition has instance edges: give instance=path to a video of object ids.")
        ids_read = stream_ids(instance) if instance and self._condition.instance_edges else None
        masks_read = stream_frames(foreground) if foreground else None
        for index, planes in enumerate(self._planes()):
            source, ids, mask = planes[0], None, None
            require_same_size(self._config.first, self._first, planes)
            if instance and ids_read:
                ids = self.crop_resize.ids(_next(ids_read, instance)[None])[0]
                require_same_size(instance, ids, planes)
            if foreground and masks_read:
                mask = grey_planes(_next(masks_read, foreground)[None], self.crop_resize)
                require_same_size(foreground, mask, planes)
            for transform in self._transforms:
                source, ids = transform(source, ids, index)
            yield FrameInputs(
                torch.from_numpy(np.ascontiguousarray(source))[None],
                None if ids is None else torch.from_numpy(np.ascontiguousarray(ids))[None, None],
                None if mask is None else torch.from_numpy(mask),
            )

    def first_frames(self, needed: int) -> Tensor | None:
        """Read the first frames of the settings, ``(1, needed, 3, H, W)`` in [-1, 1]; None: none are given.

        Their size is compared with the size of the conditions when these are read.

        Raises:
            DataError: There are too few, or they cannot be read.
        """
        if (path := self._config.first) is None:
            return None
        frames = list(islice(stream_frames(path), needed))
        if len(frames) < needed:
            raise DataError(f"{path}: has {len(frames)} frames, but {needed} first frames are needed.")
        pixels = self.crop_resize.images(np.stack(frames))
        self._first = to_images(torch.from_numpy(pixels).permute(0, 3, 1, 2))[None]
        return self._first

    def _planes(self) -> Iterator[Planes]:
        """Yield the conditions, ``(1, S, H, W)``."""
        condition, kind = self._condition, kind_of(self._condition)
        if isinstance(self.source, Path):
            appended = getattr(self._config, condition.appended) if condition.appended else None
            yield from kind.stream(self.source, self.crop_resize, appended)
            return
        if condition.from_keypoints:
            raise ConfigError(f"{self.source}: keypoints are no pictures; give the path of their file.")
        for index, frame in enumerate(self.source.frames(kind.raw_channels)):
            yield kind.planes(frame[None], self.crop_resize, Path(str(self.source)), range(index, index + 1))


def _next(frames: Iterator[Pixels], path: Path) -> Pixels:
    for frame in frames:
        return frame
    raise DataError(f"{path}: has fewer frames than the source.")


def require_same_size(
    path: Path | None, given: NDArray[np.generic] | Tensor | None, source: NDArray[np.generic] | Tensor
) -> None:
    """Compare the size of frames that go beside the condition with the size of the condition.

    Raises:
        DataError: They differ; the message names ``path``.
    """
    if given is not None and given.shape[-2:] != source.shape[-2:]:
        (height, width), (wanted_height, wanted_width) = given.shape[-2:], source.shape[-2:]
        raise DataError(
            f"{path}: its frames are {height} x {width}, those of the source {wanted_height} x {wanted_width}; give "
            "height and width to bring them to one size."
        )
