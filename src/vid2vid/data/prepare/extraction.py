"""What is extracted of a video as its condition, and written beside its record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.config import VideoConfig
from vid2vid.errors import DataError, VideoError
from vid2vid.keypoints import Keypoints, interpolate, smooth
from vid2vid.video import Header, open_frames, stream_frames, write_labels

_PROGRESS_DELAY = 1.0


@dataclass(frozen=True)
class Found:
    """What was extracted.

    Attributes:
        source: The file of the conditions; the video itself where they are computed from it.
        frames: How many frames the video has.
        foreground: The video of the silhouettes; empty: none.
        background: The video of the background's edges; empty: none.
        missing: The frames in which nobody is found.
        report: What was found, in words; empty: nothing to say.
    """

    source: Path
    frames: int
    foreground: str = ""
    background: str = ""
    missing: tuple[range, ...] = ()
    report: str = ""


def extract(target: Path, name: str, config: VideoConfig, root: Path) -> Found:
    """Extract the condition of a video, with a progress bar.

    Args:
        target: The video, one that can be read exactly.
        name: The name of what is written: ``root/source/NAME.npz`` (keypoints) or ``.mkv`` (learned edges), and
            ``root/foreground/NAME.mkv`` or ``root/background/NAME.mkv``.
        config: What is extracted.
        root: Where to.

    Raises:
        VideoError: A frame cannot be read, a file not be written, or nobody is in the video.
        MissingExtraError: The extractor is not installed.
    """
    if config.condition == "edges":
        return Found(target, len(open_frames(target)))
    if config.condition == "hed":
        return _learned_edges(target, root / "source" / f"{name}.mkv")
    source = root / "source" / f"{name}.npz"
    if config.condition == "face":
        return _face(target, source, root / "background" / f"{name}.mkv", config)
    return _people(target, source, root / "foreground" / f"{name}.mkv", config)


def _learned_edges(target: Path, source: Path) -> Found:
    # heavy, as all extractors are
    from vid2vid.keypoints.detectors import LearnedEdges

    fps = Header.read(target).fps
    return Found(source, write_labels(source, map(LearnedEdges(), _frames(target)), fps))


def _face(target: Path, source: Path, background: Path, config: VideoConfig) -> Found:
    from vid2vid.keypoints.detectors import background_edges, extract_face

    fps = Header.read(target).fps
    with _naming(target):
        found = extract_face(_frames(target), config.extractor, fps)
    kept = _keep(found, source, config)
    if not config.background_edges:
        return kept
    faces = Keypoints.load(source).points
    low, high = config.edge_thresholds
    edges = (background_edges(frame, face, low, high) for frame, face in zip(_frames(target), faces, strict=True))
    write_labels(background, edges, fps)
    return replace(kept, background=str(background))


def _people(target: Path, source: Path, foreground: Path, config: VideoConfig) -> Found:
    from vid2vid.keypoints.detectors import extract_pose, fill_gaps

    fps = Header.read(target).fps

    def write(silhouettes: Iterator[NDArray[np.uint8]]) -> None:
        write_labels(foreground, fill_gaps(silhouettes, config.longest_gap), fps)

    with _naming(target):
        found = extract_pose(_frames(target), fps=fps, silhouettes=write if config.silhouette else None)
    return replace(_keep(found, source, config), foreground=str(foreground) if config.silhouette else "")


def resolve_auto(config: VideoConfig) -> VideoConfig:
    """Return the settings with ``auto`` replaced by what is installed, so that they tell what the result depends on."""
    extractor, cuts = config.extractor, config.cuts
    if extractor == "auto":
        extractor = "mediapipe" if find_spec("dlib") is None and find_spec("mediapipe") is not None else "dlib"
    if cuts == "auto":
        cuts = "ignore" if find_spec("scenedetect") is None else "find"
    return replace(config, extractor=extractor, cuts=cuts)


def _keep(found: Keypoints, source: Path, config: VideoConfig) -> Found:
    repaired, report = interpolate(found, config.longest_gap)
    smooth(repaired, config.smooth).save(source)
    return Found(source, len(found), missing=report.missing, report=str(report) if report.empty else "")


def _frames(target: Path) -> Iterator[NDArray[np.uint8]]:
    total = Header.read(target).frames
    bar: tqdm[Any] = tqdm(stream_frames(target), target.name, total, unit="frame", delay=_PROGRESS_DELAY, leave=False)
    yield from bar


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Let an error that an extractor makes of the frames name their file."""
    try:
        yield
    except VideoError:
        raise
    except DataError as error:
        raise VideoError(f"{target}: {error}") from error
