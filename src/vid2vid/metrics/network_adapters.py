"""Adapters of known networks: how each takes its frames, and which part of its output is the feature vector."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """How a network wants its frames.

    Attributes:
        short_side: Pixels that the shorter side is resized to, bilinearly, keeping the shape; 0: frames are resized to
            ``size`` x ``size``, whatever their shape.
        size: Pixels a side of what the network sees, the middle of the resized frames; 0: any size, nothing is resized.
        antialias: Whether frames that shrink are low-pass filtered, as Pillow and torchvision do and OpenCV does not.
        rounds: Whether the left and upper margin that is cut off is rounded (half to even), not rounded down.
        mean: Of each channel, R, G, B, of values in [0, 1]: it is subtracted.
        std: What is then divided by.
        time_first: Whether videos are ``(B, T, 3, H, W)`` and not ``(B, 3, T, H, W)``.
        frames: The only number of frames that it takes; 0: any.
        least_frames: The least number of frames that it takes.
        tokens: Whether vectors of positions are the last axis, ``(B, N, D)``, as transformers give them. Their mean is
            the feature vector; of maps ``(B, D, ...)`` the mean over all positions.
        options: Keyword arguments of the call, as far as the network has them.
    """

    size: int
    short_side: int = 0
    antialias: bool = False
    rounds: bool = True
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    time_first: bool = False
    frames: int = 0
    least_frames: int = 1
    tokens: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


_BYTES: dict[str, Any] = {"mean": (0.0, 0.0, 0.0), "std": (1 / 255,) * 3}
_IMAGENET: dict[str, Any] = {"mean": IMAGENET_MEAN, "std": IMAGENET_STD, "tokens": True}

IMAGE_ADAPTERS: Mapping[str, Preprocessing] = {
    "inception": Preprocessing(299),
    "inception_2015": Preprocessing(0, **_BYTES, options={"return_features": True}),
}
"""``inception``: pytorch-fid's network. ``inception_2015``: the file inception-2015-12-05.pt, which resizes itself."""

VIDEO_ADAPTERS: Mapping[str, Preprocessing] = {
    "i3d": Preprocessing(224, least_frames=10, options={"rescale": False, "resize": False, "return_features": True}),
    "videomae": Preprocessing(224, 224, antialias=True, rounds=False, time_first=True, frames=16, **_IMAGENET),
    "vjepa": Preprocessing(224, 256, frames=16, **_IMAGENET),
    "vjepa2": Preprocessing(256, 292, antialias=True, time_first=True, frames=64, **_IMAGENET),
}
"""``i3d``: StyleGAN-V's i3d_torchscript.pt. ``videomae`` and ``vjepa2``: as transformers has them. ``vjepa``: as its
authors have it."""


class AdaptedNetwork(nn.Module):
    """A network behind its preprocessing: takes images or videos in [-1, 1] and gives one vector each.

    Args:
        network: The network.
        preprocessing: How it wants its frames.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.network, self.preprocessing = network, preprocessing
        self.frames = preprocessing.frames
        self.least_frames = max(preprocessing.frames, preprocessing.least_frames)
        for name in ("mean", "std"):
            self.register_buffer(name, torch.tensor(getattr(preprocessing, name)).view(3, 1, 1), persistent=False)
        # a network of TorchScript has a schema
        schema = getattr(network.forward, "schema", None)
        known = [each.name for each in schema.arguments] if schema else inspect.signature(network.forward).parameters
        self.options = {name: value for name, value in preprocessing.options.items() if name in known}

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the feature vectors ``(B, D)``.

        Args:
            inputs: ``(B, 3, H, W)`` or ``(B, 3, T, H, W)`` in [-1, 1].
        """
        features: Tensor = self.network(self.prepared(inputs), **self.options)
        if features.dim() == 2:
            return features
        return features.mean(1) if self.preprocessing.tokens and features.dim() == 3 else features.flatten(2).mean(2)

    def prepared(self, inputs: Tensor) -> Tensor:
        """Return what the network sees of images ``(B, 3, H, W)`` or videos ``(B, 3, T, H, W)`` in [-1, 1]."""
        if inputs.dim() == 4:
            return self._normalised(self._resized(inputs))
        frames = inputs.transpose(1, 2)
        seen = self._normalised(self._resized(frames.flatten(0, 1)))
        seen = seen.view(*frames.shape[:2], *seen.shape[1:])
        return seen if self.preprocessing.time_first else seen.transpose(1, 2).contiguous()

    def _normalised(self, images: Tensor) -> Tensor:
        normalised: Tensor = ((images + 1) / 2 - self.mean) / self.std
        return normalised

    def _resized(self, images: Tensor) -> Tensor:
        this = self.preprocessing
        if not this.size:
            return images
        target = [this.size, this.size]
        if this.short_side:
            sides = images.shape[-2:]
            target = [this.short_side * side // min(sides) for side in sides]
        images = nnf.interpolate(images, target, mode="bilinear", align_corners=False, antialias=this.antialias)
        margins = [(round(rest / 2) if this.rounds else rest // 2) for rest in (side - this.size for side in target)]
        return images[..., margins[0] : margins[0] + this.size, margins[1] : margins[1] + this.size]
