"""What candidates are judged by: some consecutive frames of one real clip, and all that is known of them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.types import Flow


@dataclass(frozen=True)
class Footage:
    """Consecutive frames of a real clip; what candidates show instead of them has the same shape.

    Attributes:
        real: ``(1, T, 3, H, W)`` in [-1, 1].
        flow: The reference flow, ``(1, T - 1, ·, H, W)``.
        given: How many first frames do not count: they were given, and are only the past of the next one.
        labels: ``(1, T, H, W)`` class indices that the frames should show, or None.
        instance: ``(1, T, 1, H, W)`` object ids, or None.
    """

    real: Tensor
    flow: Flow
    given: int = 0
    labels: Tensor | None = None
    instance: Tensor | None = None

    @property
    def pairs(self) -> slice:
        """Which pairs of frames count, those whose later frame does; of a video, the frames from their first one on."""
        return slice(max(self.given - 1, 0), None)

    def counted(self, video: Tensor) -> Tensor:
        """Return the frames of a candidate that count."""
        return video[:, self.given :]


@dataclass(frozen=True)
class Series:
    """A measure's values of single frames (or pairs, or objects) of a clip.

    Attributes:
        values: ``(n,)`` in float64.
        weights: ``(n,)`` in float64, how much each counts in the clip's mean; what weighs 0 may be NaN.
    """

    values: Tensor
    weights: Tensor

    @classmethod
    def of(cls, values: Tensor, weights: Tensor | None = None) -> "Series":
        """Take values ``(n,)``, by default of equal weight."""
        values = values.detach().double().cpu()
        return cls(values, torch.ones_like(values) if weights is None else weights.detach().double().cpu())

    def late(self, footage: Footage) -> "Series":
        """Return a series of pairs as one of frames: the very first frame of a clip has none before it."""
        if footage.given:
            return self
        unknown, nothing = self.values.new_full((1,), torch.nan), self.weights.new_zeros(1)
        return Series(torch.cat([unknown, self.values]), torch.cat([nothing, self.weights]))

    @property
    def mean(self) -> float:
        """The clip's value; NaN where nothing counts."""
        counted = self.weights > 0
        weights = self.weights[counted]
        return float((self.values[counted] * weights).sum() / weights.sum())


def joined(parts: list[Series]) -> Series:
    """Put the series of consecutive parts of a clip together."""
    return Series(torch.cat([part.values for part in parts]), torch.cat([part.weights for part in parts]))
