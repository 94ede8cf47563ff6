"""Looking at the files of sequences before a training: each once, and all that belong together."""

from dataclasses import dataclass
from pathlib import Path

from vid2vid.data.formats.folders import KEYPOINT_FILE
from vid2vid.data.formats.footage import PEOPLE, SOURCE, TARGET, Footage
from vid2vid.data.formats.memory import remembered
from vid2vid.data.formats.pairing import frame_files, require_same_names
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import DataError
from vid2vid.keypoints import read_keypoints
from vid2vid.video import exact_path, open_frames
from vid2vid.video.images import IMAGE_ENDINGS, image_size


@dataclass(frozen=True)
class Extent:
    """How long and how large a file is.

    Attributes:
        frames: Number of frames.
        size: Height and width in pixels; None where it does not say.
    """

    frames: int
    size: tuple[int, int] | None


def holds_keypoints(path: Path) -> bool:
    """Whether a file or folder holds keypoints, as opposed to pictures."""
    if path.suffix.lower() == KEYPOINT_FILE:
        return True
    files = frame_files(path)
    return bool(files) and files[0].suffix.lower() not in IMAGE_ENDINGS


class Examiner:
    """Looks at files and remembers them: many sequences may lie in one folder.

    Args:
        cache: Folder for what is computed once.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self._extents: dict[Path, Extent] = {}
        self._paired: set[tuple[Path, Path]] = set()

    def examine(self, footage: Footage) -> VideoSequence:
        """Return the sequence that is made of some files, which can be read exactly and belong together.

        Raises:
            DataError: They cannot, or do not; the message names the file and what is wrong with it.
        """
        if footage.problem:
            raise DataError(footage.problem)
        files = {role: self._exact(path) for role, path in footage.files.items()}
        target = files.pop(TARGET)
        extent = self._extent(target)
        for path in files.values():
            self._compare(path, target)
        source = files.pop(SOURCE)
        if PEOPLE in files:
            files["foreground"] = files.pop(PEOPLE)
        frames = footage.frames or extent.frames
        return VideoSequence(footage.name, footage.split, target, source, frames, footage.start, **files)

    def _exact(self, path: Path) -> Path:
        return path if path.suffix.lower() == KEYPOINT_FILE else exact_path(path, self.cache)

    def _extent(self, path: Path) -> Extent:
        if path not in self._extents:
            self._extents[path] = self._keypoints(path) if holds_keypoints(path) else _pictures(path)
        return self._extents[path]

    def _keypoints(self, path: Path) -> Extent:
        # texts are slow to read, but a mistake in one should not stop a training
        frames, size = remembered(path, "keypoints", self.cache, _read)
        return Extent(frames, (size[0], size[1]) if size else None)

    def _compare(self, path: Path, target: Path) -> None:
        if path == target or (path, target) in self._paired:
            return
        require_same_names(path, target)
        mine, theirs = self._extent(path), self._extent(target)
        if mine.frames != theirs.frames:
            raise DataError(
                f"{path}: has {mine.frames} frames, but {target} has {theirs.frames}; a sequence needs as many "
                "conditions as frames."
            )
        if mine.size not in (None, theirs.size):
            raise DataError(
                f"{path}: its frames are of {_size(mine)}, but those of {target} of {_size(theirs)} (height x width); "
                "condition and target must show the same picture."
            )
        self._paired.add((path, target))


def _pictures(path: Path) -> Extent:
    files = frame_files(path)
    if files:
        return Extent(len(files), image_size(files[0]))
    reader = open_frames(path)
    return Extent(len(reader), (reader.height, reader.width))


def _read(path: Path) -> tuple[int, tuple[int, int] | None]:
    keypoints = read_keypoints(path)
    return len(keypoints), keypoints.size


def _size(extent: Extent) -> str:
    return " x ".join(map(str, extent.size or ()))
