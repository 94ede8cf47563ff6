"""Clips: windows of a sequence, with conditions, instances and reference flows."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from vid2vid.condition import Condition
from vid2vid.config import AugmentConfig
from vid2vid.data.augment import View, draw_view, recoloured
from vid2vid.data.conditions import grey_planes, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError
from vid2vid.flow.store import FlowStore
from vid2vid.types import Clip, Flow
from vid2vid.video import ReaderPool


class Window(NamedTuple):
    """Some frames of a sequence, counted from the sequence's first frame, ``stride`` apart.

    Those that are to be changed at random carry what the change depends on: epoch and place in it.
    """

    sequence: int
    start: int
    frames: int
    stride: int = 1
    draw: tuple[int, int] | None = None

    def of_file(self, sequence: VideoSequence) -> range:
        """Return which frames of the sequence's files these are."""
        first = sequence.start + self.start
        return range(first, first + self.frames * self.stride, self.stride)


class ClipDataset(Dataset[Clip]):
    """Reads clips, a batch of one each; indexed by `Window`, which the sampler makes.

    Args:
        sequences: The sequences that windows count.
        condition: What their source files hold.
        crop_resize: Part and size of the frames.
        flows: For each sequence the folder of its reference flows, or None.
        strides: Temporal strides of the flows that a clip carries.
        augment: Random changes of the windows that ask for them.
        seed: Seed of these.

    Raises:
        ConfigError: DensePose maps are to be mirrored, or label maps changed where there are none.
    """

    def __init__(
        self,
        sequences: list[VideoSequence],
        condition: Condition,
        crop_resize: CropResize,
        flows: list[FlowStore | None],
        strides: list[int],
        augment: AugmentConfig | None = None,
        seed: int = 0,
    ) -> None:
        self.sequences = sequences
        self.condition = condition
        self.crop_resize = crop_resize
        self.flows = flows
        self.strides = strides
        self.augment = augment or AugmentConfig()
        if condition.densepose and self.augment.flip:
            raise ConfigError(
                f"data.augment.flip={self.augment.flip:g}: u and v of a mirrored body cannot be had from its DensePose "
                "map; set it to 0."
            )
        if not condition.has_labels and self.augment.labels:
            raise ConfigError(
                "data.augment.drop_objects, .move_borders and .coarse_labels change label maps, but this condition is "
                f"of the kind {condition.kind!r}; leave them at 0."
            )
        self.seed = seed
        # opened in the worker that reads: a reader does not survive a fork
        self._readers = ReaderPool()
        self._kind = kind_of(condition)

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.sequences)

    def __getitem__(self, window: Window) -> Clip:
        """Read one clip.

        Raises:
            DataError: A file cannot be read, or holds what it must not; the message names it and the frame.
        """
        sequence = self.sequences[window.sequence]
        frames = window.of_file(sequence)
        target = self._read(sequence.target, frames)
        size = target.shape[1], target.shape[2]
        view = self._view(window, *size)
        planes = self._kind.read(self._readers, sequence, frames, view, target)
        objects = self._instance(sequence, frames, view.crop_resize)
        if view.labels is not None:
            planes, objects = view.labels(planes, objects)
        real = view.crop_resize.images(target)
        if view.colours is not None:
            real = recoloured(real, view.colours)
        if planes.shape[2:] != real.shape[1:3]:
            raise DataError(
                f"{sequence.source}: frames of {planes.shape[2:]}, but {sequence.target} {real.shape[1:3]}."
            )
        return Clip(
            _batch(planes),
            _batch(real.transpose(0, 3, 1, 2)),
            None if objects is None else _batch(objects),
            self._flows(window, view.crop_resize, size),
            [f"{sequence.name}:{frames.start}"],
            self._foreground(sequence, frames, view.crop_resize),
        )

    def _view(self, window: Window, height: int, width: int) -> View:
        if window.draw is None or not self.augment.changes:
            return View(self.crop_resize)
        random = np.random.default_rng((self.seed, *window.draw))
        return draw_view(self.augment, self.crop_resize, height, width, random)

    def _read(self, path: Path, frames: range) -> NDArray[np.uint8]:
        return self._readers.get(path).read(frames)

    def _instance(self, sequence: VideoSequence, frames: range, crop_resize: CropResize) -> NDArray[np.int32] | None:
        if sequence.instance is None:
            return None
        ids = self._readers.ids(sequence.instance).read(frames)
        return crop_resize.ids(ids)[:, None]

    def _foreground(self, sequence: VideoSequence, frames: range, crop_resize: CropResize) -> Tensor | None:
        if sequence.foreground is None:
            return None
        return _batch(grey_planes(self._read(sequence.foreground, frames), crop_resize))

    def _flows(self, window: Window, crop_resize: CropResize, size: tuple[int, int]) -> dict[int, Flow]:
        store = self.flows[window.sequence]
        if store is None:
            return {}
        if self.sequences[window.sequence].flow is None:
            # estimated flows belong to cropped and resized frames, those of the data set to the files' frames
            crop_resize = crop_resize.within(self.crop_resize, *size)
        strides = [k for k in self.strides if k < window.frames and store.has(k * window.stride)]
        return {k: _flow(store, k, window, crop_resize) for k in strides}


def _flow(store: FlowStore, stride: int, window: Window, crop_resize: CropResize) -> Flow:
    step = window.stride
    entries = store.read(stride * step, window.start, (window.frames - stride - 1) * step + 1)
    vectors, confidence = crop_resize.flow(*(np.ascontiguousarray(part[::step]) for part in entries))
    return Flow(_batch(vectors), _batch(confidence))


def _batch(array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))[None]
