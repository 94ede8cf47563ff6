"""Means that are summed in float64 and added over processes."""

import torch
from torch import Tensor
from torchmetrics import Metric


class Means(Metric):
    """The mean of all values that were added, each of some weight; what the metrics of single frames have in common."""

    full_state_update = False
    is_differentiable = False
    total: Tensor
    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("total", "weight"):
            self.add_state(name, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def add(self, values: Tensor, weights: Tensor | None = None) -> None:
        """Add values of any shape; what has the weight 0 may be anything, NaN too.

        Args:
            values: The values.
            weights: >= 0, of the same shape; by default all weigh 1.
        """
        weights = torch.ones_like(values) if weights is None else weights
        weights = weights.to(self.weight)
        self.total += torch.where(weights > 0, values.to(self.total) * weights, 0).sum()
        self.weight += weights.sum()

    def compute(self) -> Tensor:
        """Return the mean, a scalar in float64.

        Raises:
            ValueError: Nothing was added.
        """
        if not self.weight:
            raise ValueError(f"{type(self).__name__}: nothing was added that counts")
        return self.total / self.weight
