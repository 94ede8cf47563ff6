"""What happens to a video as it grows long: any metric as a curve over time, and colours that drift."""

from collections.abc import Callable

import torch
from torch import Tensor
from torchmetrics import Metric

from vid2vid.metrics.functional import warping_error


def per_frame(metric: Callable[..., Tensor], *videos: Tensor) -> Tensor:
    """Return a metric of each frame alone.

    Args:
        metric: Returns a scalar for clips; it is asked about one clip of one frame, ``(1, 1, ...)``, at a time.
        videos: What it wants to see, each ``(B, T, ...)``.

    Returns:
        ``(B, T)`` in float64.
    """
    batch, length = videos[0].shape[:2]
    frames = [[metric(*(v[b : b + 1, t : t + 1] for v in videos)) for t in range(length)] for b in range(batch)]
    return torch.stack([torch.stack(row) for row in frames]).double()


def warping_errors(video: Tensor, flow: Tensor, visible: Tensor) -> Tensor:
    """Return `warping_error` of each pair of frames.

    Args:
        video: ``(B, T, 3, H, W)`` in [-1, 1].
        flow: ``(B, T - 1, 2, H, W)`` pixels, of the real video.
        visible: ``(B, T - 1, 1, H, W)`` in [0, 1].

    Returns:
        ``(B, T - 1)`` in float64.
    """

    def of_pair(past: Tensor, now: Tensor, *motion: Tensor) -> Tensor:
        return warping_error(torch.cat([past, now], dim=1), *motion)

    return per_frame(of_pair, video[:, :-1], video[:, 1:], flow, visible)


class Curve(Metric):
    """The mean over clips of a value of each frame, as a function of time: whether a video gets worse as it goes on.

    Clips may have any length up to ``frames``; at each time those count that are long enough.

    Args:
        frames: Length of the longest clip.
    """

    full_state_update = False
    is_differentiable = False
    totals: Tensor
    clips: Tensor

    def __init__(self, frames: int) -> None:
        super().__init__()
        for name in ("totals", "clips"):
            self.add_state(name, torch.zeros(frames, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, values: Tensor) -> None:
        """Add values ``(B, T)`` of the frames of some clips: from `per_frame`, `warping_errors`, `perceptual_distance`.

        Raises:
            ValueError: The clips are longer than ``frames``.
        """
        length, longest = values.shape[1], len(self.totals)
        if length > longest:
            raise ValueError(f"the curve has {longest} frames, but a clip has {length}")
        self.totals[:length] += values.to(self.totals).sum(0)
        self.clips[:length] += values.shape[0]

    def compute(self) -> Tensor:
        """Return ``(frames,)`` in float64; NaN at times that no clip reached.

        Raises:
            ValueError: Nothing was added.
        """
        if not self.clips.any():
            raise ValueError("Curve: no clip was added")
        return self.totals / self.clips
