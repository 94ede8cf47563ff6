"""The networks whose features metrics compare: built-in ones, and any that a user brings.

Convention:
    An image network takes ``(B, 3, H, W)``, a video network ``(B, 3, T, H, W)``, in [-1, 1]; it resizes and normalises
    by itself, or an adapter does so (`vid2vid.metrics.network_adapters`). It gives one vector each, ``(B, D)``, or
    feature maps ``(B, C, ...)``, one tensor or several, which are pooled to their means and standard deviations.

    A user's network is an `nn.Module`, or a TorchScript file (``torch.jit.trace(network, example).save(path)``).
    TorchScript is code that runs on loading: only a file that the user names is opened. Name only files from people
    whose programs you would also run.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from vid2vid.errors import NOT_WEIGHTS, ConfigError, choose, why
from vid2vid.metrics.deep_motion import DeepMotion
from vid2vid.metrics.energy import MotionEnergy, SpatialEnergy
from vid2vid.metrics.network_adapters import IMAGE_ADAPTERS, VIDEO_ADAPTERS, AdaptedNetwork, Preprocessing

Features = Tensor | Sequence[Tensor]

NOT_TAKEN = (RuntimeError, TypeError, ValueError, AttributeError, IndexError)
"""Errors that a user's network may raise at inputs that it was not made for."""

IMAGE_NETWORKS: Mapping[str, Callable[[], nn.Module]] = {"spatial_energy": SpatialEnergy}
VIDEO_NETWORKS: Mapping[str, Callable[[], nn.Module]] = {"motion_energy": MotionEnergy, "deep_motion": DeepMotion}


class MetricNetwork(nn.Module):
    """A frozen network and its name.

    Args:
        network: The network.
        name: Its name, for messages.

    Attributes:
        dimensions: Length D of its vectors, or None where the network does not say (``network.features``).
        least_pixels: Pixels a side that it needs.
        least_frames: Frames of a window that it needs.
        frames: The only number of frames that it takes; 0: any.
    """

    def __init__(self, network: nn.Module, name: str) -> None:
        super().__init__()
        self.network = network
        for parameter in network.parameters():  # TorchScript has no requires_grad_
            parameter.requires_grad = False
        self.name = name
        self.eval()
        dimensions = getattr(network, "features", None)
        self.dimensions = dimensions if isinstance(dimensions, int) else None
        self.least_pixels = int(getattr(network, "least_pixels", 1))
        self.least_frames = int(getattr(network, "least_frames", 1))
        self.frames = int(getattr(network, "frames", 0))

    def train(self, mode: bool = True) -> "MetricNetwork":
        """Stay in evaluation mode, whatever a module that holds the metric is put in."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, inputs: Tensor) -> Features:
        """Return what the network gives for images or videos: one vector each, or maps.

        Args:
            inputs: ``(B, 3, H, W)`` or ``(B, 3, T, H, W)`` in [-1, 1].

        Raises:
            ConfigError: The network does not take such inputs.
        """
        try:
            with torch.autocast(inputs.device.type, enabled=False):
                features: Features = self.network(inputs.float())
        except torch.cuda.OutOfMemoryError:
            raise
        except NOT_TAKEN as error:
            raise self._not_taken(inputs, error) from error
        return features

    def vectors(self, inputs: Tensor, features: Features | None = None) -> Tensor:
        """Return one vector for each image or video.

        Args:
            inputs: The images or videos.
            features: What the network gave for them, where it is known.

        Returns:
            ``(B, D)`` in float64, see `pool`.

        Raises:
            ConfigError: The network does not take such inputs, or gives neither vectors nor maps.
        """
        features = self(inputs) if features is None else features
        try:
            pooled = pool(features)
        except NOT_TAKEN as error:
            raise self._not_taken(inputs, error) from error
        count = len(inputs)
        if pooled.dim() != 2 or len(pooled) != count:
            raise ConfigError(
                f"{self.name}: gives {tuple(pooled.shape)} for inputs {tuple(inputs.shape)}; it must give ({count}, D)."
            )
        return pooled.double()

    def _not_taken(self, inputs: Tensor, error: Exception) -> ConfigError:
        return ConfigError(f"{self.name}: cannot take inputs of the shape {tuple(inputs.shape)}: {str(error).strip()}")


Network = str | Path | nn.Module


def image_network(network: Network, adapter: str = "none") -> MetricNetwork:
    """Return a network of images, frozen: ``spatial_energy``, a TorchScript file, or a module.

    Args:
        network: The network.
        adapter: One of `IMAGE_ADAPTERS`, which prepares the images of a file or a module, or ``none``.

    Raises:
        ConfigError: There is no such file, or it holds something else, or the adapter is not for it.
    """
    return _load(network, IMAGE_NETWORKS, adapter, IMAGE_ADAPTERS, "image")


def video_network(network: Network, adapter: str = "none") -> MetricNetwork:
    """Return a network of videos, frozen: ``motion_energy``, ``deep_motion``, a TorchScript file, or a module.

    Args:
        network: The network.
        adapter: One of `VIDEO_ADAPTERS`, which prepares the videos for a file or a module, or ``none``.

    Raises:
        MissingExtraError: ``deep_motion`` without its weights.
        ConfigError: There is no such file, or it holds something else, or the adapter is not for it.
    """
    return _load(network, VIDEO_NETWORKS, adapter, VIDEO_ADAPTERS, "video")


def _load(
    network: Network,
    built_in: Mapping[str, Callable[[], nn.Module]],
    adapter: str,
    adapters: Mapping[str, Preprocessing],
    kind: str,
) -> MetricNetwork:
    adapted = adapter != "none"
    if adapted and (network in built_in or isinstance(network, MetricNetwork)):
        raise ConfigError(f"{kind}_adapter={adapter}: is for a TorchScript file; name it with {kind}_network=FILE.")
    if isinstance(network, MetricNetwork):
        return network
    if isinstance(network, nn.Module):
        name, loaded = type(network).__name__, network
    elif network in built_in:
        name, loaded = str(network), built_in[str(network)]()
    else:
        name, loaded = str(network), load_torchscript(network, "network", ", ".join(built_in))
    if adapted:
        loaded = AdaptedNetwork(loaded, adapters[choose(adapter, adapters, f"{kind}_adapter")])
    return MetricNetwork(loaded, name)


def load_torchscript(path: str | Path, key: str, others: str) -> nn.Module:
    """Load a TorchScript file.

    Args:
        path: The file.
        key: The setting that names it, for messages.
        others: Other values that the setting may have, for messages.

    Raises:
        ConfigError: There is no such file, or it holds something else.
    """
    if not Path(path).is_file():
        raise ConfigError(f"{key}={path}: no such file. Name a TorchScript file, or one of: {others}.")
    try:
        network: nn.Module = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
    except NOT_WEIGHTS as error:
        raise ConfigError(
            f"{key}={path}: not a TorchScript file ({why(error)}). Save it with torch.jit.trace(...).save(path)."
        ) from error
    return network


def pool(features: Features) -> Tensor:
    """Turn the features of images or videos into one vector each.

    Args:
        features: ``(B, D)``, which is returned as it is, or maps ``(B, C, ...)``, one tensor or several.

    Returns:
        ``(B, D)``; of maps the mean and the standard deviation of each channel over all its points.
    """
    if isinstance(features, Tensor):
        if features.dim() == 2:
            return features
        features = [features]
    flat = [maps.flatten(2) for maps in features]
    return torch.cat([torch.cat([maps.mean(2), maps.std(2, correction=0)], dim=1) for maps in flat], dim=1)
