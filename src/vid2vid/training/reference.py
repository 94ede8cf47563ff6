"""The reference flow of a clip: what it brings, and for the rest a teacher."""

from collections.abc import Iterable

import torch
from torch import Tensor

from vid2vid.settings import TeacherConfig
from vid2vid.teachers import Teacher, load_teacher
from vid2vid.types import Clip, Flow


class ReferenceFlow:
    """Returns the reference flows w of clips; the teacher is loaded when it is first needed.

    Args:
        config: Which teacher.
    """

    def __init__(self, config: TeacherConfig) -> None:
        self.config = config
        self._teacher: Teacher | None = None

    def __call__(self, clip: Clip, real: Tensor, strides: Iterable[int]) -> dict[int, Flow]:
        """Return the flows of the strides that fit into a clip.

        Args:
            clip: The clip, with the flows that it brings.
            real: ``(B, T, 3, H, W)`` in [-1, 1], its real frames.
            strides: The temporal strides k.

        Returns:
            For each k < T the flow, ``(B, T - k, ·, H, W)``, entry j belonging to frame j + k.
        """
        fitting = (k for k in strides if k < real.shape[1])
        return {k: clip.flows[k] if k in clip.flows else self._teach(real, k) for k in fitting}

    @torch.no_grad()
    def _teach(self, real: Tensor, stride: int) -> Flow:
        if self._teacher is None:
            self._teacher = load_teacher(self.config)
        earlier, later = real[:, :-stride], real[:, stride:]
        flow = self._teacher(earlier.flatten(0, 1), later.flatten(0, 1))
        return Flow(*(part.view(*later.shape[:2], *part.shape[1:]) for part in (flow.vectors, flow.confidence)))
