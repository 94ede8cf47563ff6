"""Sizes of images: padded to a multiple, cropped back, halved."""

import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.errors import DataError


def require_size(images: Tensor, least: int, network: str, keys: str) -> None:
    """Refuse images that a network cannot take.

    Args:
        images: ``(..., H, W)``.
        least: Pixels that each side must have.
        network: The name of the network, for the message.
        keys: Its settings that decide how large images must be, for the message.

    Raises:
        DataError: A side is shorter.

    Examples:
        >>> require_size(torch.zeros(3, 8, 32), least=16, network="D_I", keys="layers")
        Traceback (most recent call last):
            ...
        vid2vid.errors.DataError: frames of 8 x 32 are too small for D_I: at least 16 pixels a side are needed. ...
    """
    height, width = images.shape[-2:]
    if min(height, width) < least:
        raise DataError(
            f"frames of {height} x {width} are too small for {network}: at least {least} pixels a side are needed. "
            f"Make data.height and data.width larger, or set {keys} lower."
        )


def pad_to_multiple(image: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column until height and width are multiples of ``multiple``.

    Args:
        image: ``(B, ..., C, H, W)``.
        multiple: For a network with n stride-2 layers, 2^n.

    Examples:
        >>> pad_to_multiple(torch.tensor([[[[1.0, 2.0, 3.0]]]]), multiple=2).tolist()
        [[[[1.0, 2.0, 3.0, 3.0], [1.0, 2.0, 3.0, 3.0]]]]
    """
    height, width = image.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    if not bottom and not right:
        return image
    padded = nnf.pad(image.flatten(0, -4), (0, right, 0, bottom), mode="replicate")
    return padded.view(*image.shape[:-2], *padded.shape[-2:])


def crop(image: Tensor, height: int, width: int) -> Tensor:
    """Cut ``(..., H, W)`` back to the top left ``height`` x ``width`` pixels: the inverse of `pad_to_multiple`.

    Examples:
        >>> crop(torch.arange(6).reshape(1, 2, 3), height=1, width=2).tolist()
        [[[0, 1]]]
    """
    return image[..., :height, :width]


def halve(image: Tensor) -> Tensor:
    """Halve the resolution by average pooling (3x3, stride 2, the padding not counted).

    Args:
        image: ``(B, ..., C, H, W)``.

    Returns:
        ``(B, ..., C, ceil(H / 2), ceil(W / 2))``.

    Examples:
        >>> halve(torch.arange(16.0).reshape(1, 1, 4, 4)).tolist()
        [[[[2.5, 4.0], [8.5, 10.0]]]]
    """
    small = nnf.avg_pool2d(image.flatten(0, -4), 3, stride=2, padding=1, count_include_pad=False)
    return small.view(*image.shape[:-2], *small.shape[-2:])


def pyramid(image: Tensor, scales: int) -> list[Tensor]:
    """Return ``scales`` versions of ``(B, ..., C, H, W)``, each half as large as the next; the coarsest first.

    Examples:
        >>> [tuple(one.shape) for one in pyramid(torch.zeros(1, 3, 20, 36), scales=3)]
        [(1, 3, 5, 9), (1, 3, 10, 18), (1, 3, 20, 36)]
    """
    versions = [image]
    for _ in range(scales - 1):
        versions.append(halve(versions[-1]))
    return versions[::-1]
