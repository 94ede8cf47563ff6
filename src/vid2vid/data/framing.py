"""Cutting and resizing what is read to the size that is trained on."""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import ConfigError, DataError

Pixel = TypeVar("Pixel", bound=np.generic)


@dataclass(frozen=True)
class Framing:
    """Which part of the frames is used, and at which size.

    Attributes:
        height: Rows of the result; 0 keeps the size.
        width: Columns of the result; 0 keeps the size.
        crop: ``(top, left, bottom, right)`` in pixels of the file, cut out before resizing; empty: the whole frame.
    """

    height: int = 0
    width: int = 0
    crop: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: Only one side is given, or the crop is empty.
        """
        if bool(self.height) != bool(self.width) or self.height < 0 or self.width < 0:
            raise ConfigError(f"give both data.height and data.width, or neither; got {self.height} x {self.width}.")
        if self.crop and (len(self.crop) != 4 or self.crop[0] >= self.crop[2] or self.crop[1] >= self.crop[3]):
            raise ConfigError(f"data.crop must be [top, left, bottom, right], but is {list(self.crop)}.")

    @property
    def key(self) -> str:
        """A short name of the framing, for cache folders."""
        crop = "-".join(map(str, self.crop)) or "full"
        return f"{self.height}x{self.width}-{crop}"

    def images(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Frame pictures ``(N, H, W, C)``; made smaller by averaging, larger by cubic interpolation."""
        frames = self._cut(frames)
        smaller = self._shape(frames)[0] <= frames.shape[1]
        return self._resized(frames, cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)

    def ids(self, maps: NDArray[Pixel]) -> NDArray[Pixel]:
        """Frame maps of ids ``(N, H, W)``: the nearest value is taken, none is mixed."""
        maps = self._cut(maps)
        height, width = self._shape(maps)
        # the middle of each new pixel, for images and maps alike
        rows = ((np.arange(height) + 0.5) * maps.shape[1] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * maps.shape[2] / width).astype(int)
        return maps[:, rows[:, None], columns]

    def flow(
        self, vectors: NDArray[np.float32], confidence: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Frame flows ``(N, 2, H, W)`` and their confidence ``(N, 1, H, W)``; the vectors are scaled with the size.

        Points that come from outside the crop lose their confidence: where they were cannot be seen any more.
        """
        vectors, confidence = self._cut(vectors.transpose(0, 2, 3, 1)), self._cut(confidence.transpose(0, 2, 3, 1))
        scale = np.array(self._shape(vectors)[::-1], np.float32) / np.array(vectors.shape[2:0:-1], np.float32)
        vectors = (self._resized(vectors, cv2.INTER_AREA) * scale).astype(np.float32)
        confidence = self._resized(confidence, cv2.INTER_AREA)
        if self.crop:
            confidence = np.where(_from_inside(vectors), confidence, np.float32(0))
        return vectors.transpose(0, 3, 1, 2), confidence.transpose(0, 3, 1, 2)

    def _shape(self, frames: NDArray[np.generic]) -> tuple[int, int]:
        return (self.height, self.width) if self.height else (frames.shape[1], frames.shape[2])

    def _cut(self, frames: NDArray[Pixel]) -> NDArray[Pixel]:
        if not self.crop:
            return frames
        top, left, bottom, right = self.crop
        if bottom > frames.shape[1] or right > frames.shape[2]:
            raise DataError(
                f"data.crop={list(self.crop)} lies outside frames of {frames.shape[1]} x {frames.shape[2]}."
            )
        return frames[:, top:bottom, left:right]

    def _resized(self, frames: NDArray[Pixel], interpolation: int) -> NDArray[Pixel]:
        height, width = self._shape(frames)
        if frames.shape[1:3] == (height, width):
            return frames
        resized = np.stack([cv2.resize(frame, (width, height), interpolation=interpolation) for frame in frames])
        return resized.reshape(len(frames), height, width, -1).astype(frames.dtype)


def _from_inside(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell for flows ``(N, H, W, 2)`` which points were in the picture, ``(N, H, W, 1)``."""
    height, width = vectors.shape[1:3]
    x = np.arange(width) + vectors[..., 0]
    y = np.arange(height)[:, None] + vectors[..., 1]
    inside: NDArray[np.bool_] = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return inside[..., None]
