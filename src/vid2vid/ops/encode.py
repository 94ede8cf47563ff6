"""Encoding of pixels and class indices as channels; runs on the device."""

from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.ops.sizes import pad_to_multiple


def to_images(pixels: Tensor) -> Tensor:
    """Turn uint8 0..255 into float32 [-1, 1], any shape."""
    return pixels.float() / 127.5 - 1


def one_hot(indices: Tensor, classes: int) -> Tensor:
    """Code class indices as channels.

    Args:
        indices: ``(..., 1, H, W)`` integers in ``0 .. classes - 1``.
        classes: Number of channels C.

    Returns:
        ``(..., C, H, W)`` float32 of zeros and ones.
    """
    code = indices.new_zeros((*indices.shape[:-3], classes, *indices.shape[-2:]), dtype=torch.float32)
    return code.scatter_(-3, indices.long(), 1.0)


def instance_edges(instance: Tensor) -> Tensor:
    """Mark the pixels whose left, right, upper or lower neighbour belongs to another object.

    Args:
        instance: ``(..., 1, H, W)`` integer object ids.

    Returns:
        ``(..., 1, H, W)`` float32 of zeros and ones.
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
        planes: ``(..., E, H, W)``, the channels behind them, such as the borders between objects; None: there are none.
    """

    ids: Tensor
    classes: int
    planes: Tensor | None = None

    def __getitem__(self, index: slice | tuple[int | slice, ...]) -> "LabelCode":
        """Index the leading axes."""
        return LabelCode(self.ids[index], self.classes, None if self.planes is None else self.planes[index])

    @property
    def shape(self) -> torch.Size:
        """The shape of the dense code, ``(..., C, H, W)``."""
        channels = self.classes + (0 if self.planes is None else self.planes.shape[-3])
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
        code = one_hot(self.ids, self.classes)
        return code if self.planes is None else torch.cat([code, self.planes], dim=-3)

    def with_planes(self, planes: Tensor) -> "LabelCode":
        """Append channels ``(..., E, H, W)``."""
        return LabelCode(
            self.ids, self.classes, planes if self.planes is None else torch.cat([self.planes, planes], -3)
        )

    def padded(self, multiple: int) -> "LabelCode":
        """Repeat the last row and column, as `vid2vid.ops.pad_to_multiple`."""
        # replication is not there for integers; float32 holds class indices exactly
        ids = pad_to_multiple(self.ids.float(), multiple).to(self.ids.dtype)
        return LabelCode(ids, self.classes, None if self.planes is None else pad_to_multiple(self.planes, multiple))


Code = Tensor | LabelCode
"""Encoded conditions, as channels or as labels whose channels are not written out."""


def dense(code: Code) -> Tensor:
    """Return encoded conditions as channels, ``(..., C, H, W)``."""
    return code.dense() if isinstance(code, LabelCode) else code


def concatenate(codes: list[Code], dim: int) -> Code:
    """Concatenate codes of one kind along a leading axis."""
    first = codes[0]
    if isinstance(first, Tensor):
        return torch.cat([dense(code) for code in codes], dim)
    labels = [code for code in codes if isinstance(code, LabelCode)]
    planes = [code.planes for code in labels if code.planes is not None]
    return LabelCode(
        torch.cat([code.ids for code in labels], dim), first.classes, torch.cat(planes, dim) if planes else None
    )


def foreground_mask(code: Code, channels: list[int]) -> Tensor:
    """Mark the pixels of some labels: the sum of their channels, at most 1.

    Args:
        code: ``(..., C, H, W)``, encoded labels.
        channels: The channels of the foreground's labels.

    Returns:
        ``(..., 1, H, W)``.
    """
    if isinstance(code, LabelCode):
        table = torch.zeros(code.classes, device=code.device)
        table[channels] = 1
        return table[code.ids.long()]
    return code[..., channels, :, :].sum(-3, keepdim=True).clamp(max=1)
