"""The pinhole camera, and the linear functionals of pixel coordinates that the rasteriser uses."""

from dataclasses import dataclass

import numpy as np

from vid2vid.street.geometry import Doubles, Floats


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Convention:
        Pixel centres have integer coordinates; ``(0, 0)`` is the centre of the top left pixel. The camera's axes are x
        right, y down, z forward. The ray of pixel ``(x, y)`` is ``((x - cx) / focal, (y - cy) / focal, 1)``, so a point
        on a ray is the z-depth times the ray.

    Attributes:
        position: ``(3,)`` in world coordinates, metres.
        rotation: ``(3, 3)``; its rows are the camera's axes in world coordinates.
        focal: Focal length, pixels.
        centre: Principal point (cx, cy), pixels.
    """

    position: Doubles
    rotation: Doubles
    focal: float
    centre: tuple[float, float]

    @classmethod
    def looking(
        cls, position: Doubles, yaw: float, pitch: float, focal: float, centre: tuple[float, float]
    ) -> "Camera":
        """Return a camera that looks along x, turned to the left by ``yaw`` and up by ``pitch`` radians."""
        forward = np.array([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)])
        right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
        return cls(position, np.stack([right, np.cross(forward, right), forward]), focal, centre)

    def to_camera(self, points: Doubles) -> Doubles:
        """Convert points ``(..., 3)`` from world to camera coordinates."""
        return (points - self.position) @ self.rotation.T

    def to_world(self, points: Doubles) -> Doubles:
        """Convert points ``(..., 3)`` from camera to world coordinates."""
        return points @ self.rotation + self.position

    def functional(self, vectors: Doubles) -> Doubles:
        """Return (a, b, c) with ``a x + b y + c = v · ray(x, y)`` for vectors v.

        Args:
            vectors: ``(..., 3)`` in camera coordinates.

        Returns:
            ``(..., 3)`` coefficients of (x, y, 1), in pixels.
        """
        across, down, forward = np.moveaxis(vectors / (self.focal, self.focal, 1.0), -1, 0)
        cx, cy = self.centre
        return np.stack([across, down, forward - cx * across - cy * down], axis=-1)

    def rays(self, x: Floats, y: Floats) -> Floats:
        """Return the rays ``(..., 3)`` of pixel coordinates, in camera coordinates with z = 1."""
        cx, cy = self.centre
        return np.stack([(x - cx) / self.focal, (y - cy) / self.focal, np.ones_like(x)], axis=-1)

    def project(self, points: Doubles) -> tuple[Doubles, Doubles]:
        """Return the pixel coordinates x, y of camera points ``(..., 3)`` with z ≠ 0."""
        cx, cy = self.centre
        return points[..., 0] / points[..., 2] * self.focal + cx, points[..., 1] / points[..., 2] * self.focal + cy

    def fundamental(self, other: "Camera") -> Doubles:
        """Return the fundamental matrix F of two cameras at different places (Hartley & Zisserman, 2004, Sec. 9.2).

        Args:
            other: The other camera.

        Returns:
            ``(3, 3)``, with ``x'ᵀ F x = 0`` if pixel x = (x, y, 1) of this camera and pixel x' of the other one show
            the same point of a static scene.
        """
        turn = other.rotation @ self.rotation.T
        x, y, z = other.rotation @ (self.position - other.position)
        across = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        matrix: Doubles = other.inverse_intrinsics.T @ across @ turn @ self.inverse_intrinsics
        return matrix

    @property
    def inverse_intrinsics(self) -> Doubles:
        """``(3, 3)``, which maps pixels (x, y, 1) to their rays (`rays`)."""
        cx, cy = self.centre
        return np.array([[1 / self.focal, 0, -cx / self.focal], [0, 1 / self.focal, -cy / self.focal], [0, 0, 1]])
