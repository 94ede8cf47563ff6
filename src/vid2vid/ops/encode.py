"""Encoding of pixels and class indices as channels; runs on the device."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.ops.sizes import pad_to_multiple


def to_images(pixels: Tensor) -> Tensor:
    """Turn uint8 0..255 into float32 [-1, 1], any shape.

    Examples:
        >>> to_images(torch.tensor([0, 51, 255], dtype=torch.uint8))
        tensor([-1.0000, -0.6000,  1.0000])
    """
    return pixels.float() / 127.5 - 1


def to_uint8(images: Tensor) -> Tensor:
    """Turn floats in [-1, 1], any shape, into uint8 0..255, rounded; what lies outside is clipped.

    Examples:
        >>> to_uint8(torch.tensor([-1.0, -0.6, 1.1]))
        tensor([  0,  51, 255], dtype=torch.uint8)
    """
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def one_hot(indices: Tensor, classes: int) -> Tensor:
    """Code class indices as channels.

    Args:
        indices: ``(..., 1, H, W)`` integers in ``0 .. classes - 1``.
        classes: Number of channels C.

    Returns:
        ``(..., C, H, W)`` float32 of zeros and ones.

    Examples:
        >>> one_hot(torch.tensor([[[0, 2]]]), classes=3).tolist()
        [[[1.0, 0.0]], [[0.0, 0.0]], [[0.0, 1.0]]]
    """
    code = indices.new_zeros((*indices.shape[:-3], classes, *indices.shape[-2:]), dtype=torch.float32)
    return code.scatter_(-3, indices.long(), 1.0)


def instance_edges(instance: Tensor) -> Tensor:
    """Mark the pixels whose left, right, upper or lower neighbour belongs to another object.

    Args:
        instance: ``(..., 1, H, W)`` integer object ids.

    Returns:
        ``(..., 1, H, W)`` float32 of zeros and ones.

    Examples:
        >>> instance_edges(torch.tensor([[[5, 5, 5, 8, 8]]])).tolist()
        [[[0.0, 0.0, 1.0, 1.0, 0.0]]]
    """
    across = instance[..., :, 1:] != instance[..., :, :-1]
    down = instance[..., 1:, :] != instance[..., :-1, :]
    beside = nnf.pad(across, (1, 0)) | nnf.pad(across, (0, 1))
    above = nnf.pad(down, (0, 0, 1, 0)) | nnf.pad(down, (0, 0, 0, 1))
    return (beside | above).float()


@dataclass(frozen=True)
class LabelCode:
    """Encoded label maps whose one-hot channels are not written out; `dense` writes them.

    Attributes:
        ids: ``(..., 1, H, W)`` integers in ``0 .. classes - 1``.
        classes: Number of one-hot channels.
        edges: ``(..., 1, H, W)`` float32 of zeros and ones, the channel behind them: borders between objects. None: it
            is not there.
        features: ``(..., d, H, W)``, the last channels: motion of objects, planes, then features of a style. None: they
            are not there.
    """

    ids: Tensor
    classes: int
    edges: Tensor | None = None
    features: Tensor | None = None

    def __getitem__(self, index: slice | tuple[int | slice, ...]) -> "LabelCode":
        """Index the leading axes."""
        return self.map(lambda part: part[index])

    def map(self, change: Callable[[Tensor], Tensor]) -> "LabelCode":
        """Change each of the tensors."""
        edges, features = (None if part is None else change(part) for part in (self.edges, self.features))
        return LabelCode(change(self.ids), self.classes, edges, features)

    @property
    def shape(self) -> torch.Size:
        """The shape of the dense code, ``(..., C, H, W)``."""
        channels = self.classes + sum(part.shape[-3] for part in (self.edges, self.features) if part is not None)
        return torch.Size((*self.ids.shape[:-3], channels, *self.ids.shape[-2:]))

    @property
    def device(self) -> torch.device:
        """The device of the tensors."""
        return self.ids.device

    def new_zeros(self, *shape: int) -> Tensor:
        """Return zeros as `dense` has them, float32 on its device."""
        return torch.zeros(shape, device=self.device)

    def dense(self) -> Tensor:
        """Write the one-hot channels, ``(..., C, H, W)`` float32."""
        parts = [one_hot(self.ids, self.classes), self.edges, self.features]
        return torch.cat([part for part in parts if part is not None], dim=-3)

    def padded(self, multiple: int) -> "LabelCode":
        """Repeat the last row and column, as `vid2vid.ops.pad_to_multiple`."""
        # replication is not there for integers; float32 holds class indices exactly
        return self.map(lambda part: pad_to_multiple(part.float(), multiple).to(part.dtype))


Code = Tensor | LabelCode
"""Encoded conditions, as channels or as labels whose channels are not written out."""


def dense(code: Code) -> Tensor:
    """Return encoded conditions as channels, ``(..., C, H, W)``.

    Examples:
        >>> dense(LabelCode(torch.tensor([[[0, 2]]]), classes=3)).tolist()
        [[[1.0, 0.0]], [[0.0, 0.0]], [[0.0, 1.0]]]
    """
    return code.dense() if isinstance(code, LabelCode) else code


def append_channels(code: Code, channels: Tensor) -> Code:
    """Append channels ``(..., d, H, W)`` to encoded conditions.

    Examples:
        >>> labels = LabelCode(torch.tensor([[[0, 1]]]), classes=2)
        >>> dense(append_channels(labels, torch.tensor([[[9.0, 8.0]]]))).tolist()
        [[[1.0, 0.0]], [[0.0, 1.0]], [[9.0, 8.0]]]
    """
    if isinstance(code, Tensor):
        return torch.cat([code, channels], dim=-3)
    return replace(code, features=channels if code.features is None else torch.cat([code.features, channels], dim=-3))


def concatenate(codes: list[Code], dim: int) -> Code:
    """Concatenate codes of one kind along a leading axis.

    Examples:
        >>> first, second = torch.zeros(1, 3, 2, 2), torch.ones(1, 3, 2, 2)
        >>> concatenate([first, second], dim=0).shape
        torch.Size([2, 3, 2, 2])
    """
    first = codes[0]
    if isinstance(first, Tensor):
        return torch.cat([dense(code) for code in codes], dim)
    labels = [code for code in codes if isinstance(code, LabelCode)]
    edges = [code.edges for code in labels if code.edges is not None]
    features = [code.features for code in labels if code.features is not None]
    ids, *others = (torch.cat(parts, dim) if parts else None for parts in ([c.ids for c in labels], edges, features))
    return LabelCode(cast("Tensor", ids), first.classes, *others)


def foreground_mask(code: Code, channels: list[int]) -> Tensor:
    """Mark the pixels of some labels: the sum of their channels, at most 1.

    Args:
        code: ``(..., C, H, W)``, encoded labels.
        channels: The channels of the foreground's labels.

    Returns:
        ``(..., 1, H, W)``.

    Examples:
        >>> code = one_hot(torch.tensor([[[0, 1, 2]]]), classes=3)
        >>> foreground_mask(code, channels=[1, 2]).tolist()
        [[[0.0, 1.0, 1.0]]]
    """
    if isinstance(code, LabelCode):
        table = torch.zeros(code.classes, device=code.device)
        table[channels] = 1
        return table[code.ids.long()]
    return code[..., channels, :, :].sum(-3, keepdim=True).clamp(max=1)
