"""Trivial rivals: what a video model must beat to be worth anything."""

from collections.abc import Iterable

import torch
from torch import Tensor

from vid2vid.ops import to_images
from vid2vid.types import Clip


def frozen(real: Tensor, given: int) -> Tensor:
    """Return clips ``(B, T, 3, H, W)`` in which the last given frame stands still."""
    still = real[:, given - 1 : given].expand(-1, real.shape[1] - given, -1, -1, -1)
    return torch.cat([real[:, :given], still], dim=1)


class LabelMean:
    """Paints every label in its mean colour over the training clips.

    Args:
        clips: Training clips with class indices as the source.
        classes: Number of classes.
    """

    def __init__(self, clips: Iterable[Clip], classes: int) -> None:
        sums = torch.zeros(classes, 3, dtype=torch.float64)
        counts = torch.zeros(classes, dtype=torch.float64)
        for clip in clips:
            indices = clip.source[:, :, 0].flatten().long()
            colours = clip.real.movedim(2, -1).flatten(0, -2)
            sums.index_add_(0, indices, colours.double())
            counts += torch.bincount(indices, minlength=classes)
        self.colours = (sums / counts.clamp(min=1)[:, None]).float()

    def __call__(self, source: Tensor) -> Tensor:
        """Paint class indices ``(B, T, 1, H, W)``; ``(B, T, 3, H, W)`` in [-1, 1]."""
        return to_images(self.colours[source[:, :, 0].long()]).movedim(-1, 2)
