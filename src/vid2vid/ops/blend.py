"""Composition of a frame from its parts."""

from torch import Tensor


def blend(warped: Tensor, hallucinated: Tensor, mask: Tensor) -> Tensor:
    """Eq. 4: ``x̃ = (1 - m) ⊙ w(x) + m ⊙ h``.

    Args:
        warped: ``(..., C, H, W)``, the past moved by the flow.
        hallucinated: ``(..., C, H, W)``, h.
        mask: ``(..., 1, H, W)`` in [0, 1], m; 1 = hallucinate.

    Examples:
        >>> warped, hallucinated = torch.zeros(1, 1, 3), torch.ones(1, 1, 3)
        >>> blend(warped, hallucinated, mask=torch.tensor([[[0.0, 0.25, 1.0]]])).tolist()
        [[[0.0, 0.25, 1.0]]]
    """
    return (1 - mask) * warped + mask * hallucinated
