"""A rescaled crop of a frame, with its position in the frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Box:
    """A rectangle in a frame; pixel (0, 0) extends from 0 to 1.

    Attributes:
        left: Pixels.
        top: Pixels.
        right: Pixels.
        bottom: Pixels.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def side(self) -> float:
        """The longer side, pixels."""
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Pixels; 0 for an empty box."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def widened(self, margin: float) -> "Box":
        """Return the box extended on each side by ``margin`` times its longer side."""
        more = margin * self.side
        return Box(self.left - more, self.top - more, self.right + more, self.bottom + more)

    def overlap(self, other: "Box") -> float:
        """Return the intersection over union of two boxes: 0 if they are disjoint, 1 if they are equal."""
        shared = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area
        return shared / (self.area + other.area - shared) if shared else 0.0


@dataclass(frozen=True)
class ScaledCrop:
    """A resized part of a frame.

    Attributes:
        pixels: ``(h, w, 3)`` uint8.
        left: Column of the frame at which it begins.
        top: Row of the frame at which it begins.
        scale: Pixels of the crop per pixel of the frame.
    """

    pixels: NDArray[np.uint8]
    left: int
    top: int
    scale: float

    @classmethod
    def cut(cls, frame: NDArray[np.uint8], box: Box, scale: float) -> "ScaledCrop":
        """Cut the part of a frame ``(H, W, 3)`` inside a box, which is at least the pixel nearest to the box."""
        height, width = frame.shape[:2]
        left, top = min(max(0, round(box.left)), width - 1), min(max(0, round(box.top)), height - 1)
        part = frame[top : max(top + 1, round(box.bottom)), left : max(left + 1, round(box.right))]
        if scale != 1:
            smooth = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=smooth), np.uint8)
        return cls(np.ascontiguousarray(part), left, top, scale)

    def inside(self, box: Box) -> Box:
        """Convert a box from coordinates of the frame to those of the crop."""
        x, y, scale = self.left, self.top, self.scale
        edges = (box.left - x, box.top - y, box.right - x, box.bottom - y)
        return Box(*(edge * scale for edge in edges))

    def outside(self, box: Box) -> Box:
        """Convert a box from coordinates of the crop to those of the frame."""
        x, y, scale = self.left, self.top, self.scale
        left, top, right, bottom = (edge / scale for edge in (box.left, box.top, box.right, box.bottom))
        return Box(left + x, top + y, right + x, bottom + y)

    def to_frame(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Convert points ``(N, 2)`` of the crop to coordinates of the frame; pixel centres are integers in both."""
        moved = (points + 0.5) / self.scale - 0.5 + np.array([self.left, self.top])
        return np.asarray(moved, np.float32)
