"""A rendered street: frames with labels, object ids and depth, and the exact flow between them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import ConfigError
from vid2vid.street.camera import Camera
from vid2vid.street.change import UNCHANGED, StreetChange
from vid2vid.street.exact_flow import backward_flow
from vid2vid.street.geometry import Bools, Floats, Ints
from vid2vid.street.look import Look
from vid2vid.street.route import pose_on
from vid2vid.street.shading import shade
from vid2vid.street.street_classes import CAR
from vid2vid.street.views import SceneView, surface_normals
from vid2vid.street.visibility import resolve
from vid2vid.street.world import World

SKY_DEPTH = 1000.0
"""Depth of the sky in metres; everything else is nearer than 400 m."""


@dataclass(frozen=True)
class StreetFrame:
    """One rendered frame.

    Attributes:
        label: ``(H, W)`` uint8, Cityscapes label ids at the pixels' centres.
        instance: ``(H, W)`` int32 as in gtFine `instanceIds`: label * 1000 + number for cars, people, houses and
            plants, else the label.
        depth: ``(H, W)`` float32, z-depth along the camera's forward axis, in metres, at the pixels' centres; the sky
            has `SKY_DEPTH`.
        shade: Computes the picture ``(H, W, 3)`` in 0..1.
    """

    label: NDArray[np.uint8]
    instance: NDArray[np.int32]
    depth: NDArray[np.float32]
    shade: Callable[[], Floats] = field(repr=False)

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """The anti-aliased picture, ``(H, W, 3)`` uint8, computed on first access."""
        return np.rint(self.shade() * 255).astype(np.uint8)


@dataclass(frozen=True)
class _Drawn:
    scene: SceneView
    owner: Ints
    frame: StreetFrame


class Street:
    """A drive along a procedural street; the same seed gives the same frames, bit for bit, in any order.

    The colours of cars, houses and people are random for each object and cannot be inferred from the label map: only
    the past frames show them.

    Args:
        seed: Seed of the street, >= 0.
        height: Height H of the frames in pixels, >= 16. The renderer is made for wide pictures: if H > W, treetops
            overhead disappear a little early.
        width: Width W of the frames in pixels, >= 16.
        fps: Frames a second, which determine how far things move per frame.
        cached_frames: Number of frames kept, at least 2, since a flow needs two.
        crossings: Whether there are crossings, at which cars turn; the camera approaches them slowly.
        change: A change of the street that the seed describes.

    Raises:
        ConfigError: A value is out of range.
    """

    def __init__(
        self,
        seed: int,
        height: int = 128,
        width: int = 256,
        fps: float = 10.0,
        cached_frames: int = 16,
        crossings: bool = False,
        change: StreetChange = UNCHANGED,
    ) -> None:
        limits = {"seed": (seed, 0), "height": (height, 16), "width": (width, 16), "cached_frames": (cached_frames, 2)}
        for name, (value, least) in limits.items():
            if value < least:
                raise ConfigError(f"street.{name}={value}: must be at least {least}.")
        if not fps > 0:
            raise ConfigError(f"street.fps={fps}: must be above 0.")
        self.size = (height, width)
        self.look = Look(seed, fps, crossings)
        self._world = World(self.look, change)
        self._drawn = lru_cache(maxsize=cached_frames)(self._draw)

    def render(self, t: int) -> StreetFrame:
        """Return frame ``t``, any integer."""
        return self._drawn(t).frame

    def camera(self, t: int) -> Camera:
        """Return the camera of frame ``t``."""
        return self._world.camera(t, self.size)

    def normals(self, t: int) -> Floats:
        """Return the surface normals of frame ``t`` at the pixels' centres, ``(3, H, W)`` float32.

        Convention:
            Unit vectors in the camera's axes: x right, y down, z forward; surfaces that face the camera have z < 0. The
            sky has zeros.
        """
        drawn = self._drawn(t)
        rows, columns = np.indices(self.size, dtype=np.float32).reshape(2, -1)
        normals = surface_normals(drawn.scene, drawn.owner, columns, rows) @ drawn.scene.camera.rotation.T
        return np.ascontiguousarray(normals.T.reshape(3, *self.size), dtype=np.float32)

    def headings(self, t: int) -> dict[int, float]:
        """Return the headings of the cars visible in frame ``t``, by instance id.

        Convention:
            Radians in (-π, π], from the street's direction, in which the camera looks, to the left.
        """
        drawn = self._drawn(t)
        paint = drawn.scene.paint[np.unique(drawn.owner)]
        paint = paint[paint["label"] == CAR]
        _, _, heading = pose_on(paint["route"], t)
        heading = -np.remainder(np.pi - heading, 2 * np.pi) + np.pi
        return dict(zip(paint["instance"].tolist(), heading.tolist(), strict=True))

    def flow(self, t: int, stride: int = 1) -> tuple[Floats, Bools]:
        """Return the exact flow from frame ``t`` back to frame ``t - stride``.

        Convention:
            The point seen at the centre of pixel (x, y) of frame t was at ``(x, y) + vectors[:, y, x]`` in the earlier
            frame. Pixel centres have integer coordinates, as in `cv2.remap` and ``grid_sample(align_corners=True)``.
            The flow includes rotations of the camera, moving objects and swinging limbs; the sky is infinitely far.

        Returns:
            Vectors ``(2, H, W)`` float32 in pixels, order (x, y), and ``(H, W)`` bool, whether the point was inside the
            earlier picture (between its outermost pixel centres) and not hidden there.
        """
        # the later frame is drawn second, so that the next flow, which needs it, finds it in the cache
        then, now = self._drawn(t - stride), self._drawn(t)
        return backward_flow(now.scene, now.owner, then.scene, then.owner)

    def _draw(self, t: int) -> _Drawn:
        camera = self.camera(t)
        geometry = self._world.geometry(t, float(camera.position[0]))
        scene = SceneView.seen(geometry, camera, t, self.size)
        seen = resolve(scene)
        owner = seen.owner
        rows, columns = np.indices(self.size, dtype=np.float32).reshape(2, -1)
        inverse = scene.inverse_depth(owner, columns, rows)
        depth = np.where(owner == 0, SKY_DEPTH, 1 / np.maximum(inverse, 1 / SKY_DEPTH)).astype(np.float32)
        frame = StreetFrame(
            label=scene.paint["label"][owner].reshape(self.size),
            instance=scene.paint["instance"][owner].reshape(self.size),
            depth=depth.reshape(self.size),
            shade=partial(shade, scene, seen, self.look.light),
        )
        return _Drawn(scene, owner, frame)
