"""Whether a synthesised video moves as the real one does."""

from torch import Tensor

from vid2vid.metrics.means import Means


def flow_difference(fake: Tensor, real: Tensor) -> Tensor:
    """Return how far apart two flows end, ``‖w(x̃) - w(x)‖₂`` at each point, in pixels.

    With flows that one method estimated on the synthesised and on the real video, its mean is what Chu et al. (2020)
    measure as tOF, but for the norm.

    Args:
        fake: ``(..., 2, H, W)`` pixels.
        real: The same shape.

    Returns:
        ``(..., 1, H, W)`` in float64.

    Raises:
        ValueError: The shapes differ.
    """
    if fake.shape != real.shape:
        raise ValueError(f"the flows must have one shape, not {tuple(fake.shape)} and {tuple(real.shape)}")
    apart: Tensor = (fake.double() - real.double()).norm(dim=-3, keepdim=True)
    return apart


class FlowDifference(Means):
    """The mean of `flow_difference` over the points that count, in pixels."""

    higher_is_better = False

    def update(self, fake: Tensor, real: Tensor, confidence: Tensor | None = None) -> None:
        """Add flows estimated on synthesised and on real videos.

        Args:
            fake: ``(B, T - 1, 2, H, W)`` pixels.
            real: The same shape.
            confidence: ``(B, T - 1, 1, H, W)`` in [0, 1], how much each point counts; by default all count.
        """
        self.add(flow_difference(fake, real), confidence)
