"""Composition of a frame from flow, mask and hallucinations (Eq. 4 and 9), whatever layers they come from."""

import torch
from torch import Tensor

from vid2vid.config import GeneratorConfig
from vid2vid.ops import blend, warp
from vid2vid.types import Frame


def warp_frame(config: GeneratorConfig, previous: Tensor, flow: Tensor) -> Tensor:
    """Return w̃(x̃_{t-1}), the previous frame moved by the flow in pixels, ``(B, 3, H, W)`` in [-1, 1]."""
    warped = warp(previous, flow, config.interpolation)
    # all but bilinear interpolation overshoots the range of an image
    return warped if config.interpolation == "bilinear" else warped.clamp(-1, 1)


def mask_of(logits: Tensor, hallucinate: bool | Tensor) -> Tensor:
    """Return m̃, ``(B, 1, H, W)`` in [0, 1], from its logits; one where there is no past (`FrameGenerator.forward`)."""
    mask = torch.sigmoid(logits)
    if isinstance(hallucinate, Tensor):
        return torch.maximum(mask, hallucinate.to(mask.dtype))
    return torch.ones_like(mask) if hallucinate else mask


def hallucinated_frame(previous: Tensor, background: Tensor, foreground: tuple[Tensor, Tensor] | None = None) -> Frame:
    """Return the frame of an F without flow: all of it is hallucinated; arguments as those of `compose_frame`."""
    h = background if foreground is None else blend(background, *foreground)
    return Frame(h, h, previous, torch.zeros_like(h[:, :2]), torch.ones_like(h[:, :1]))


def compose_frame(
    config: GeneratorConfig,
    warped: Tensor,
    flow: Tensor,
    mask: Tensor,
    background: Tensor,
    foreground: tuple[Tensor, Tensor] | None = None,
) -> Frame:
    """Blend the warped and the hallucinated frame.

    ``x̃_t = (1 - m̃_t) ⊙ w̃(x̃_{t-1}) + m̃_t ⊙ h̃_t`` (Eq. 4), where with a foreground prior
    ``h̃_t = (1 - m_B) ⊙ h̃_F + m_B ⊙ h̃_B`` (Eq. 9).

    Args:
        config: Says how the foreground is used.
        warped: ``(B, 3, H, W)`` in [-1, 1], w̃(x̃_{t-1}).
        flow: ``(B, 2, H, W)`` pixels, w̃.
        mask: ``(B, 1, H, W)`` in [0, 1], m̃_t.
        background: ``(B, 3, H, W)`` in [-1, 1], h̃_B; h̃ where there is no foreground.
        foreground: h̃_F, ``(B, 3, H, W)`` in [-1, 1], and its mask, 1 - m_B, ``(B, 1, H, W)`` in [0, 1].
    """
    h = background if foreground is None else blend(background, *foreground)
    x = blend(warped, h, mask)
    if config.foreground == "overwrite" and foreground is not None:
        x = blend(blend(warped, background, mask), *foreground)
    return Frame(x, h, warped, flow, mask)
