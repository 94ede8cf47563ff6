"""How far the keypoints found in a synthesised video lie from those of the real one."""

import torch
from torch import Tensor
from torchmetrics import Metric


def keypoint_distance(fake: Tensor, real: Tensor, reference: Tensor | float = 1.0) -> Tensor:
    """Return the distance of each keypoint, in units of a reference length.

    Args:
        fake: ``(B, T, N, 2)`` pixels, found in the synthesised video.
        real: The same shape.
        reference: Pixels; a number, or one that broadcasts to ``(B, T, N)``: `body_size`, the distance of the eyes.

    Returns:
        ``(B, T, N)`` in float64.

    Raises:
        ValueError: The shapes differ.
    """
    if fake.shape != real.shape:
        raise ValueError(f"the keypoints must have one shape, not {tuple(fake.shape)} and {tuple(real.shape)}")
    apart: Tensor = (fake.double() - real.double()).norm(dim=-1)
    return apart / reference


def body_size(keypoints: Tensor, visible: Tensor) -> Tensor:
    """Return the diagonal of the box round the visible keypoints of each frame.

    Args:
        keypoints: ``(B, T, N, 2)`` pixels.
        visible: ``(B, T, N)``, true or above 0 where a keypoint can be seen.

    Returns:
        ``(B, T, 1)`` in float64; NaN where fewer than two keypoints can be seen, or all lie in one place.
    """
    seen = (visible > 0)[..., None]
    points, infinity = keypoints.double(), float("inf")
    low = torch.where(seen, points, infinity).amin(-2)
    high = torch.where(seen, points, -infinity).amax(-2)
    size = (high - low).norm(dim=-1, keepdim=True)
    return torch.where((seen.sum((-2, -1))[..., None] >= 2) & (size > 0), size, float("nan"))


class KeypointError(Metric):
    """The mean distance of keypoints, and the share of them that lie near enough (PCK, Yang & Ramanan, 2013).

    Args:
        alpha: How near is near enough, in reference lengths.
    """

    full_state_update = False
    is_differentiable = False
    distance: Tensor
    near: Tensor
    count: Tensor
    missed: Tensor

    def __init__(self, alpha: float = 0.1) -> None:
        super().__init__()
        self.alpha = alpha
        for name in ("distance", "near", "count", "missed"):
            self.add_state(name, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def update(
        self,
        fake: Tensor,
        real: Tensor,
        visible: Tensor,
        reference: Tensor | float | None = None,
        found: Tensor | None = None,
    ) -> None:
        """Add keypoints.

        Args:
            fake: ``(B, T, N, 2)`` pixels, found in synthesised videos.
            real: The same of the real videos.
            visible: ``(B, T, N)``, true or above 0 where the real video shows the keypoint: only those count.
            reference: Pixels, as for `keypoint_distance`; by default `body_size` of the real ones. Frames in which it
                is NaN or 0 do not count.
            found: ``(B, T, N)``, which of the ``fake`` ones were found at all; by default all. One that was not found
                counts as not near, and has no distance.
        """
        reference = body_size(real, visible) if reference is None else reference
        distances = keypoint_distance(fake, real, reference)
        counted = (visible > 0) & torch.as_tensor(reference, device=real.device).gt(0)
        there = counted if found is None else counted & (found > 0)
        self.distance += torch.where(there, distances, 0).sum()
        self.near += (there & (distances <= self.alpha)).sum()
        self.count += counted.sum()
        self.missed += (counted & ~there).sum()

    def compute(self) -> dict[str, float]:
        """Return ``distance`` (mean over what was found, in reference lengths), ``pck`` and ``missed``, in [0, 1].

        ``distance`` is NaN where nothing was found.

        Raises:
            ValueError: No keypoint was to be seen.
        """
        if not self.count:
            raise ValueError("KeypointError: no keypoint was to be seen")
        found = self.count - self.missed
        return {
            "distance": float(self.distance / found),
            "pck": float(self.near / self.count),
            "missed": float(self.missed / self.count),
        }
