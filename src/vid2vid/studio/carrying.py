"""Carrying what was painted on one frame to the other frames of a video, by the flow of its conditions."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

CARRIES = ("piece", "pixels", "place")
"""How a layer is carried: each painted piece moves as one; each pixel moves with the flow; nothing moves."""

NOWHERE = -1
_LEAST_PAIRS = 6
_MOST_ZOOM = 1.25
"""Greatest change of a piece's size from a frame to the next."""

Places = NDArray[np.intp]
FlowField = Callable[[int, int], tuple[NDArray[np.float32], NDArray[np.bool_]]]
"""Returns the flow from a frame to one beside it: vectors ``(2, H, W)`` in pixels (x, y), and ``(H, W)`` where the
point can be seen in both."""


@dataclass(frozen=True)
class Layer:
    """What was painted on one frame of a video.

    Attributes:
        frame: The frame, from 0.
        values: ``(H, W)`` uint8, class indices or grey values.
        painted: ``(H, W)``, which pixels are painted.
        objects: ``(H, W)`` int32, object ids.
        carry: One of `CARRIES`.
        first: First frame that it is carried to.
        last: Last frame that it is carried to.
    """

    frame: int
    values: NDArray[np.uint8]
    painted: NDArray[np.bool_]
    objects: NDArray[np.int32]
    carry: str
    first: int
    last: int

    def concerns(self, frame: int) -> bool:
        """Whether it changes a frame."""
        return self.first <= frame <= self.last


class CarriedLayer:
    """A layer in the frames that it is carried to.

    Args:
        layer: The layer.
        flow: The flow of the video.
    """

    def __init__(self, layer: Layer, flow: FlowField) -> None:
        self.layer, self._flow = layer, flow
        self._own = np.where(layer.painted, np.arange(layer.painted.size).reshape(layer.painted.shape), NOWHERE)
        self._motions: dict[int, tuple[int, _Pixels | _Pieces]] = {}

    def places(self, frame: int) -> Places:
        """Return which painted pixel of the layer's frame each pixel of a frame shows, ``(H, W)``.

        The values are indices into the flattened map, or `NOWHERE`. The flow is followed from frame to frame, beginning
        with the last frame that was asked for on this side if it lies on the way.
        """
        layer = self.layer
        if frame == layer.frame or layer.carry == "place":
            return self._own
        step = 1 if frame > layer.frame else -1
        at, motion = self._motions.get(step, (layer.frame, None))
        if motion is None or (frame - at) * step < 0:
            at, motion = layer.frame, (_Pixels if layer.carry == "pixels" else _Pieces)(layer.painted)
        while at != frame:
            motion.move(*self._flow(at + step, at))
            at += step
        self._motions[step] = at, motion
        return motion.places(self._own)


class _Pixels:
    """Moves each pixel with the flow; positions are chained, so that they are rounded only once."""

    def __init__(self, painted: NDArray[np.bool_]) -> None:
        rows, columns = np.indices(painted.shape, dtype=np.float32)
        self._grid = np.stack([columns, rows])
        self._positions, self._known = self._grid, np.ones(painted.shape, bool)

    def move(self, vectors: NDArray[np.float32], seen: NDArray[np.bool_]) -> None:
        """Go to the next frame, whose flow leads back to this one."""
        x, y = (self._grid + vectors).astype(np.float32)
        height, width = x.shape
        inside = (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
        known = cv2.remap(self._known.astype(np.uint8), x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) > 0
        remapped = [
            cv2.remap(axis, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for axis in self._positions
        ]
        self._positions, self._known = np.stack(remapped).astype(np.float32), known & inside & seen

    def places(self, own: Places) -> Places:
        """Return the painted pixels that the pixels of this frame show."""
        return np.where(self._known, _sampled(own, self._positions), NOWHERE)


class _Pieces:
    """Moves and scales each connected piece as one, by the flow at its foot, where an object stands on the ground."""

    def __init__(self, painted: NDArray[np.bool_]) -> None:
        count, pieces = cv2.connectedComponents(painted.astype(np.uint8), connectivity=8)
        rows, columns = np.indices(painted.shape, dtype=np.float32)
        self._grid = np.stack([columns, rows])
        self._pieces = np.asarray(pieces, np.intp)
        # a point p of this frame was at scale * p + shift in the layer's frame; row 0 is what is not painted
        self._motions = [(1.0, np.zeros(2)) for _ in range(count)]
        self._last = [(1.0, np.zeros(2)) for _ in range(count)]

    def _shown(self, values: Places, piece: int) -> Places:
        """Return the values ``(H, W)`` of the layer's frame that this frame shows where the piece is now."""
        scale, shift = self._motions[piece]
        positions = (self._grid * scale + shift[:, None, None]).astype(np.float32)
        return _sampled(np.where(self._pieces == piece, values, NOWHERE), positions)

    def move(self, vectors: NDArray[np.float32], seen: NDArray[np.bool_]) -> None:
        """Go to the next frame, whose flow leads back to this one."""
        before = self._grid + vectors
        for piece in range(1, len(self._motions)):
            scale, shift = self._motions[piece]
            now = self._shown(np.ones_like(self._pieces), piece) > 0
            if now.any():
                now &= self._grid[1] >= np.quantile(self._grid[1][now], 0.75)
                pairs = (_sampled(np.where(now, 1, NOWHERE), before) > 0) & seen
                if pairs.sum() >= _LEAST_PAIRS:
                    self._last[piece] = _similarity(self._grid[:, pairs], before[:, pairs])
            grown, moved = self._last[piece]
            self._motions[piece] = scale * grown, scale * moved + shift

    def places(self, own: Places) -> Places:
        """Return the painted pixels that the pixels of this frame show."""
        places = np.full(own.shape, NOWHERE)
        for piece in range(1, len(self._motions)):
            found = self._shown(own, piece)
            places = np.where(found != NOWHERE, found, places)
        return places


def _similarity(points: NDArray[np.float32], images: NDArray[np.float32]) -> tuple[float, NDArray[np.float64]]:
    """Return scale and shift that bring points ``(2, N)`` nearest to their images."""
    centre, target = (part.mean(axis=1, dtype=np.float64, keepdims=True) for part in (points, images))
    spread = float(np.square(points - centre).sum())
    scale = float(((points - centre) * (images - target)).sum()) / spread if spread > points.shape[1] else 1.0
    scale = min(max(scale, 1 / _MOST_ZOOM), _MOST_ZOOM)
    return scale, (target - scale * centre)[:, 0]


def _sampled(places: Places, positions: NDArray[np.float32]) -> Places:
    """Return the values at the nearest pixels; `NOWHERE` outside."""
    height, width = places.shape
    x, y = np.rint(positions).astype(np.intp)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.where(inside, places[y.clip(0, height - 1), x.clip(0, width - 1)], NOWHERE)
