"""What the doctor looks at: the sequences of a data set, their files, and some runs of frames of each."""

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.config import GeneratorConfig, LoaderConfig
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.files import cache_folder
from vid2vid.flow import FlowEstimator, load_flow_estimator
from vid2vid.keypoints import Keypoints
from vid2vid.tools.doctor.material import Part, choose_runs
from vid2vid.video import ReaderPool

ROLES = ("target", "source", "instance", "background", "densepose", "foreground")
"""The pictures of a sequence, by the names that `vid2vid.data.manifest.VideoSequence` has for them."""

Measured = TypeVar("Measured")
Pixel = TypeVar("Pixel", bound=np.generic)


class Study:
    """A data set under examination, and what would be trained on it.

    Args:
        data: The data set, framed and cut into clips as for a training.
        generator: F that would be trained.
        frames: How many frames of each sequence are looked at; 0: all.

    Attributes:
        manifest: Its sequences.
        condition: What its conditions are.
        cases: Its sequences, as they are looked at.

    Raises:
        DataError: It has no manifest that can be read, or none can be made.
    """

    def __init__(self, data: Vid2VidDataModule, generator: GeneratorConfig, frames: int) -> None:
        self.data = data
        self.generator = generator
        self.frames = frames
        self.manifest: Manifest = data.prepare_manifest()
        self.condition: Condition = data.condition
        self.readers = ReaderPool(len(ROLES))
        self.cases = [Case(self, sequence) for sequence in self.manifest.sequences]

    @property
    def loader(self) -> LoaderConfig:
        """How clips are cut and loaded."""
        return self.data.loader

    @property
    def crop_resize(self) -> CropResize:
        """Part and size of the frames."""
        return self.data.crop_resize

    @cached_property
    def flow_estimator(self) -> FlowEstimator:
        """Who computes the reference flows that the data does not bring."""
        return load_flow_estimator(self.data.flow_estimator)

    @property
    def cache(self) -> Path:
        """Folder for what is computed once."""
        return cache_folder(self.loader.cache)

    @property
    def where(self) -> str:
        """A name of the data set, for findings about all of it."""
        return "the data set"

    def split(self, name: str) -> list["Case"]:
        """Return the sequences of one split, none if there are none."""
        return [case for case in self.cases if case.sequence.split == name]


class Case:
    """One sequence under examination.

    Args:
        study: What it belongs to.
        sequence: The sequence.

    Attributes:
        parts: Its files by their roles, those that could be opened.
        keypoints: The keypoints that its condition is drawn from, if it is and they can be read.
    """

    def __init__(self, study: Study, sequence: VideoSequence) -> None:
        self.study = study
        self.sequence = sequence
        self.parts: dict[str, Part] = {}
        self.keypoints: Keypoints | None = None
        self._measured: dict[Any, list[Any]] = {}

    @property
    def where(self) -> str:
        """A name of the sequence, for findings about it."""
        return f"the sequence {self.sequence.name!r}"

    @property
    def paths(self) -> dict[str, Path]:
        """The files that hold pictures, by their roles; a condition that is computed from the target has none."""
        paths = {role: getattr(self.sequence, role) for role in ROLES}
        if self.study.condition.from_keypoints or self.sequence.source == self.sequence.target:
            del paths["source"]
        return {role: path for role, path in paths.items() if path is not None}

    @cached_property
    def runs(self) -> list[range]:
        """The runs of frames that are looked at, as indices of the files."""
        counts = [part.frames - self.sequence.start for part in self.parts.values()]
        frames = min([self.sequence.frames, *counts]) if counts else 0
        start = self.sequence.start
        return [range(start + run.start, start + run.stop) for run in choose_runs(frames, self.study.frames)]

    def stretches(self) -> Iterator["Stretch"]:
        """Yield the runs, ready to be read."""
        behind = 0
        for run in self.runs:
            yield Stretch(self, run, max(0, behind - run.start))
            behind = run.stop

    @property
    def labelled(self) -> bool:
        """Whether its condition stands in the files as maps of class ids, not as colours that mean them."""
        return self.study.condition.holds_ids

    @property
    def whole(self) -> bool:
        """Whether all frames are looked at."""
        return not self.study.frames or self.study.frames >= self.sequence.frames

    def measure(self, measure: Callable[["Stretch"], Measured | None], stretch: "Stretch") -> None:
        """Keep what a measure finds in a stretch, for `of`."""
        found = measure(stretch)
        if found is not None:
            self._measured.setdefault(measure, []).append(found)

    def of(self, measure: Callable[["Stretch"], Measured | None]) -> list[Measured]:
        """Return what a measure has found, stretch by stretch; nothing where it could not look."""
        return cast("list[Measured]", self._measured.get(measure, []))


class Stretch:
    """A run of consecutive frames of a sequence; each file is read when first asked for.

    Args:
        case: The sequence.
        frames: Which frames of its files.
        again: How many of the first of them belong to the run before, too; they are there for the step to the next.
    """

    def __init__(self, case: Case, frames: range, again: int = 0) -> None:
        self.case = case
        self.frames = frames
        self.again = again
        self._kept: dict[tuple[str, str], NDArray[Any]] = {}

    def pictures(self, role: str) -> NDArray[np.uint8] | None:
        """Return the pictures in a role, ``(N, H, W, 3)`` RGB, or None where there are none or they cannot be opened.

        Raises:
            VideoError: A frame is damaged.
        """
        return self._once("pictures", role, lambda path: self.case.study.readers.get(path).read(self.frames))

    def labels(self) -> NDArray[np.uint8] | None:
        """Return the condition as maps of class ids, ``(N, H, W)``, likewise.

        Raises:
            VideoError: A frame is damaged, or no map of ids.
        """
        return self._once("labels", "source", lambda path: self.case.study.readers.labels(path).read(self.frames))

    def ids(self) -> NDArray[np.int32] | None:
        """Return the maps of object ids, ``(N, H, W)``, likewise.

        Raises:
            VideoError: A frame is damaged, or no map of ids.
        """
        return self._once("ids", "instance", lambda path: self.case.study.readers.ids(path).read(self.frames))

    def _once(self, kind: str, role: str, read: Callable[[Path], NDArray[Pixel]]) -> NDArray[Pixel] | None:
        part = self.case.parts.get(role)
        if part is None:
            return None
        if (kind, role) not in self._kept:
            self._kept[kind, role] = read(part.path)
        kept: NDArray[Pixel] = self._kept[kind, role]
        return kept
