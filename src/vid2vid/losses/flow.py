"""Distances of flows and of warped frames."""

from torch import Tensor


def masked_l1(a: Tensor, b: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return the mean over all elements of ``|a - b|``, those with mask 0 counting as equal.

    Args:
        a: ``(..., C, H, W)``.
        b: The same shape.
        mask: ``(..., 1, H, W)`` in [0, 1], or None.

    Examples:
        >>> a, b = torch.tensor([[[1.0, 2.0]]]), torch.zeros(1, 1, 2)
        >>> masked_l1(a, b).item(), masked_l1(a, b, mask=torch.tensor([[[1.0, 0.0]]])).item()
        (1.5, 0.5)
    """
    difference = (a - b).abs()
    return difference.mean() if mask is None else (difference * mask).mean()
