"""The last layers of a scale, and how those of a finer one begin with what a coarser one drew."""

from typing import NamedTuple

import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.generator.blocks import full_precision


class Drawn(NamedTuple):
    """What the last layers of a scale drew, before tanh and sigmoid, in full precision; None where there is no layer.

    Attributes:
        image: ``(B, 3, H, W)``, of H.
        foreground: ``(B, 3, H, W)``, of h_F.
        motion: ``(B, 3, H, W)``, of W, in units of ``flow_scale``, and of M.
    """

    image: Tensor | None = None
    foreground: Tensor | None = None
    motion: Tensor | None = None


NOTHING_DRAWN = Drawn()


def draw(head: nn.Sequential, features: Tensor, coarser: Tensor | None) -> Tensor:
    """Run a head, and add what the coarser scale drew, if there is one and its heads are residual."""
    drawn: Tensor = full_precision(head(features))
    return drawn if coarser is None else drawn + doubled(coarser)


def doubled(drawn: Tensor) -> Tensor:
    """Return ``(B, C, H, W)`` as ``(B, C, 2 H, 2 W)``, in between bilinear.

    Point (i, j) comes to lie on (2 i, 2 j), from where the pooling of the pyramid has taken it.
    """
    height, width = drawn.shape[-2:]
    between = nnf.interpolate(drawn, (2 * height - 1, 2 * width - 1), mode="bilinear", align_corners=True)
    return nnf.pad(between, (0, 1, 0, 1), mode="replicate")


def silence(head: nn.Sequential) -> None:
    """Let a head begin with zero, so that a residual begins with what it is added to."""
    for parameter in head.parameters():
        nn.init.zeros_(parameter)
