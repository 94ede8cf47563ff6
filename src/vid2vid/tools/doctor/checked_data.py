"""What the doctor examines: the sequences of a data set, their files, and some runs of frames of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NewType, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from vid2vid.config import GeneratorConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.data.manifest import VideoSequence
from vid2vid.files import cache_folder
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.flow.loading import load_flow_estimator
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.video import ReaderPool

ROLES = ("target", "source", "instance", "background", "densepose", "foreground")
"""The pictures of a sequence, by the names that `vid2vid.data.manifest.VideoSequence` has for them."""

RUN = 8
"""Consecutive frames that are measured together: enough to see motion, few enough to hold in memory."""

Measured = TypeVar("Measured")


class CheckedDataset:
    """A data set under examination, and the model that would be trained on it.

    Args:
        data_module: The data set, framed and cut into clips as for a training.
        generator: Settings of F.
        frames: How many frames of each sequence are measured; 0: all.

    Attributes:
        sequences: All sequences of all splits.
        where: Name of the data set in findings.

    Raises:
        DataError: The data set has no manifest that can be read, or none can be made.
    """

    def __init__(self, data_module: Vid2VidDataModule, generator: GeneratorConfig, frames: int) -> None:
        self.data_module, self.generator, self.frames = data_module, generator, frames
        self.loader, self.crop_resize = data_module.loader, data_module.crop_resize
        self.cache = cache_folder(self.loader.cache)
        self.where = "the data set"
        self.manifest = data_module.prepare_manifest()
        data_module.estimate_depth()
        self.condition = data_module.condition
        self.readers = ReaderPool(len(ROLES))
        self.sequences = [CheckedSequence(self, entry) for entry in self.manifest.sequences]

    @cached_property
    def flow_estimator(self) -> FlowEstimator:
        """The estimator of the reference flows that the data set does not bring."""
        return load_flow_estimator(self.data_module.flow_estimator)

    @property
    def readable(self) -> list["ReadableSequence"]:
        """The sequences whose real frames could be opened."""
        return [ReadableSequence(sequence) for sequence in self.sequences if "target" in sequence.files]

    def split(self, name: str) -> list["CheckedSequence"]:
        """Return the sequences of one split, possibly none."""
        return [sequence for sequence in self.sequences if sequence.entry.split == name]


@dataclass(frozen=True)
class OpenedFile:
    """A video or folder of images that could be opened.

    Attributes:
        path: Where it is.
        frames: Number of frames.
        size: Height and width of a frame in pixels.
        fps: Frames a second; 0 for a folder, which has no rate.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    fps: float


class CheckedSequence:
    """One sequence under examination.

    Args:
        dataset: The data set that it belongs to.
        entry: Its entry in the manifest.

    Attributes:
        files: Its files by their roles, those that could be opened.
        keypoints: The keypoints that its condition is drawn from; None if there are none or they cannot be read.
        labelled: Whether its condition is stored as maps of class ids, not as colours that stand for them.
        where: Name of the sequence in findings.
    """

    def __init__(self, dataset: CheckedDataset, entry: VideoSequence) -> None:
        self.dataset, self.entry = dataset, entry
        self.files: dict[str, OpenedFile] = {}
        self.keypoints: Keypoints | None = None
        self.labelled = dataset.condition.holds_ids
        self.where = f"the sequence {entry.name!r}"
        self._measured: dict[Any, list[Any]] = {}

    @property
    def paths(self) -> list[Path]:
        """All files and folders of the sequence."""
        own = [value for value in vars(self.entry).values() if isinstance(value, Path)]
        return [*own, *self.entry.planes.values()]

    @property
    def picture_paths(self) -> dict[str, Path]:
        """The files that hold pictures, by their roles; a condition that is computed from the target has none."""
        paths = {role: getattr(self.entry, role) for role in ROLES}
        if self.dataset.condition.from_keypoints or self.entry.source == self.entry.target:
            del paths["source"]
        return {role: path for role, path in paths.items() if path is not None}

    def runs(self) -> Iterator["FrameRun"]:
        """Yield the runs of frames that are measured; to be called when all files were opened."""
        start, behind = self.entry.start, 0
        counts = [file.frames - start for file in self.files.values()]
        for run in choose_runs(min([self.entry.frames, *counts]) if counts else 0, self.dataset.frames):
            yield FrameRun(self, range(start + run.start, start + run.stop), max(0, behind - run.start))
            behind = run.stop

    @property
    def whole(self) -> bool:
        """Whether all frames are measured."""
        return not self.dataset.frames or self.dataset.frames >= self.entry.frames

    def measure(self, measure: Callable[["FrameRun"], Measured | None], run: "FrameRun") -> None:
        """Measure a run of frames and keep the result for `of`."""
        found = measure(run)
        if found is not None:
            self._measured.setdefault(measure, []).append(found)

    def of(self, measure: Callable[["FrameRun"], Measured | None]) -> list[Measured]:
        """Return what was measured, run by run, without the runs in which there was nothing to measure."""
        return cast("list[Measured]", self._measured.get(measure, []))


ReadableSequence = NewType("ReadableSequence", CheckedSequence)
"""A sequence whose real frames could be opened."""


class FrameRun:
    """A run of consecutive frames of a sequence; each file is read when first asked for.

    Args:
        sequence: The sequence.
        frames: Which frames of its files.
        again: How many of the first ones also belong to the run before; from them the motion to the next is measured.
    """

    def __init__(self, sequence: CheckedSequence, frames: range, again: int = 0) -> None:
        self.sequence, self.frames, self.again = sequence, frames, again
        self._kept: dict[Any, NDArray[Any]] = {}

    def pictures(self, role: str) -> NDArray[np.uint8] | None:
        """Return the pictures in a role, ``(N, H, W, 3)`` RGB, or None if there are none that could be opened.

        Raises:
            VideoError: A frame is damaged.
        """
        return self._read(role, self.sequence.dataset.readers.get)

    def labels(self) -> NDArray[np.uint8] | None:
        """Return the condition as maps of class ids, ``(N, H, W)``, as `pictures` does.

        Raises:
            VideoError: A frame is damaged or is not a map of ids.
        """
        return self._read("source", self.sequence.dataset.readers.labels)

    def ids(self) -> NDArray[np.int32] | None:
        """Return the maps of object ids, ``(N, H, W)``, as `pictures` does.

        Raises:
            VideoError: A frame is damaged or is not a map of ids.
        """
        return self._read("instance", self.sequence.dataset.readers.ids)

    def _read(self, role: str, open_reader: Callable[[Path], Any]) -> NDArray[Any] | None:
        file = self.sequence.files.get(role)
        if file is None:
            return None
        if (role, open_reader) not in self._kept:
            self._kept[role, open_reader] = open_reader(file.path).read(self.frames)
        return self._kept[role, open_reader]


def choose_runs(frames: int, budget: int) -> Iterator[range]:
    """Choose runs of up to `RUN` consecutive frames, spread evenly.

    Args:
        frames: Number of frames that there are.
        budget: Number of frames that may be measured; 0: all. Runs that cover all share a frame with the next: no step
            from frame to frame is left out.
    """
    if not budget or budget >= frames:
        starts = range(0, max(frames - 1, min(frames, 1)), RUN - 1)
        yield from (range(start, min(start + RUN, frames)) for start in starts)
        return
    length = min(RUN, budget)
    for start in np.linspace(0, frames - length, max(budget // RUN, 1)).round().astype(int):
        yield range(int(start), int(start) + length)
