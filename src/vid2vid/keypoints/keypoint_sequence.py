"""The keypoints of a video and their .npz file."""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError, why
from vid2vid.files import write_bytes
from vid2vid.keypoints.keypoint_layout import FACE_POINTS, PERSON_POINTS
from vid2vid.video.npz_files import read_npz

FORMAT = "vid2vid-keypoints-1"
_MOST_BYTES = 2**30
"""Largest unpacked size of a file to read, enough for one person over 7 hours."""


@dataclass(frozen=True, eq=False)
class Keypoints:
    """The keypoints of all people in all frames of a video.

    Convention:
        Coordinates are in pixels of the frames, x to the right and y down; pixel centres have integer coordinates.

    Attributes:
        points: ``(T, P, N, 3)`` float32: x, y and confidence in 0..1 of N points of P people in T frames. Confidence 0
            means missing; the coordinates are then arbitrary. N is `FACE_POINTS` or `PERSON_POINTS`.
        size: ``(height, width)`` of the frames, or None if it is not known.
        fps: Frames a second, or 0 if it is not known.
        times: ``(T,)`` seconds from the first frame to each frame, if the frame rate is not constant; else None.

    Raises:
        DataError: The shape, type or values are not as described.
    """

    points: NDArray[np.float32]
    size: tuple[int, int] | None = None
    fps: float = 0.0
    times: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Check shape, type and values."""
        shape = self.points.shape
        if len(shape) != 4 or shape[1] < 1 or shape[2] not in (FACE_POINTS, PERSON_POINTS) or shape[3] != 3:
            raise DataError(
                f"keypoints must be (frames, people, {FACE_POINTS} or {PERSON_POINTS} points, 3 for x, y and "
                f"confidence), but are {shape}."
            )
        if self.points.dtype != np.float32:
            raise DataError(f"keypoints must be float32, but are {self.points.dtype}.")
        wrong = ~np.isfinite(self.points).all(axis=-1) | (self.points[..., 2] < 0) | (self.points[..., 2] > 1)
        if wrong.any():
            frame, person, point = np.argwhere(wrong)[0]
            raise DataError(
                f"frame {frame}, person {person}, point {point} is {self.points[frame, person, point].tolist()}; x and "
                "y must be finite numbers and the confidence must lie in 0..1."
            )
        if self.size is not None and min(self.size) < 1:
            raise DataError(f"the size of the frames must be (height, width) in pixels, but is {self.size}.")
        if not 0 <= self.fps < np.inf:
            raise DataError(f"frames a second must be 0 (unknown) or more, but are {self.fps}.")
        times = self.times
        if times is not None and (
            times.shape != shape[:1] or not np.isfinite(times).all() or (np.diff(times) < 0).any()
        ):
            raise DataError("the times of the frames must be ascending seconds, one for each frame.")

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, frames: range | slice) -> "Keypoints":
        """Return some of the frames.

        Raises:
            DataError: The range leaves the video.
        """
        if isinstance(frames, slice):
            return self[range(*frames.indices(len(self)))]
        for frame in frames[:1], frames[-1:]:
            if frame and not 0 <= frame[0] < len(self):
                raise DataError(f"there is no frame {frame[0]} of the keypoints; there are {len(self)}.")
        times = None if self.times is None or not frames else self.times[list(frames)] - self.times[frames[0]]
        return replace(self, points=self.points[list(frames)], times=times)

    def resampled(self, fps: float) -> "Keypoints":
        """Return the same movements at a constant frame rate.

        Points are interpolated linearly between the frames before and after; a point that is missing in one of these is
        taken from the nearer one.

        Args:
            fps: Frames a second, above 0.

        Raises:
            DataError: The frame rate of these keypoints is not known.
        """
        if self.times is None and not self.fps:
            raise DataError("keypoints without a frame rate cannot be resampled; give them one (fps).")
        times = np.arange(len(self)) / self.fps if self.times is None else self.times
        place = np.interp(np.arange(int(times[-1] * fps + 1e-3) + 1) / fps, times, np.arange(len(self)))
        before = np.floor(place).astype(int)
        after = np.minimum(before + 1, len(self) - 1)
        first, second = self.points[before], self.points[after]
        weight = (place - before)[:, None, None, None].astype(np.float32)
        between = (1 - weight) * first + weight * second
        seen = (first[..., 2:] > 0) & (second[..., 2:] > 0)
        points = np.where(seen, between, np.where(weight < 0.5, first, second))
        return replace(self, points=points.astype(np.float32), fps=fps, times=None)

    def save(self, path: Path) -> None:
        """Write an ``.npz`` file atomically.

        Raises:
            OSError: The file cannot be written.
        """
        buffer = io.BytesIO()
        size = np.array(self.size or (), np.int64)
        known: dict[str, Any] = {"format": np.array(FORMAT), "points": self.points, "size": size}
        known |= {"fps": np.array(self.fps)} | ({} if self.times is None else {"times": self.times})
        np.savez_compressed(buffer, **known)
        write_bytes(path, buffer.getbuffer())

    @classmethod
    def load(cls, path: Path) -> "Keypoints":
        """Read a file that `save` wrote.

        Raises:
            DataError: The file is missing, damaged, or not a file of keypoints.
        """
        found = read_npz(path, "keypoints", _MOST_BYTES)
        if str(found.get("format")) != FORMAT or not {"points", "size", "fps"} <= set(found):
            raise DataError(f"{path}: is not a file of keypoints that vid2vid wrote.")
        try:
            size = tuple(int(side) for side in found["size"])
            if len(size) not in (0, 2):
                raise DataError(f"the size of the frames must be (height, width), but is {size}.")
            times = found["times"].astype(np.float64) if "times" in found else None
            return cls(found["points"], (size[0], size[1]) if size else None, float(found["fps"]), times)
        except (ValueError, TypeError, OverflowError) as error:
            raise DataError(f"{path}: {why(error)}") from error
