"""The state of a stream: what F needs of a video's past (Eq. 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from vid2vid.generator import Conditions, ObjectMemory, Past
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.types import ConditionWindow

_WINDOW = tuple(field.name for field in fields(ConditionWindow))


@dataclass
class StreamState:
    """The last L conditions and frames of one video.

    Attributes:
        first: ``(1, L, 3, H, W)`` in [-1, 1], given first frames, or the image generator that makes them; None: F makes
            them.
        left: Number of first frames that are still to come.
        made: Number of frames so far, first frames included.
        window: The conditions up to the last frame, as many as the next frame's window has; None before the first.
        past: The last frames of each scale, the coarsest first; None before the first.
        conditions: The last L + 1 conditions, encoded for F, so that each is encoded once; None: not yet encoded.
        memory: What the objects have looked like so far, if F has an object memory.
    """

    first: Tensor | FirstFrameModel | None = None
    left: int = 0
    made: int = 0
    window: ConditionWindow | None = None
    past: Past | None = None
    conditions: Conditions | None = None
    memory: ObjectMemory | None = None

    @property
    def stage(self) -> object:
        """A key that is equal for videos whose next frames can be made in one batch."""
        if self.left:
            return "given" if isinstance(self.first, Tensor) else self.first
        return "from nothing" if self.past is None else "from the past"

    def tensors(self) -> dict[str, Tensor]:
        """Return the state as named tensors on the CPU, without an image generator."""
        named = {} if self.window is None else {name: getattr(self.window, name) for name in _WINDOW}
        named["first"] = self.first if self.left and isinstance(self.first, Tensor) else None
        state = {name: part.cpu().contiguous() for name, part in named.items() if part is not None}
        for scale, images in enumerate(self.past or []):
            state[f"past.{scale}"] = images.cpu().contiguous()
        if self.memory is not None:
            state["memory"] = self.memory.table.cpu().contiguous()
        return {"left": torch.tensor(self.left), "made": torch.tensor(self.made), **state}

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor], device: torch.device, image: FirstFrameModel | None) -> "StreamState":
        """Make a state of the result of `tensors`.

        Args:
            tensors: The named tensors.
            device: The device of F.
            image: The image generator that makes the first frames still to come, if these are not among the tensors.

        Raises:
            ValueError: First frames are still to come, and there is no image generator to make them.
        """
        moved = {name: tensor.to(device) for name, tensor in tensors.items()}
        left = int(tensors["left"])
        first = moved.get("first", image) if left else None
        if left and first is None:
            raise ValueError("the stream was started with an image generator: give the same one to continue it")
        scales = sorted((name for name in moved if name.startswith("past.")), key=lambda name: int(name[5:]))
        past = [moved[name] for name in scales] or None
        parts = {name: moved[name] for name in _WINDOW if name in moved}
        window = ConditionWindow(**parts) if parts else None
        memory = ObjectMemory(moved["memory"]) if "memory" in moved else None
        return cls(first, left, int(tensors["made"]), window, past, memory=memory)
