"""The conditions of a model's person, made from a video in which somebody else moves."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.condition import Condition
from vid2vid.config import VideoConfig
from vid2vid.data.data_sources import VideoSource
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.errors import ConfigError, DataError
from vid2vid.files import cache_folder
from vid2vid.keypoints import Keypoints, person_outline, read_keypoints
from vid2vid.keypoints.retargeting import BodyProportions, Proportions, retarget
from vid2vid.video import open_frames, write_labels
from vid2vid.video.images import FOLDER_FPS

_log = logging.getLogger(__name__)
_PROGRESS_DELAY = 1.0


@dataclass(frozen=True)
class Driven:
    """What F is given, in the frames of the target.

    Attributes:
        source: The keypoints, `Keypoints.save`.
        foreground: A video of the person's outline; None for faces.
        background: A video of the edges round the face, where the condition has them.
    """

    source: Path
    foreground: Path | None = None
    background: Path | None = None


def drive(condition: Condition, driver: Path, target: Path, cache: str = "") -> Driven:
    """Let the person whom a model knows move as somebody else does.

    Keypoints that are not there yet are extracted, as `vid2vid prepare` does it, and kept. What surrounds a face is
    that of one frame of the target, the one in which the face is most as ever.

    Args:
        condition: The model's: faces or poses.
        driver: The video whose movements are wanted, or its keypoints.
        target: The video, or several in a folder, that the model was trained on, or its keypoints.
        cache: Folder for what is made; empty: as `cache_folder`.

    Raises:
        ConfigError: The condition is not drawn from keypoints, or has DensePose maps, which only a body's surface has.
        DataError: A file cannot be read, or too little of a person is seen in it; the message names it.
        MissingExtraError: A detector is not installed.
    """
    if not condition.from_keypoints or condition.densepose:
        what = "with DensePose maps" if condition.densepose else f"of the kind {condition.kind!r}"
        raise ConfigError(f"retarget: faces and poses can be retargeted, but this model's condition is {what}.")
    moves, wanted = _Footage.find(condition, driver, cache), _Footage.find(condition, target, cache)
    if len(moves.files) > 1:
        raise DataError(f"{driver}: holds {len(moves.files)} videos; name the one that drives.")
    driving, goal = moves.keypoints(), wanted.measured(wanted.keypoints())
    keypoints = retarget(driving, source=moves.measured(driving), target=goal)
    name = hashlib.sha256(f"{driver.resolve()} {target.resolve()} {condition}".encode()).hexdigest()[:16]
    folder = cache_folder(cache) / "retargeted" / f"{driver.stem}-{name}"
    keypoints.save(folder / "source.npz")
    driven = Driven(folder / "source.npz")
    fps = keypoints.fps or FOLDER_FPS
    if isinstance(goal.person, BodyProportions) and keypoints.size is not None:
        size, torso = keypoints.size, goal.person.torso
        outlines = (person_outline(people, size, torso) for people in _shown(keypoints, "outlines"))
        write_labels(folder / "foreground.mkv", outlines, fps)
        driven = replace(driven, foreground=folder / "foreground.mkv")
    if condition.background_edges:
        edges = wanted.surroundings(keypoints, condition.edge_thresholds)
        write_labels(folder / "background.mkv", edges, fps)
        driven = replace(driven, background=folder / "background.mkv")
    return driven


@dataclass(frozen=True)
class _Footage:
    """Keypoints of one person.

    Attributes:
        path: What the user calls them.
        files: The keypoints of each video.
        videos: The videos; none where only keypoints are given.
    """

    path: Path
    files: list[Path]
    videos: list[Path]

    @classmethod
    def find(cls, condition: Condition, path: Path, cache: str) -> "_Footage":
        """Return keypoints as they are given, or extracted from videos."""
        if not path.exists():
            raise DataError(f"{path}: there is no such video, folder or file of keypoints.")
        if holds_keypoints(path):
            return cls(path, [path], [])
        names = ("distance_maps", "background_edges", "limb_maps")
        drawn = {name: getattr(condition, name) for name in names}
        source = VideoSource(VideoConfig(str(path), condition.kind, cache=cache, **drawn))
        records = source.prepare_records()
        for warning in source.warnings:
            _log.warning("%s", warning)
        return cls(path, [Path(record.source) for record in records], [Path(record.target) for record in records])

    def keypoints(self) -> Keypoints:
        """Return the keypoints of all its videos, one after the other.

        Raises:
            DataError: They are of frames of different sizes, or of different numbers of people.
        """
        parts = [read_keypoints(file) for file in self.files]
        if len({(part.size, part.points.shape[1:]) for part in parts}) > 1:
            raise DataError(f"{self.path}: its videos differ in size or number of people: name one of them.")
        return replace(parts[0], points=np.concatenate([part.points for part in parts]))

    def measured(self, keypoints: Keypoints) -> Proportions:
        """Measure the person of its keypoints; an error names the file."""
        try:
            return Proportions.measure(keypoints)
        except DataError as error:
            raise DataError(f"{self.path}: {error}") from error

    def surroundings(self, driven: Keypoints, thresholds: list[int]) -> Iterator[NDArray[np.uint8]]:
        """Yield edges of what surrounds a face that is driven, at rest but for where that face is."""
        # heavy, as all detectors are
        from vid2vid.keypoints.detectors import background_edges

        if not self.videos:
            raise DataError(
                f"{self.path}: are keypoints, but this model's condition has edges of the background: give the video "
                "that it was trained on, or background=path."
            )
        points = read_keypoints(self.files[0]).points
        still = _most_usual(points)
        frame = open_frames(self.videos[0]).read([still])[0]
        low, high = thresholds
        for faces in _shown(driven, "background"):
            yield background_edges(frame, np.concatenate([points[still], faces]), low, high)


def _shown(keypoints: Keypoints, what: str) -> Iterator[NDArray[np.float32]]:
    """Yield the people of each frame, with a progress bar."""
    yield from tqdm(keypoints.points, what, unit="frame", delay=_PROGRESS_DELAY, leave=False)


def _most_usual(points: NDArray[np.float32]) -> int:
    """Return the frame whose face is nearest to where it is in the median of all frames."""
    seen = (points[..., 2] > 0).all(axis=(1, 2))
    places = points[..., :2]
    apart = np.abs(places - np.median(places[seen], axis=0)).mean(axis=(1, 2, 3))
    return int(np.argmin(np.where(seen, apart, np.inf)))
