"""Retargeting: conditions of the person that a model knows, made from a video of another person."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.config import SynthesisConfig, VideoConfig
from vid2vid.config.synthesis import PIPE
from vid2vid.data.data_sources import VideoSource
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.errors import ConfigError, DataError
from vid2vid.files import cache_folder
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.outline import person_outline
from vid2vid.keypoints.retargeting import BodyProportions, Proportions, retarget
from vid2vid.video import open_frames, write_labels
from vid2vid.video.images import FOLDER_FPS
from vid2vid.video.progress import progress

_log = logging.getLogger(__name__)
_SAME_RATE = 0.05


@dataclass(frozen=True)
class RetargetedFiles:
    """The inputs of F, in the frames of the target.

    Attributes:
        source: The keypoints (`Keypoints.save`).
        foreground: A video of the person's outline; None for faces.
        background: A video of the edges round the face, where the condition has them.
    """

    source: Path
    foreground: Path | None = None
    background: Path | None = None


def retargeted(config: SynthesisConfig, condition: Condition) -> SynthesisConfig:
    """Return settings with the retargeted source, outline and edges, if ``config.retarget`` is set.

    A given ``foreground`` or ``background`` is kept.

    Raises:
        ConfigError: The condition cannot be retargeted, or the source is a pipe.
        DataError: A file cannot be read, or shows too little of a person.
    """
    if config.retarget is None:
        return config
    if not isinstance(config.source, str | Path) or config.source == PIPE:
        raise ConfigError(
            f"retarget: source={config.source} must be a file, since the person is measured over all its frames before "
            "the first is made."
        )
    # other inputs belong to the frames of the driver
    paired = config.foreground or config.background or config.instance or config.planes
    made = retarget_files(condition, Path(config.source), config.retarget, resample=not paired)
    foreground, background = config.foreground or made.foreground, config.background or made.background
    return replace(config, source=made.source, foreground=foreground, background=background)


def retarget_files(
    condition: Condition, driver: Path, target: Path, cache: str = "", resample: bool = True
) -> RetargetedFiles:
    """Give the movements of a driver the proportions of the person that a model knows.

    Keypoints of videos are extracted as by `vid2vid prepare`, and cached. The background of a face is that of one frame
    of the target, the one whose face is nearest to the median over all frames.

    Args:
        condition: The model's condition: faces or poses.
        driver: The video whose movements are wanted, or its keypoints.
        target: The video that the model was trained on, several in a folder, or its keypoints.
        cache: Folder of the results; empty: as `cache_folder`.
        resample: Whether movements at another frame rate than the target's are resampled to it: F has learnt how far
            things move from frame to frame. If not, a warning says that the rates differ.

    Raises:
        ConfigError: The condition is not drawn from keypoints, or has DensePose maps, which cannot be retargeted.
        DataError: A file cannot be read, or shows too little of a person; the message names it.
        MissingExtraError: A detector is not installed.
    """
    if not condition.from_keypoints or condition.densepose:
        what = "with DensePose maps" if condition.densepose else f"of the kind {condition.kind!r}"
        raise ConfigError(
            f"retarget: only faces and poses can be retargeted, but this model's condition is {what}; leave it out."
        )
    movements, person = Person.find(condition, driver, cache), Person.find(condition, target, cache)
    if len(movements.files) > 1:
        raise DataError(f"{driver}: holds {len(movements.files)} videos; name the one whose movements are wanted.")
    moving = movements.keypoints()
    known = person.keypoints()
    goal = person.proportions(known)
    if known.fps and moving.fps and abs(moving.fps / known.fps - 1) > _SAME_RATE:
        moving = _with_other_rate(movements, moving, person, known.fps, resample)
    keypoints = retarget(moving, source=movements.proportions(moving), target=goal)
    name = hashlib.sha256(f"{driver.resolve()} {target.resolve()} {condition}".encode()).hexdigest()[:16]
    folder = cache_folder(cache) / "retargeted" / f"{driver.stem}-{name}"
    keypoints.save(folder / "source.npz")
    files = RetargetedFiles(folder / "source.npz")
    fps = keypoints.fps or FOLDER_FPS
    if isinstance(goal.person, BodyProportions) and keypoints.size is not None:
        size, torso = keypoints.size, goal.person.torso
        outlines = (person_outline(people, size, torso) for people in progress(keypoints.points, "outlines"))
        write_labels(folder / "foreground.mkv", outlines, fps, keypoints.times)
        files = replace(files, foreground=folder / "foreground.mkv")
    if condition.background_edges:
        edges = person.background_edges(keypoints, condition.edge_thresholds)
        write_labels(folder / "background.mkv", edges, fps, keypoints.times)
        files = replace(files, background=folder / "background.mkv")
    return files


@dataclass(frozen=True)
class Person:
    """The keypoints of one person in one or several videos.

    Attributes:
        path: The path that the user gave.
        files: The keypoints of each video.
        videos: The videos; none where only keypoints are given.
    """

    path: Path
    files: list[Path]
    videos: list[Path]

    @classmethod
    def find(cls, condition: Condition, path: Path, cache: str) -> "Person":
        """Find the keypoints that are given, or extract them from videos."""
        if not path.exists():
            raise DataError(f"{path}: there is no such video, folder or file of keypoints; check the path.")
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
            DataError: The videos have frames of different sizes, or different numbers of people.
        """
        parts = [read_keypoints(file) for file in self.files]
        if len({(part.size, part.points.shape[1:]) for part in parts}) > 1:
            raise DataError(f"{self.path}: its videos differ in size or number of people: name one of them.")
        times = parts[0].times if len(parts) == 1 else None
        return replace(parts[0], points=np.concatenate([part.points for part in parts]), times=times)

    def proportions(self, keypoints: Keypoints) -> Proportions:
        """Measure the proportions of the person; an error names the path."""
        try:
            return Proportions.measure(keypoints)
        except DataError as error:
            raise DataError(f"{self.path}: {error}") from error

    def background_edges(self, retargeted: Keypoints, thresholds: list[int]) -> Iterator[NDArray[np.uint8]]:
        """Yield the edges round a retargeted face: the same in each frame, without those that the face covers."""
        # imported late, since detectors are heavy
        from vid2vid.keypoints.detectors.background_edges import background_edges

        if not self.videos:
            raise DataError(
                f"{self.path}: holds keypoints, but this model's condition has edges of the background: give the video "
                "that it was trained on, or background=path."
            )
        points = read_keypoints(self.files[0]).points
        seen = (points[..., 2] > 0).all(axis=(1, 2))
        places = points[..., :2]
        distances = np.abs(places - np.median(places[seen], axis=0)).mean(axis=(1, 2, 3))
        usual = int(np.argmin(np.where(seen, distances, np.inf)))
        frame = open_frames(self.videos[0]).read([usual])[0]
        low, high = thresholds
        for faces in progress(retargeted.points, "background"):
            yield background_edges(frame, np.concatenate([points[usual], faces]), low, high)


def _with_other_rate(driver: Person, moving: Keypoints, target: Person, fps: float, resample: bool) -> Keypoints:
    """Warn that a driver has another frame rate than its target, and return its movements, resampled if wanted."""
    _log.warning(
        "%s: its frame rate is %.4g a second, but that of %s is %.4g: %s.",
        driver.path,
        moving.fps,
        target.path,
        fps,
        f"the movements are resampled to {fps:.4g} frames a second"
        if resample
        else "movements look slower or faster to the model; give driver and target one frame rate",
    )
    return moving.resampled(fps) if resample else moving
