"""Keypoints of a whole video, frame by frame at constant memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError, choose
from vid2vid.keypoints import Keypoints
from vid2vid.keypoints.detectors.dlib_face import DlibFace
from vid2vid.keypoints.detectors.mesh import MeshFace
from vid2vid.keypoints.detectors.person import Holistic, PersonFrame, PoseOnly


class FaceExtractor(Protocol):
    """Finds a face in the frames of a video, called with one after the other."""

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the points of the face in the next frame.

        Args:
            frame: ``(H, W, 3)`` uint8 RGB.

        Returns:
            ``(68, 3)``: x and y in pixels, confidence in 0..1; 0 where there is no face.
        """
        ...


class PersonExtractor(Protocol):
    """Finds people in the frames of a video, called with one after the other."""

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        """Return the people in the next frame, always the same number of them.

        Args:
            frame: ``(H, W, 3)`` uint8 RGB.
        """
        ...


FACES: dict[str, Callable[[], FaceExtractor]] = {"dlib": DlibFace, "mediapipe": MeshFace}
"""Ways to find a face, by name."""
PERSONS: dict[str, Callable[[], PersonExtractor]] = {"holistic": Holistic, "pose": PoseOnly}
"""Ways to find a person, by name: with hands and face, or the body alone at more than twice the speed."""


def extract_face(frames: Iterable[NDArray[np.uint8]], extractor: str = "dlib", fps: float = 0.0) -> Keypoints:
    """Find the face in each frame of a video.

    Args:
        frames: ``(H, W, 3)`` uint8 RGB, all of one size.
        extractor: One of `FACES`.
        fps: Frames a second, to keep with the keypoints.

    Returns:
        One face, ``(T, 1, 68, 3)``.

    Raises:
        ConfigError: Unknown extractor.
        MissingExtraError: The package that it needs is not installed.
        DataError: There is no frame, one is not as it should be, or none shows a face.
    """
    find = FACES[choose(extractor, FACES, "extractor")]()
    track = _Track("a face", fps)
    for frame in track.checked(frames):
        track.points.append(find(frame)[None])
    return track.keypoints()


def extract_pose(
    frames: Iterable[NDArray[np.uint8]],
    extractor: str = "holistic",
    fps: float = 0.0,
    silhouettes: Callable[[Iterator[NDArray[np.uint8]]], Any] | None = None,
) -> Keypoints:
    """Find the person in each frame of a video.

    Example:
        >>> keep = lambda masks: write_labels(Path("silhouette.mkv"), masks, fps=25)  # doctest: +SKIP
        >>> keypoints = extract_pose(stream_frames(Path("dance.mp4")), silhouettes=keep)  # doctest: +SKIP

    Args:
        frames: ``(H, W, 3)`` uint8 RGB, all of one size.
        extractor: One of `PERSONS`.
        fps: Frames a second, to keep with the keypoints.
        silhouettes: What is done with the outlines ``(H, W)`` uint8, 0 (background) to 255 (person). They are found as
            they are asked for, and none is kept.

    Returns:
        One person, ``(T, 1, 137, 3)``.

    Raises:
        ConfigError: Unknown extractor.
        MissingExtraError: The package that it needs is not installed.
        DataError: There is no frame, one is not as it should be, or none shows a person.
    """
    find = PERSONS[choose(extractor, PERSONS, "extractor")]()
    track = _Track("a person", fps)

    def masks() -> Iterator[NDArray[np.uint8]]:
        for frame in track.checked(frames):
            points, silhouette = find(frame)
            track.points.append(points)
            yield silhouette

    remaining = masks()
    if silhouettes is not None:
        silhouettes(remaining)
    for _ in remaining:
        # the keypoints are wanted whether or not anybody wants the outlines
        pass
    return track.keypoints()


class _Track:
    """The keypoints of the frames so far."""

    def __init__(self, what: str, fps: float) -> None:
        self.what, self.fps = what, fps
        self.points: list[NDArray[np.float32]] = []
        self.size: tuple[int, int] | None = None

    def checked(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames, of which each must be as the first."""
        for t, frame in enumerate(frames):
            if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
                raise DataError(f"frame {t} must be (H, W, 3) uint8, but is {frame.shape} {frame.dtype}.")
            size = (frame.shape[0], frame.shape[1])
            if self.size not in (None, size):
                raise DataError(f"frame {t} has the size {size}, but those before have {self.size} (height, width).")
            self.size = size
            yield frame

    def keypoints(self) -> Keypoints:
        """Return them all."""
        if not self.points:
            raise DataError(f"there is no frame to find {self.what} in.")
        points = np.stack(self.points)
        if not points[..., 2].any():
            raise DataError(
                f"{self.what} was found in none of the {len(points)} frames. Crop or enlarge the frames so that it is "
                "upright and fills more of them."
            )
        return Keypoints(points, self.size, self.fps)
