"""Cropping, resizing and mirroring, consistent for pictures, maps of ids, flows and keypoints."""

from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.config.data import FITS
from vid2vid.errors import ConfigError, DataError, choose

Pixel = TypeVar("Pixel", bound=np.generic)


@dataclass(frozen=True)
class CropResize:
    """Which part of the frames is used, and at which size.

    Attributes:
        height: Rows of the result; 0 keeps the size.
        width: Columns of the result; 0 keeps the size.
        crop: ``(top, left, bottom, right)`` in pixels of the file, cut out before resizing; empty: the whole frame.
        fit: What to do if the part and the result differ in aspect ratio: ``stretch`` the part, ``crop`` its middle, or
            ``pad`` it by repeating its border.
        flip: Whether the result is mirrored, left to right.
    """

    height: int = 0
    width: int = 0
    crop: tuple[int, ...] = ()
    fit: str = "stretch"
    flip: bool = False

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigError: Only one of height and width is given, the crop is empty or begins below 0, or ``fit`` is
                unknown.
        """
        choose(self.fit, FITS, "fit")
        if bool(self.height) != bool(self.width) or self.height < 0 or self.width < 0:
            raise ConfigError(f"give both height and width, or neither; got {self.height} x {self.width}.")
        if self.crop and not (
            len(self.crop) == 4 and 0 <= self.crop[0] < self.crop[2] and 0 <= self.crop[1] < self.crop[3]
        ):
            raise ConfigError(f"crop must be [top, left, bottom, right], but is {list(self.crop)}.")

    @property
    def key(self) -> str:
        """All that the result depends on, including the version of OpenCV, which resizes; for the keys of caches."""
        crop = "-".join(map(str, self.crop)) or "full"
        fit = "" if self.fit == "stretch" else f"-{self.fit}"
        return f"{self.height}x{self.width}-{crop}{fit}-opencv-{cv2.__version__}"

    def box(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Return ``(top, left, bottom, right)`` of the part of a frame to use; outside, its border is repeated.

        Args:
            height: Rows of the file's frames.
            width: Columns of the file's frames.

        Raises:
            DataError: The crop does not lie inside the frame.
        """
        top, left, bottom, right = self.crop or (0, 0, height, width)
        if bottom > height or right > width:
            raise DataError(
                f"crop={list(self.crop)} lies outside frames of {height} x {width} (height x width); it must be "
                "[top, left, bottom, right] within them."
            )
        if not self.height or self.fit == "stretch":
            return top, left, bottom, right
        scales = ((bottom - top) / self.height, (right - left) / self.width)
        scale = min(scales) if self.fit == "crop" else max(scales)
        rows, columns = round(self.height * scale), round(self.width * scale)
        top, left = top + (bottom - top - rows) // 2, left + (right - left - columns) // 2
        return top, left, top + rows, left + columns

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the rows and columns of the result for frames of this size."""
        top, left, bottom, right = self.box(height, width)
        return (self.height, self.width) if self.height else (bottom - top, right - left)

    def images(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Crop and resize pictures ``(N, H, W, C)``; they are reduced by averaging, enlarged by cubic interpolation."""
        size = self.size(*frames.shape[1:3])
        frames = self._cut(frames)
        smaller = size[0] <= frames.shape[1]
        return self._mirrored(_resized(frames, size, cv2.INTER_AREA if smaller else cv2.INTER_CUBIC))

    def ids(self, maps: NDArray[Pixel]) -> NDArray[Pixel]:
        """Crop and resize maps of ids ``(N, H, W)`` by nearest-neighbour interpolation."""
        height, width = self.size(*maps.shape[1:3])
        maps = self._cut(maps)
        # at the middle of each new pixel, as for images
        rows = ((np.arange(height) + 0.5) * maps.shape[1] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * maps.shape[2] / width).astype(int)
        return self._mirrored(maps[:, rows[:, None], columns])

    def points(self, points: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
        """Crop and resize keypoints ``(..., 2 or more)``, x and y first, of frames of this size.

        Pixel centres have integer coordinates, before and after. Left and right points are not exchanged.
        """
        top, left, bottom, right = self.box(height, width)
        rows, columns = self.size(height, width)
        scale = np.array([columns / (right - left), rows / (bottom - top)], np.float32)
        framed = points.copy()
        framed[..., :2] = (points[..., :2] - (left, top) + 0.5) * scale - 0.5
        if self.flip:
            framed[..., 0] = columns - 1 - framed[..., 0]
        return framed

    def flow(
        self, vectors: NDArray[np.float32], confidence: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Crop and resize flows ``(N, 2, H, W)`` and confidences ``(N, 1, H, W)``; vectors are scaled with the size.

        Points that come from outside of the crop get confidence 0, since the earlier frame no longer shows them.
        """
        height, width = vectors.shape[2:]
        box, size = self.box(height, width), self.size(height, width)
        vectors, confidence = self._cut(vectors.transpose(0, 2, 3, 1)), self._cut(confidence.transpose(0, 2, 3, 1))
        scale = np.array(size[::-1], np.float32) / np.array(vectors.shape[2:0:-1], np.float32)
        vectors = (_resized(vectors, size, cv2.INTER_AREA) * scale).astype(np.float32)
        confidence = _resized(confidence, size, cv2.INTER_AREA)
        if box != (0, 0, height, width):
            confidence = np.where(_from_inside(vectors), confidence, np.float32(0))
        if self.flip:
            vectors = vectors * np.array([-1, 1], np.float32)
        vectors, confidence = self._mirrored(vectors), self._mirrored(confidence)
        return vectors.transpose(0, 3, 1, 2), confidence.transpose(0, 3, 1, 2)

    def within(self, base: "CropResize", height: int, width: int) -> "CropResize":
        """Return the equivalent of this crop for frames that ``base`` has already cropped and resized.

        Its box is rounded to whole pixels of these frames.

        Args:
            base: What was applied to the frames; it does not mirror.
            height: Rows of the file's frames.
            width: Columns of the file's frames.
        """
        top, left, bottom, right = base.box(height, width)
        rows, columns = base.size(height, width)
        down, across = rows / (bottom - top), columns / (right - left)
        moved = np.array(self.box(height, width)) - (top, left, top, left)
        crop = tuple((moved * (down, across, down, across)).round().astype(int).tolist())
        return replace(self, crop=crop, fit="stretch")

    def _cut(self, frames: NDArray[Pixel]) -> NDArray[Pixel]:
        height, width = frames.shape[1:3]
        top, left, bottom, right = self.box(height, width)
        inside = frames[:, max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
        beyond = ((max(-top, 0), max(bottom - height, 0)), (max(-left, 0), max(right - width, 0)))
        if not any(map(any, beyond)):
            return inside
        return np.pad(inside, ((0, 0), *beyond, *[(0, 0)] * (frames.ndim - 3)), mode="edge")

    def _mirrored(self, frames: NDArray[Pixel]) -> NDArray[Pixel]:
        return np.ascontiguousarray(frames[:, :, ::-1]) if self.flip else frames


def _resized(frames: NDArray[Pixel], size: tuple[int, int], interpolation: int) -> NDArray[Pixel]:
    height, width = size
    if frames.shape[1:3] == size:
        return frames
    resized = np.stack([cv2.resize(frame, (width, height), interpolation=interpolation) for frame in frames])
    return resized.reshape(len(frames), height, width, -1).astype(frames.dtype)


def _from_inside(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which points of flows ``(N, H, W, 2)`` were inside the earlier picture, ``(N, H, W, 1)``."""
    height, width = vectors.shape[1:3]
    x = np.arange(width) + vectors[..., 0]
    y = np.arange(height)[:, None] + vectors[..., 1]
    inside: NDArray[np.bool_] = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return inside[..., None]
