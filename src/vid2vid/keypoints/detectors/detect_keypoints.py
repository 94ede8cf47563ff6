"""Detection of the keypoints of a whole video, frame by frame, without holding the frames in memory."""

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vid2vid.config.data import FACE_DETECTORS, PERSON_DETECTORS
from vid2vid.errors import DataError, choose
from vid2vid.keypoints.detectors.mediapipe_models import PersonFrame
from vid2vid.keypoints.keypoint_sequence import Keypoints


class FaceDetector(Protocol):
    """Detects a face in the frames of a video; called once per frame, in order."""

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the points of the face in the next frame.

        Args:
            frame: ``(H, W, 3)`` uint8 RGB.

        Returns:
            ``(68, 3)``: x and y in pixels, confidence in 0..1; 0 if there is no face.
        """
        ...


class PersonDetector(Protocol):
    """Detects people in the frames of a video; called once per frame, in order."""

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        """Return the people in the next frame, always the same number of them.

        Args:
            frame: ``(H, W, 3)`` uint8 RGB.
        """
        ...


def _imported(path: str) -> Callable[[], Any]:
    """Return a function that imports a detector ``module:class`` and makes one."""
    return lambda: resolve_name(path)()


FACES: dict[str, Callable[[], FaceDetector]] = {name: _imported(path) for name, path in FACE_DETECTORS.items()}
"""Detectors of faces by name (`vid2vid.config.data.FACE_DETECTORS`)."""
PERSONS: dict[str, Callable[[], PersonDetector]] = {name: _imported(path) for name, path in PERSON_DETECTORS.items()}
"""Detectors of people by name (`vid2vid.config.data.PERSON_DETECTORS`)."""


def installed_face_detector() -> str:
    """Return the first of `FACES` whose package is installed, or else the first, whose error explains the install."""
    return next((name for name in FACE_DETECTORS if find_spec(name)), next(iter(FACE_DETECTORS)))


def detect_face(frames: Iterable[NDArray[np.uint8]], detector: str = "dlib", fps: float = 0.0) -> Keypoints:
    """Detect the face in each frame of a video.

    Args:
        frames: ``(H, W, 3)`` uint8 RGB, all of one size.
        detector: One of `FACES`.
        fps: Frames a second, to keep with the keypoints.

    Returns:
        One face, ``(T, 1, 68, 3)``.

    Raises:
        ConfigError: Unknown detector.
        MissingExtraError: The package that it needs is not installed.
        DataError: There is no frame, a frame has a wrong shape or type, or none shows a face.
    """
    detect = FACES[choose(detector, FACES, "detector")]()
    collector = _Collector("a face", fps)
    for frame in collector.checked(frames):
        collector.points.append(detect(frame)[None])
    return collector.keypoints()


def detect_pose(
    frames: Iterable[NDArray[np.uint8]],
    detector: str = "holistic",
    fps: float = 0.0,
    silhouettes: Callable[[Iterator[NDArray[np.uint8]]], Any] | None = None,
) -> Keypoints:
    """Detect the person in each frame of a video.

    Examples:
        >>> keep = lambda masks: write_labels(Path("silhouette.mkv"), masks, fps=25)  # doctest: +SKIP
        >>> keypoints = detect_pose(stream_frames(Path("dance.mp4")), silhouettes=keep)  # doctest: +SKIP

    Args:
        frames: ``(H, W, 3)`` uint8 RGB, all of one size.
        detector: One of `PERSONS`.
        fps: Frames a second, to keep with the keypoints.
        silhouettes: Called with an iterator over the silhouettes ``(H, W)`` uint8, 0 (background) to 255 (person). They
            are detected on demand, and not kept.

    Returns:
        One person, ``(T, 1, 137, 3)``.

    Raises:
        ConfigError: Unknown detector.
        MissingExtraError: The package that it needs is not installed.
        DataError: There is no frame, a frame has a wrong shape or type, or none shows a person.
    """
    detect = PERSONS[choose(detector, PERSONS, "detector")]()
    collector = _Collector("a person", fps)

    def masks() -> Iterator[NDArray[np.uint8]]:
        for frame in collector.checked(frames):
            points, silhouette = detect(frame)
            collector.points.append(points)
            yield silhouette

    remaining = masks()
    if silhouettes is not None:
        silhouettes(remaining)
    for _ in remaining:
        # the keypoints of all frames are needed, even if ``silhouettes`` stops early
        pass
    return collector.keypoints()


class _Collector:
    """Collects the keypoints of the frames of one video."""

    def __init__(self, what: str, fps: float) -> None:
        self.what, self.fps = what, fps
        self.points: list[NDArray[np.float32]] = []
        self.size: tuple[int, int] | None = None

    def checked(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames; refuse one with a wrong type, or with another shape than the first."""
        for t, frame in enumerate(frames):
            if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
                raise DataError(f"frame {t} must be (H, W, 3) uint8, but is {frame.shape} {frame.dtype}.")
            size = (frame.shape[0], frame.shape[1])
            if self.size not in (None, size):
                raise DataError(f"frame {t} has the size {size}, but those before have {self.size} (height, width).")
            self.size = size
            yield frame

    def keypoints(self) -> Keypoints:
        """Return the keypoints of all frames."""
        if not self.points:
            raise DataError(f"there is no frame to find {self.what} in.")
        points = np.stack(self.points)
        if not points[..., 2].any():
            raise DataError(
                f"{self.what} was found in none of the {len(points)} frames. Crop or enlarge the frames so that it is "
                "upright and fills more of them."
            )
        return Keypoints(points, self.size, self.fps)
