"""The reference flow of a clip, from the data or from a flow estimator."""

from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from vid2vid.condition import Plane
from vid2vid.config import FlowEstimatorConfig
from vid2vid.data.planes import split_planes
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.flow.loading import load_flow_estimator
from vid2vid.flow.motion_vectors import flows_of_motion
from vid2vid.types import Clip, Flow


class ReferenceFlow:
    """Returns the reference flows w of clips: the clip's own, else its motion vectors, else estimated flows.

    Args:
        config: The flow estimator, which is loaded when it is first needed.
        planes: The planes of the clips; one of motion replaces the flow estimator.
    """

    def __init__(self, config: FlowEstimatorConfig, planes: Sequence[Plane] = ()) -> None:
        self.config, self._planes = config, planes
        self._flow_estimator: FlowEstimator | None = None

    def __call__(self, clip: Clip, real: Tensor, strides: Collection[int]) -> dict[int, Flow]:
        """Return the flows of the strides that fit into a clip.

        Args:
            clip: The clip, maybe with flows of its own.
            real: ``(B, T, 3, H, W)`` in [-1, 1], its real frames.
            strides: The temporal strides k.

        Returns:
            For each k < T the flow, ``(B, T - k, ·, H, W)``, entry j belonging to frame j + k.
        """
        flows = {k: clip.flows[k] for k in strides if k in clip.flows and k < real.shape[1]}
        motion = self._motion(clip)
        if motion is not None:
            return flows | flows_of_motion(motion, real, {k for k in strides if k < real.shape[1]} - flows.keys())
        for k in strides:
            if k in flows or k >= real.shape[1]:
                continue
            self._flow_estimator = self._flow_estimator or load_flow_estimator(self.config)
            earlier, later = real[:, :-k], real[:, k:]
            with torch.no_grad():
                flow = self._flow_estimator(earlier.flatten(0, 1), later.flatten(0, 1))
            parts = (part.view(*later.shape[:2], *part.shape[1:]) for part in (flow.vectors, flow.confidence))
            flows[k] = Flow(*parts)
        return flows

    def _motion(self, clip: Clip) -> Tensor | None:
        """Return the motion vectors to the frame before, ``(B, T, 2, H, W)``, if the clip has some."""
        if clip.planes is None:
            return None
        parts = split_planes(self._planes, clip.planes)
        return next((values for plane, values in parts if plane.is_motion), None)
