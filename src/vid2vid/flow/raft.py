"""RAFT (Teed & Deng, 2020) by torchvision, on any device."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.digests import file_sha256
from vid2vid.errors import NOT_WEIGHTS, ConfigError, require, why
from vid2vid.flow.estimator import forward_backward_confidence
from vid2vid.ops import crop, pad_to_multiple
from vid2vid.types import Flow

SMALLEST = 128
"""Least side, in pixels, that RAFT needs for its correlation pyramid."""


class RAFT:
    """torchvision's RAFT (large), confident where forward and backward flow agree.

    Args:
        weights: A file with torchvision's ``raft_large`` weights; empty: those in torchvision's cache, or downloaded by
            it.

    Raises:
        MissingExtraError: torchvision is not installed.
        ConfigError: The weights are missing or invalid.
    """

    def __init__(self, weights: str = "") -> None:
        models = require("torchvision.models.optical_flow", extra="pretrained")
        self.name = self.name_of(weights)
        with _explaining(weights):
            state: dict[str, Tensor]
            if weights:
                state = torch.load(Path(weights), map_location="cpu", weights_only=True)
            else:
                state = models.Raft_Large_Weights.DEFAULT.get_state_dict(progress=True, check_hash=True)
            self.network: torch.nn.Module = models.raft_large().eval().requires_grad_(False)
            self.network.load_state_dict(state)

    @staticmethod
    def name_of(weights: str = "") -> str:
        """Return the name of the estimator with these weights, without loading them into a network.

        The name includes the SHA-256 of the file, or the name of torchvision's own weights, which ends with the SHA-256
        that torchvision checks when it downloads them.

        Raises:
            MissingExtraError: torchvision is not installed.
            ConfigError: The file cannot be read.
        """
        if not weights:
            models = require("torchvision.models.optical_flow", extra="pretrained")
            return f"raft-large-{Path(models.Raft_Large_Weights.DEFAULT.url).stem}"
        with _explaining(weights):
            return f"raft-large-{file_sha256(Path(weights))[:16]}"

    @torch.no_grad()
    def __call__(self, previous: Tensor, current: Tensor) -> Flow:
        """Estimate the backward flow (see `FlowEstimator`)."""
        self.network.to(previous.device)
        backward, forward = self._flow(current, previous), self._flow(previous, current)
        return Flow(backward, forward_backward_confidence(backward, forward))

    def _flow(self, start: Tensor, end: Tensor) -> Tensor:
        height, width = start.shape[-2:]
        start, end = (pad_to_multiple(image.float(), 8) for image in (start, end))
        # small frames are padded to `SMALLEST` by repeating the border
        bottom, right = (max(SMALLEST - side, 0) for side in start.shape[-2:])
        start, end = (nnf.pad(image, (0, right, 0, bottom), mode="replicate") for image in (start, end))
        flow: Tensor = self.network(start, end)[-1]
        return crop(flow, height, width)


@contextmanager
def _explaining(weights: str) -> Iterator[None]:
    """Turn torch's errors about a file without RAFT's weights into a `ConfigError` that says what to do."""
    try:
        yield
    except NOT_WEIGHTS as error:
        raise ConfigError(
            f"flow_estimator.weights={weights!r}: cannot be read as weights of RAFT ({why(error)}). Give the path of "
            "torchvision's raft_large weights, or use flow_estimator.kind=dis, which needs none."
        ) from error
