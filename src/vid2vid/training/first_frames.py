"""The interface of models that make the first frames of a video for F."""

from pathlib import Path
from typing import Protocol, Self

import torch
from torch import Tensor

from vid2vid.condition import Condition


class FirstFrameModel(Protocol):
    """Makes images from conditions alone; `vid2vid.ImageModule` is one."""

    def images(self, code: Tensor) -> Tensor:
        """Synthesise ``(..., 3, H, W)`` in [-1, 1] from encoded conditions ``(..., C, H, W)``."""
        ...

    def require_fit(self, condition: Condition, name: str | Path = ...) -> None:
        """Refuse conditions with another encoding than those that it was trained on.

        Raises:
            CheckpointError: The encoding differs.
        """
        ...

    def to(self, device: torch.device, /) -> Self:
        """Move it to a device."""
        ...

    def eval(self) -> Self:
        """Put it in evaluation mode."""
        ...

    def requires_grad_(self, requires_grad: bool = ..., /) -> Self:
        """Freeze or thaw its weights."""
        ...
