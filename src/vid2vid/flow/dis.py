"""Dense Inverse Search flow (Kroeger et al., 2016) by OpenCV, without weights, on the CPU."""

import cv2
import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.flow.estimator import forward_backward_confidence
from vid2vid.ops import to_uint8
from vid2vid.types import Flow

_LEAST = 16  # pixels a side


class DIS:
    """OpenCV's DIS flow, preset medium, confident where forward and backward flow agree."""

    name = f"dis-medium-opencv-{cv2.__version__}"

    def __call__(self, previous: Tensor, current: Tensor) -> Flow:
        """Estimate the backward flow (see `FlowEstimator`)."""
        height, width = previous.shape[-2:]
        earlier, later = _gray(_large_enough(previous)), _gray(_large_enough(current))
        backward = np.stack([_calc(b, a) for a, b in zip(earlier, later, strict=True)])
        forward = np.stack([_calc(a, b) for a, b in zip(earlier, later, strict=True)])
        vectors, forward_vectors = (
            torch.from_numpy(flow[:, :height, :width]).permute(0, 3, 1, 2).contiguous().to(previous.device)
            for flow in (backward, forward)
        )
        return Flow(vectors, forward_backward_confidence(vectors, forward_vectors))


def _calc(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.generic]:
    # a new object for each pair, since its state from the pair before changes the flow at some frame sizes
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return dis.calc(one, other, np.zeros((*one.shape, 2), np.float32))


def _large_enough(images: Tensor) -> Tensor:
    """Repeat the borders of images that are too small for OpenCV, which would read out of bounds."""
    below, right = (max(_LEAST - size, 0) for size in images.shape[-2:])
    return nnf.pad(images, (0, right, 0, below), mode="replicate") if right or below else images


def _gray(images: Tensor) -> list[NDArray[np.uint8]]:
    pixels = to_uint8(images).permute(0, 2, 3, 1).cpu().numpy()
    return [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8) for image in pixels]
