"""`Validator`: checks before a training that the files of each sequence are readable and fit together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from vid2vid.condition import Plane
from vid2vid.data.checks import require_same_size
from vid2vid.data.formats.file_cache import cached_file_answer
from vid2vid.data.formats.frame_files import KEYPOINT_FILE, frame_files, holds_keypoints, require_same_names
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.planes import PlaneFrames
from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.video import exact_path, open_frames
from vid2vid.video.images import image_size

TARGET = "target"
SOURCE = "source"
PEOPLE = "people"
"""Role of maps of people's ids, 0 where nobody is, from which foreground masks are made."""
PLANE = "plane "
"""Prefix of the role of a plane, before its name."""


@dataclass(frozen=True)
class SequenceFiles:
    """The files of one sequence.

    Attributes:
        name: Unique in its data set.
        split: ``train`` or ``val``; empty if the data set is not divided.
        files: For each role (`TARGET`, `SOURCE`, `PEOPLE`, `PLANE` with a name, and other paths of
            `vid2vid.data.manifest.VideoSequence`) a video file, a folder, or a folder with a pattern of names
            (`vid2vid.video.is_folder`).
        start: Index of the first frame in the files.
        frames: Number of frames; 0: all.
        problem: Why the sequence cannot be used, with the file at fault and the remedy; empty: no problem is known.
    """

    name: str
    split: str
    files: dict[str, Path] = field(default_factory=dict)
    start: int = 0
    frames: int = 0
    problem: str = ""


class _Extent(NamedTuple):
    """Number of frames of a file, and their height and width (None: not known)."""

    frames: int
    size: tuple[int, int] | None

    def __str__(self) -> str:
        return " x ".join(map(str, self.size or ()))


class Validator:
    """Checks each file once, since many sequences may be in one folder.

    Args:
        cache: The cache folder.
        planes: The planes that sequences must have.
    """

    def __init__(self, cache: Path, planes: Sequence[Plane] = ()) -> None:
        self.cache, self._planes = cache, planes
        self._extents: dict[Path, _Extent] = {}
        self._compared: set[tuple[Path, Path]] = set()

    def validate(self, sequence: SequenceFiles) -> VideoSequence:
        """Return the sequence that consists of these files, if they are exactly readable and fit together.

        Raises:
            DataError: They are not or do not; the message names the file and the problem.
        """
        if sequence.problem:
            raise DataError(sequence.problem)
        files = {
            # copies have 8 bits; the readers of planes make one if it suffices
            role: path
            if path.suffix.lower() == KEYPOINT_FILE or role.startswith(PLANE)
            else exact_path(path, self.cache)
            for role, path in sequence.files.items()
        }
        planes = {plane.name: files.pop(PLANE + plane.name) for plane in self._planes}
        target = files.pop(TARGET)
        extent = self._extent(target)
        for path in files.values():
            if path != target and (path, target) not in self._compared:
                self._compare(path, target)
                self._compared.add((path, target))
        for plane in self._planes:
            self._compare_plane(planes[plane.name], plane, target)
        source = files.pop(SOURCE)
        if PEOPLE in files:
            files["foreground"] = files.pop(PEOPLE)
        frames = sequence.frames or extent.frames
        return VideoSequence(
            sequence.name, sequence.split, target, source, frames, sequence.start, planes=planes, **files
        )

    def _extent(self, path: Path) -> _Extent:
        if path not in self._extents:
            if holds_keypoints(path):
                # text files are slow to read, but must be checked, so that an error in one does not stop a training
                frames, size = cached_file_answer(path, "keypoints", self.cache, _keypoints_extent)
                extent = _Extent(frames, (size[0], size[1]) if size else None)
            elif files := frame_files(path):
                extent = _Extent(len(files), image_size(files[0]))
            else:
                reader = open_frames(path)
                extent = _Extent(len(reader), (reader.height, reader.width))
            self._extents[path] = extent
        return self._extents[path]

    def _compare(self, path: Path, target: Path) -> None:
        """Compare the names, number and size of frames with those of the target."""
        require_same_names(path, target)
        mine, theirs = self._extent(path), self._extent(target)
        if mine.frames != theirs.frames:
            raise DataError(
                f"{path}: has {mine.frames} frames, but {target} has {theirs.frames}; a sequence needs as many "
                "conditions as frames."
            )
        if mine.size and theirs.size:
            require_same_size(path, mine.size, target, theirs.size)

    def _compare_plane(self, path: Path, plane: Plane, target: Path) -> None:
        """Compare the names, number and size of a plane's frames with those of the target."""
        if path.suffix.lower() == KEYPOINT_FILE:
            raise DataError(
                f"{path}: the arrays of the plane {plane.name!r} belong in a folder for each sequence, one "
                f"{KEYPOINT_FILE} file for each frame."
            )
        require_same_names(path, target)
        frames, extent = PlaneFrames(path, plane), self._extent(target)
        if len(frames) != extent.frames or (frames.height, frames.width) != extent.size:
            raise DataError(
                f"{path}: the plane {plane.name!r} has {len(frames)} frames of {frames.height} x {frames.width}, but "
                f"{target} has {extent.frames} of {extent} (height x width); both must show the same frames."
            )


def _keypoints_extent(path: Path) -> tuple[int, tuple[int, int] | None]:
    keypoints = read_keypoints(path)
    return len(keypoints), keypoints.size
