"""What a video is synthesised from, frame by frame."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions import grey_planes, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError
from vid2vid.ops import to_images
from vid2vid.video import Header, RawVideo, stream_frames, stream_ids

Planes = NDArray[np.uint8]
Ids = NDArray[np.int32]
Transform = Callable[[Planes, Ids | None, int], tuple[Planes, Ids | None]]
"""Changes the condition of a frame: planes ``(S, H, W)`` uint8, object ids ``(H, W)`` or None, index of the frame.

It is called once for each frame, in order and from the first one on, in the thread that reads.
"""


@dataclass(frozen=True)
class Inputs:
    """What a synthesizer takes for one frame.

    Attributes:
        source: ``(1, S, H, W)`` uint8.
        instance: ``(1, 1, H, W)`` object ids, or None.
        foreground: ``(1, 1, H, W)`` uint8, a soft mask, or None.
    """

    source: Tensor
    instance: Tensor | None = None
    foreground: Tensor | None = None


@dataclass(frozen=True)
class Material:
    """The files that a video is synthesised from.

    Attributes:
        source: The conditions: a video, a folder of images, keypoints, or raw frames from a pipe.
        crop_resize: Part and size of the source that is used.
        instance: Video of object ids, needed when the condition has instance edges.
        foreground: Grey video, a soft mask of the foreground.
        appended: What the condition appends to keypoints (`Condition.appended`).
        transforms: Changes of the conditions, one after the other.
    """

    source: Path | RawVideo
    crop_resize: CropResize = field(default_factory=CropResize)
    instance: Path | None = None
    foreground: Path | None = None
    appended: Path | None = None
    transforms: Sequence[Transform] = ()

    def header(self, condition: Condition) -> Header:
        """Return frame rate and number of frames of the source.

        Raises:
            DataError: It cannot be read.
        """
        return (
            Header(self.source.fps, None)
            if isinstance(self.source, RawVideo)
            else kind_of(condition).header(self.source)
        )

    def inputs(self, condition: Condition) -> Iterator[Inputs]:
        """Yield what F takes for each frame.

        Raises:
            DataError: While iterating: a file cannot be read, or does not fit; the message names it.
        """
        objects, masks = self._objects(condition), self._masks()
        for index, planes in enumerate(self._planes(condition)):
            ids, mask = next(objects), next(masks)
            for path, part in ((self.instance, ids), (self.foreground, mask)):
                require_size(path, part, planes)
            source = planes[0]
            for transform in self.transforms:
                source, ids = transform(source, ids, index)
            yield Inputs(
                torch.from_numpy(np.ascontiguousarray(source))[None],
                None if ids is None else torch.from_numpy(np.ascontiguousarray(ids))[None, None],
                None if mask is None else torch.from_numpy(mask),
            )

    def first_frames(self, first: Path, needed: int) -> Tensor:
        """Read first frames for F, ``(1, needed, 3, H, W)`` in [-1, 1].

        Raises:
            DataError: There are too few, or they cannot be read.
        """
        frames = list(islice(stream_frames(first), needed))
        if len(frames) < needed:
            raise DataError(f"{first}: has {len(frames)} frames, but {needed} first frames are needed.")
        pixels = self.crop_resize.images(np.stack(frames))
        return to_images(torch.from_numpy(pixels).permute(0, 3, 1, 2))[None]

    def _planes(self, condition: Condition) -> Iterator[Planes]:
        """Yield the conditions, ``(1, S, H, W)``."""
        kind = kind_of(condition)
        if not isinstance(self.source, RawVideo):
            yield from kind.stream(self.source, self.crop_resize, self.appended)
            return
        if condition.from_keypoints:
            raise ConfigError(f"{self.source}: keypoints are no pictures; give the path of their file.")
        for index, frame in enumerate(self.source.frames(kind.raw_channels)):
            yield kind.planes(frame[None], self.crop_resize, Path(str(self.source)), range(index, index + 1))

    def _objects(self, condition: Condition) -> Iterator[Ids | None]:
        if not condition.instance_edges:
            while True:
                yield None
        if self.instance is None:
            raise DataError("this model's condition has instance edges: give instance=path to a video of object ids.")
        for ids in stream_ids(self.instance):
            yield self.crop_resize.ids(ids[None])[0]
        raise DataError(f"{self.instance}: has fewer frames than the source.")

    def _masks(self) -> Iterator[Planes | None]:
        if self.foreground is None:
            while True:
                yield None
        for frame in stream_frames(self.foreground):
            yield grey_planes(frame[None], self.crop_resize)
        raise DataError(f"{self.foreground}: has fewer frames than the source.")


def require_size(
    origin: object, part: NDArray[np.generic] | Tensor | None, planes: NDArray[np.generic] | Tensor
) -> None:
    """Compare the size of what goes beside a condition with the size of that.

    Raises:
        DataError: They differ; the message names ``origin``.
    """
    if part is not None and part.shape[-2:] != planes.shape[-2:]:
        (height, width), (wanted_height, wanted_width) = part.shape[-2:], planes.shape[-2:]
        raise DataError(
            f"{origin}: its frames are {height} x {width}, those of the source {wanted_height} x {wanted_width}; give "
            "height and width to bring them to one size."
        )
