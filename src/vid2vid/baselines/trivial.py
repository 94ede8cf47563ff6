"""Trivial baselines, which any video model should beat."""

from collections.abc import Iterable

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions import encode
from vid2vid.ops import to_images
from vid2vid.types import Clip

_KEY = 32
"""Pixels a side to which conditions are resized for the comparison."""


def frozen(real: Tensor, given: int) -> Tensor:
    """Return clips in which the last given frame stands still.

    Args:
        real: ``(B, T, 3, H, W)``.
        given: Number of given frames.

    Returns:
        ``(B, T, 3, H, W)``, the given frames included.
    """
    still = real[:, given - 1 : given].expand(-1, real.shape[1] - given, -1, -1, -1)
    return torch.cat([real[:, :given], still], dim=1)


class LabelMean:
    """Paint every label in its mean colour over the training frames.

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

    def __call__(self, clip: Clip) -> Tensor:
        """Return the painted class indices of clips, ``(B, T, 3, H, W)`` in [-1, 1]."""
        return to_images(self.colours[clip.source[:, :, 0].long().cpu()]).movedim(-1, 2)


class Nearest:
    """Show for each condition the training frame whose condition is nearest, by the mean square of small images.

    Args:
        clips: Training clips, as many as fit into memory.
        condition: The condition of their sources.
    """

    def __init__(self, clips: Iterable[Clip], condition: Condition) -> None:
        self.condition = condition
        keys: list[Tensor] = []
        self.frames: list[Tensor] = []
        for clip in clips:
            keys.append(self._keys(clip))
            self.frames += clip.real.flatten(0, 1).unbind()
        self.keys = torch.cat(keys)

    def __call__(self, clip: Clip) -> Tensor:
        """Return the nearest training frame for each frame of clips, ``(B, T, 3, H, W)`` in [-1, 1]."""
        chosen = torch.cdist(self._keys(clip), self.keys).argmin(dim=1)
        size = clip.real.shape[-2:]
        frames = torch.cat([nnf.interpolate(to_images(self.frames[int(i)])[None], size) for i in chosen])
        return frames.view(*clip.real.shape[:2], *frames.shape[1:])

    def _keys(self, clip: Clip) -> Tensor:
        clip = clip.to("cpu")
        code = encode(self.condition, clip.source, clip.instance, clip.planes)
        return nnf.adaptive_avg_pool2d(code.flatten(0, 1), _KEY).flatten(1)
