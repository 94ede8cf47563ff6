"""The reference flow of a clip: what it brings, and for the rest a flow estimator."""

from collections.abc import Iterable

import torch
from torch import Tensor

from vid2vid.config import FlowEstimatorConfig
from vid2vid.flow import FlowEstimator, load_flow_estimator
from vid2vid.types import Clip, Flow


class ReferenceFlow:
    """Returns the reference flows w of clips; the flow estimator is loaded when it is first needed.

    Args:
        config: Which flow estimator.
    """

    def __init__(self, config: FlowEstimatorConfig) -> None:
        self.config = config
        self._flow_estimator: FlowEstimator | None = None

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
        if self._flow_estimator is None:
            self._flow_estimator = load_flow_estimator(self.config)
        earlier, later = real[:, :-stride], real[:, stride:]
        flow = self._flow_estimator(earlier.flatten(0, 1), later.flatten(0, 1))
        return Flow(*(part.view(*later.shape[:2], *part.shape[1:]) for part in (flow.vectors, flow.confidence)))
