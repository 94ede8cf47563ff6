"""Differentiable backward warping."""

import torch
import torch.nn.functional as nnf
from kornia.geometry.transform import remap
from torch import Tensor

CUBIC_SHARE = 2 / 3
"""Share of torch's cubic kernel (a = -3/4) in ``cubic``; the rest is linear.

The whole kernel amplifies some frequencies by up to 3 % a frame, and long videos would ring. This share amplifies none,
and half-way between pixels it equals the Catmull-Rom spline.
"""
HALFWAY = (41409225, -10735725, 3864861, -1254825, 325325, -61425, 7425, -429)
"""Weights of the eight pixels on each side, the nearest first, for the value half-way between two pixels, times 2^26.

They evaluate the polynomial through all 16 (Deslauriers and Dubuc, 1989). The response falls from 1 to 0 without a
ripple. So what a kernel that amplifies no frequency interpolates from pixels and these values is not amplified, either.
"""


def warp(image: Tensor, flow: Tensor, interpolation: str = "bilinear") -> Tensor:
    """Warp an image backward by a flow: ``out(p) = image(p + flow(p))``.

    Convention:
        Flow is in pixels, (x, y), from the new frame back to ``image``; pixel centres at whole numbers
        (``align_corners=True``), so that zero flow returns the image itself however often it is applied; points
        outside take the border's value. NaN in a flow fetches the middle: torch's CPU kernel would crash the process
        in its backward pass.

    Args:
        image: ``(B, C, H, W)`` of any float type.
        flow: ``(B, 2, H, W)`` in pixels.
        interpolation: ``bilinear``; ``cubic``, which keeps more detail when a video is warped from frame to frame; or
            ``fine``, cubic on a grid of half pixels, which keeps most. The last two amplify no frequency, and may go
            beyond the image's values.

    Returns:
        ``(B, C, H, W)`` in at least float32: in half precision the sampling positions alone are off by up to a pixel.

    Raises:
        ValueError: The shapes do not fit.

    Examples:
        >>> image = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]])
        >>> flow = torch.zeros(1, 2, 1, 4)
        >>> flow[:, 0] = -1  # each point was one pixel further left
        >>> warp(image, flow).tolist()
        [[[[1.0, 1.0, 2.0, 3.0]]]]
    """
    if image.shape[0] != flow.shape[0] or image.shape[2:] != flow.shape[2:] or flow.shape[1] != 2:
        raise ValueError(f"flow must be (B, 2, H, W) for the image {tuple(image.shape)}, but is {tuple(flow.shape)}")
    dtype = torch.promote_types(torch.promote_types(image.dtype, flow.dtype), torch.float32)
    with torch.autocast(image.device.type, enabled=False):
        image, flow = image.to(dtype), flow.to(dtype)
        # Positions in the image, where -1 and 1 are the centres of the border pixels. The order of these few operations
        # is that of the recorded reference: a recursion over a hundred layers amplifies a difference of one rounding
        # into a visible one within some frames.
        height, width = flow.shape[-2:]
        xs, ys = _centres(width, flow), _centres(height, flow)[:, None]
        x, y = xs + flow[:, 0] / (max(width - 1, 1) / 2), ys + flow[:, 1] / (max(height - 1, 1) / 2)
        infinity = float("inf")
        x, y = x.nan_to_num(0.0, infinity, -infinity), y.nan_to_num(0.0, infinity, -infinity)
        if interpolation == "fine":
            image = _with_halves(image)
        warped = _fetch(image, x, y, "bilinear")
        if interpolation != "bilinear":
            warped = warped.lerp(_fetch(image, x, y, "bicubic"), CUBIC_SHARE)
    return warped


def _with_halves(image: Tensor) -> Tensor:
    """Return an image ``(B, C, H, W)`` with what is half-way between its pixels, ``(B, C, 2 H - 1, 2 W - 1)``."""
    channels, side = image.shape[1], len(HALFWAY)
    weights = (image.new_tensor([*reversed(HALFWAY), *HALFWAY]) / 2**26).expand(channels, 1, 1, -1)
    below = nnf.conv2d(nnf.pad(image, (0, 0, side - 1, side), mode="replicate"), weights.mT, groups=channels)
    image = torch.stack([image, below], dim=3).flatten(2, 3)[:, :, :-1]
    right = nnf.conv2d(nnf.pad(image, (side - 1, side, 0, 0), mode="replicate"), weights, groups=channels)
    return torch.stack([image, right], dim=4).flatten(3, 4)[..., :-1]


def _centres(size: int, like: Tensor) -> Tensor:
    """Return ``size`` positions from -1 to 1."""
    if isinstance(size, torch.SymInt):
        # in an export with any size: torch.linspace would make a constant of it
        return torch.arange(size, dtype=like.dtype, device=like.device) / ((size - 1) / 2) - 1
    return torch.linspace(-1, 1, size, dtype=like.dtype, device=like.device)


def _fetch(image: Tensor, x: Tensor, y: Tensor, mode: str) -> Tensor:
    fetched: Tensor = remap(image, x, y, mode, padding_mode="border", align_corners=True, normalized_coordinates=True)
    return fetched
