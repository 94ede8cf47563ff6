"""`ClipDataset`: reads clips, which are windows of a sequence with conditions, object ids and reference flows."""

from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from vid2vid.condition import Condition
from vid2vid.config import AugmentConfig
from vid2vid.data.augment import View, draw_view, recoloured
from vid2vid.data.checks import require_same_size
from vid2vid.data.conditions import grey_planes, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.editing.edited_planes import edited_planes
from vid2vid.data.label_tracks import LabelTracks
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.planes import PlaneFrames, absent_plane, framed_planes, plane_path
from vid2vid.errors import ConfigError
from vid2vid.flow.store import FlowStore
from vid2vid.types import Clip, Flow
from vid2vid.video import ReaderPool


class Window(NamedTuple):
    """The frames of a clip.

    Attributes:
        sequence: Index of the sequence.
        start: Index of the first frame in the sequence.
        frames: Number of frames.
        stride: Distance between the frames.
        draw: Seed of the augmentation, epoch and place in the epoch; None: no augmentation.
    """

    sequence: int
    start: int
    frames: int
    stride: int = 1
    draw: tuple[int, int] | None = None

    def of_file(self, sequence: VideoSequence) -> range:
        """Return the indices of these frames in the files of the sequence."""
        first = sequence.start + self.start
        return range(first, first + self.frames * self.stride, self.stride)


class ClipDataset(Dataset[Clip]):
    """Reads clips, each as a batch of one, by the `Window` that the sampler draws.

    Args:
        sequences: The sequences, indexed by `Window.sequence`.
        condition: The condition in their source files.
        crop_resize: Part and size of the frames.
        flows: The reference flows of each sequence, or None.
        strides: Temporal strides of the flows in a clip.
        augment: Random augmentation, applied to windows that have a ``draw``.
        seed: Seed of the augmentation.

    Raises:
        ConfigError: The augmentation would mirror DensePose maps, or change label maps or instance maps that the data
            does not have.
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
                f"data.augment.flip={self.augment.flip:g}: u and v of a mirrored body cannot be derived from its "
                "DensePose map; set it to 0."
            )
        if not condition.has_labels and self.augment.labels:
            raise ConfigError(
                "data.augment.drop_objects, .move_borders, .coarse_labels and .sketch_objects change label maps, but "
                f"this condition is of the kind {condition.kind!r}; leave them at 0."
            )
        has_ids = condition.tracks or all(sequence.instance is not None for sequence in sequences)
        if self.augment.sketch_objects and not has_ids:
            raise ConfigError(
                f"data.augment.sketch_objects={self.augment.sketch_objects:g}: objects are found by their ids, but the "
                "data has no instance maps; set it to 0."
            )
        self.seed = seed
        # readers are opened in the worker that uses them, since they do not survive a fork
        self._readers = ReaderPool(4 + len(condition.planes))
        self._kind = kind_of(condition)
        self._open_planes = {plane.name: partial(PlaneFrames, plane=plane) for plane in condition.planes}

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.sequences)

    def __getitem__(self, window: Window) -> Clip:
        """Read one clip.

        Raises:
            DataError: A file cannot be read or has invalid values; the message names the file and the frame.
        """
        sequence = self.sequences[window.sequence]
        frames = window.of_file(sequence)
        target = self._readers.get(sequence.target).read(frames)
        size = target.shape[1], target.shape[2]
        view = self.view(window, *size)
        source = self._kind.read(self._readers, sequence, frames, view, target)
        framed = view.crop_resize.size(*size)
        require_same_size(sequence.source, (source.shape[2], source.shape[3]), sequence.target, framed)
        objects = foreground = None
        if sequence.instance is not None:
            ids = self._readers.ids(sequence.instance).read(frames) >> self.condition.object_shift
            objects = view.crop_resize.ids(ids)[:, None]
        if self.condition.tracks:
            given = None if objects is None else objects[:, 0]
            objects = LabelTracks(self.condition.tracked_classes).follow(source[:, 0], given)[:, None]
        if sequence.foreground is not None:
            masks = self._readers.get(sequence.foreground).read(frames)
            foreground = _batch(grey_planes(masks, view.crop_resize))
        planes = self._planes(sequence, frames, view.crop_resize, size)
        if view.labels is not None:
            exact = source, objects
            source, objects, drawn = view.labels(source, objects)
            planes = edited_planes(self.condition, planes, exact, (source, objects), drawn)
        real = view.crop_resize.images(target)
        if view.colours is not None:
            real = recoloured(real, view.colours)
        return Clip(
            _batch(source),
            _batch(real.transpose(0, 3, 1, 2)),
            None if objects is None else _batch(objects),
            self._flows(window, view.crop_resize, size),
            [f"{sequence.name}:{frames.start}"],
            foreground,
            None if planes is None else planes[None],
        )

    def view(self, window: Window, height: int, width: int) -> View:
        """Return the augmentation of a window, whose frames have this size in their file."""
        if window.draw is None or not self.augment.changes:
            return View(self.crop_resize)
        random = np.random.default_rng((self.seed, *window.draw))
        return draw_view(self.augment, self.crop_resize, height, width, random)

    def _planes(
        self, sequence: VideoSequence, frames: range, crop_resize: CropResize, size: tuple[int, int]
    ) -> Tensor | None:
        """Read the planes ``(T, P, H, W)`` of some frames; None if the condition has none.

        Args:
            sequence: The sequence.
            frames: Indices of the frames in its files.
            crop_resize: Part and size of the frames.
            size: Size of the real frames in the file, which the planes' files must have.
        """
        values = []
        for plane in self.condition.planes:
            path = plane_path(sequence, plane)
            if path is None:
                values.append(np.stack([absent_plane(plane, crop_resize.size(*size))] * len(frames)))
                continue
            reader = self._readers.opened(self._open_planes[plane.name], path)
            require_same_size(path, (reader.height, reader.width), sequence.target, size)
            values.append(framed_planes(reader.read(frames), plane, crop_resize))
        return torch.from_numpy(np.concatenate(values, axis=1)) if values else None

    def _flows(self, window: Window, crop_resize: CropResize, size: tuple[int, int]) -> dict[int, Flow]:
        """Read the flows of a window, from frame t to t - k, for each stride k that fits into it and is available."""
        store, step = self.flows[window.sequence], window.stride
        if store is None:
            return {}
        if self.sequences[window.sequence].flow is None:
            # flows were estimated on cropped and resized frames, those of the data set belong to the files' frames
            crop_resize = crop_resize.within(self.crop_resize, *size)
        flows = {}
        for k in self.strides:
            if k < window.frames and store.has(k * step):
                entries = store.read(k * step, window.start, (window.frames - k - 1) * step + 1)
                vectors, confidence = crop_resize.flow(*(np.ascontiguousarray(part[::step]) for part in entries))
                flows[k] = Flow(_batch(vectors), _batch(confidence))
        return flows


def _batch(array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))[None]
