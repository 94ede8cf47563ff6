"""What F has to remember of a video in order to go on with it (Eq. 3)."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.baselines import ImageModule
from vid2vid.generator import Past


@dataclass
class Memory:
    """The last L conditions and frames of one video.

    Attributes:
        first: ``(1, L, 3, H, W)`` in [-1, 1], or what makes them: frames that F is given; None: F makes them itself.
        left: How many of them are still to come.
        made: How many frames there are so far, given ones among them.
        source: ``(1, L, S, H, W)`` uint8, the last conditions; None before the first.
        instance: ``(1, L, 1, H, W)`` object ids, if the condition has instance edges.
        past: The last frames of each scale, the coarsest first; None before the first.
    """

    first: Tensor | ImageModule | None = None
    left: int = 0
    made: int = 0
    source: Tensor | None = None
    instance: Tensor | None = None
    past: Past | None = None

    @property
    def stage(self) -> object:
        """What videos share whose next frame can be made together: an image generator, or how F begins or goes on."""
        if self.left:
            return self.first if isinstance(self.first, ImageModule) else "given"
        return "from nothing" if self.past is None else "from the past"

    def window(self, source: Tensor, instance: Tensor | None, length: int) -> tuple[Tensor, Tensor | None]:
        """Take the next condition in, ``(1, S, H, W)``; before the first one it is repeated.

        Returns:
            The conditions s_{t-L} .. s_t, ``(1, L + 1, S, H, W)``, and their object ids.
        """
        sources = _append(self.source, source, length)
        instances = None if instance is None else _append(self.instance, instance, length)
        self.source = sources[:, 1:]
        self.instance = None if instances is None else instances[:, 1:]
        return sources, instances

    def state(self) -> dict[str, Tensor]:
        """Return what is remembered as named tensors on the CPU; an image generator is not among them."""
        named = {"source": self.source, "instance": self.instance, "first": self.first if self.left else None}
        state = {name: part.cpu().contiguous() for name, part in named.items() if isinstance(part, Tensor)}
        for scale, images in enumerate(self.past or []):
            state[f"past.{scale}"] = images.cpu().contiguous()
        return {"left": torch.tensor(self.left), "made": torch.tensor(self.made), **state}

    @classmethod
    def of(cls, state: Mapping[str, Tensor], device: torch.device, image: ImageModule | None) -> "Memory":
        """Make one from what `state` has returned.

        Args:
            state: Named tensors.
            device: Where F computes.
            image: What makes the first frames that are still to come and not among the tensors.

        Raises:
            ValueError: First frames are still to come, and nothing makes them.
        """
        moved = {name: tensor.to(device) for name, tensor in state.items()}
        left = int(state["left"])
        first = moved.get("first", image) if left else None
        if left and first is None:
            raise ValueError("the stream was begun by an image generator: give the same one to go on with it")
        scales = sorted((name for name in moved if name.startswith("past.")), key=lambda name: int(name[5:]))
        past = [moved[name] for name in scales] or None
        return cls(first, left, int(state["made"]), moved.get("source"), moved.get("instance"), past)


def _append(before: Tensor | None, now: Tensor, length: int) -> Tensor:
    now = now[:, None]
    return torch.cat([now.expand(-1, length, -1, -1, -1) if before is None else before, now], dim=1)
