"""`StepFrames`: an exported step that takes tensors and returns a `vid2vid.types.Frame`."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.errors import ConfigError
from vid2vid.export.exported_step import ExportedStep
from vid2vid.generator import Past, Style
from vid2vid.generator.object_memory import MEMORY_CHANNELS
from vid2vid.ops import pad_to_multiple, pyramid
from vid2vid.types import ConditionWindow, Frame


class StepFrames:
    """Makes frames as `vid2vid.generator.Generator.step` does, of one video.

    Args:
        step: The exported step.
    """

    def __init__(self, step: ExportedStep) -> None:
        self.step = step
        self._label_ids = torch.tensor(step.description.condition.label_ids or range(256), dtype=torch.uint8)

    def __call__(
        self,
        window: ConditionWindow,
        past: Past | None = None,
        foreground: Tensor | None = None,
        style: Style | None = None,
        memory: Tensor | None = None,
    ) -> Frame:
        """Make the next frame; the arguments are those of `inputs`."""
        return frame_of(self.step(self.inputs(window, past, foreground, style, memory)))

    def inputs(
        self,
        window: ConditionWindow,
        past: Past | None = None,
        foreground: Tensor | None = None,
        style: Style | None = None,
        memory: Tensor | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Return what the step takes.

        Args:
            window: The conditions s_{t-L} .. s_t of one video, and one more with motion of objects; of a longer window
                the last ones are used.
            past: The past of each scale, ``(1, L, 3, h, w)``; None: it is empty.
            foreground: ``(1, 1, H, W)`` uint8, a soft mask, if the step takes one.
            style: The style of the objects; None: the average one.
            memory: ``(1, 4, H, W)``, the painted memory of the objects (`ObjectMemory.paint`), if F has one; None: it
                is empty.

        Raises:
            ConfigError: The step takes a foreground mask, and there is none.
            ValueError: The step takes planes, and there are none.
        """
        about = self.step.description
        length, size = about.past_frames + 1, window.source.shape[-2:]
        given: dict[str, Tensor] = {
            "conditions": self._label_ids[window.source[:, -length:].long()],
            "no_past": torch.tensor([past is None]),
        }
        if window.instance is not None:
            given["instance"] = window.instance[:, -length - about.condition.lookback :].to(torch.int32)
        if window.planes is not None:
            given["planes"] = window.planes[:, -length:].float()
        elif about.condition.planes:
            raise ValueError(f"this exported step takes the planes {', '.join(p.name for p in about.condition.planes)}")
        if foreground is not None:
            given["foreground"] = foreground
        elif about.foreground == "mask":
            raise ConfigError(
                "this exported step takes a mask of the foreground: give foreground=path to a grey video."
            )
        if about.mean_style is not None:
            given["style"] = torch.tensor(about.mean_style) if style is None else style.table
        if "memory" in about.inputs:
            given["memory"] = torch.zeros(1, MEMORY_CHANNELS, *size) if memory is None else memory
        if past is None:
            past = self.scales(torch.zeros(1, about.past_frames, 3, *size))
        given |= {f"past_{i}": one for i, one in enumerate(past)}
        return {name: np.ascontiguousarray(given[name].numpy()) for name in about.inputs}

    def past_after(self, past: Past | None, frame: Frame) -> Past:
        """Return the past of each scale, ``(1, L, 3, h, w)``, after one more frame; None: it was empty."""
        before = past or self.scales(torch.zeros(1, self.step.description.past_frames, *frame.fake.shape[1:]))
        return [torch.cat([old, new[:, None]], dim=1)[:, 1:] for old, new in zip(before, frame.scales, strict=True)]

    def scales(self, images: Tensor) -> Past:
        """Return images ``(…, H, W)`` for each spatial scale, the coarsest first."""
        about = self.step.description
        return [*pyramid(pad_to_multiple(images, about.multiple), about.scales)[:-1], images]


def frame_of(made: dict[str, NDArray[Any]]) -> Frame:
    """Return the outputs of a step as a frame."""
    tensors = {name: torch.from_numpy(one) for name, one in made.items()}
    *coarser, fake = (one[:, -1] for name, one in tensors.items() if name.startswith("next_past_"))
    return Frame.of([fake, *(tensors[name] for name in ("hallucinated", "warped", "flow", "mask")), *coarser])
