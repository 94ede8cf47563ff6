"""Feature networks of the metrics: built-in ones, all but one without weights, and any that a user brings.

Convention:
    An image network takes ``(B, 3, H, W)``, a video network ``(B, 3, T, H, W)``, in [-1, 1]; resizing and normalising
    are its own affair. Either gives one vector each, ``(B, D)``, or feature maps ``(B, C, ...)``, one tensor or
    several, which are pooled to their means and standard deviations.

    A user's network is an `nn.Module`, or a TorchScript file (``torch.jit.trace(network, example).save(path)``).
    TorchScript is code that runs on loading: only a file that the user names is opened, and only files of people whom
    one would also let run a program should be named.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from vid2vid.errors import NOT_WEIGHTS, ConfigError, why
from vid2vid.metrics.deep import DeepMotion
from vid2vid.metrics.energy import MotionEnergy, SpatialEnergy

Features = Tensor | Sequence[Tensor]
Network = str | Path | nn.Module

NOT_TAKEN = (RuntimeError, TypeError, ValueError, AttributeError, IndexError)
"""What a user's network may raise at inputs that it was not made for."""

IMAGE_NETWORKS: Mapping[str, Callable[[], nn.Module]] = {"spatial_energy": SpatialEnergy}
VIDEO_NETWORKS: Mapping[str, Callable[[], nn.Module]] = {"motion_energy": MotionEnergy, "deep_motion": DeepMotion}


def image_network(network: Network) -> nn.Module:
    """Return a network of images, frozen: ``spatial_energy``, a TorchScript file, or the module itself.

    Raises:
        ConfigError: There is no such file, or it holds something else.
    """
    return _load(network, IMAGE_NETWORKS)


def video_network(network: Network) -> nn.Module:
    """Return a network of videos, frozen: ``motion_energy``, ``deep_motion``, a TorchScript file, or the module itself.

    Raises:
        MissingExtraError: ``deep_motion`` without its weights.
        ConfigError: There is no such file, or it holds something else.
    """
    return _load(network, VIDEO_NETWORKS)


def _load(network: Network, built_in: Mapping[str, Callable[[], nn.Module]]) -> nn.Module:
    if isinstance(network, nn.Module):
        loaded = network
    elif network in built_in:
        loaded = built_in[str(network)]()
    else:
        loaded = _torchscript(Path(network), built_in)
    for parameter in loaded.parameters():
        parameter.requires_grad_(False)
    return loaded.eval()


def _torchscript(path: Path, built_in: Mapping[str, object]) -> nn.Module:
    if not path.is_file():
        raise ConfigError(f"network={path}: no such file. Name a TorchScript file, or one of: {', '.join(built_in)}.")
    try:
        loaded: nn.Module = torch.jit.load(path, map_location="cpu")  # type: ignore[no-untyped-call]
    except NOT_WEIGHTS as error:
        raise ConfigError(
            f"{path}: not a TorchScript file ({why(error)}). Save the network with torch.jit.trace(...).save(path)."
        ) from error
    return loaded


def pool(features: Features) -> Tensor:
    """Turn what a network gives into one vector for each image or video.

    Args:
        features: ``(B, D)``, which is returned as it is, or maps ``(B, C, ...)``, one tensor or several.

    Returns:
        ``(B, D)``; of maps each channel's mean and standard deviation over all its points.
    """
    if isinstance(features, Tensor):
        if features.dim() == 2:
            return features
        features = [features]
    flat = [maps.flatten(2) for maps in features]
    return torch.cat([torch.cat([maps.mean(2), maps.std(2, correction=0)], dim=1) for maps in flat], dim=1)


@torch.no_grad()
def look(network: nn.Module, inputs: Tensor, name: str) -> Features:
    """Return what a network gives for images or videos: one vector each, or maps.

    Args:
        network: See the top of this file.
        inputs: ``(B, 3, H, W)`` or ``(B, 3, T, H, W)`` in [-1, 1].
        name: What the user calls the network, for messages.

    Raises:
        ConfigError: The network does not take such inputs.
    """
    try:
        with torch.autocast(inputs.device.type, enabled=False):
            features: Features = network(inputs.float())
    except torch.cuda.OutOfMemoryError:
        raise
    except NOT_TAKEN as error:
        raise _not_taken(name, inputs, error) from error
    return features


def vectors(features: Features, inputs: Tensor, name: str) -> Tensor:
    """Return what `look` gave for some inputs as one vector each, ``(B, D)`` in float64.

    Raises:
        ConfigError: It is neither vectors nor maps.
    """
    try:
        pooled = pool(features)
    except NOT_TAKEN as error:
        raise _not_taken(name, inputs, error) from error
    shape = tuple(inputs.shape)
    if pooled.dim() != 2 or pooled.shape[0] != shape[0]:
        raise ConfigError(f"{name}: gives {tuple(pooled.shape)} for inputs {shape}; it must give ({shape[0]}, D).")
    return pooled.double()


def extract(network: nn.Module, inputs: Tensor, name: str) -> Tensor:
    """Return the pooled features ``(B, D)``, in float64, of images or videos.

    Args:
        network: As for `look`.
        inputs: As for `look`.
        name: As for `look`.

    Raises:
        ConfigError: The network does not take such inputs, or gives something else.
    """
    return vectors(look(network, inputs, name), inputs, name)


def _not_taken(name: str, inputs: Tensor, error: Exception) -> ConfigError:
    return ConfigError(f"{name}: cannot take inputs of the shape {tuple(inputs.shape)}: {str(error).strip()}")


def feature_count(network: nn.Module, example: Sequence[int], name: str) -> int:
    """Return D, from the network itself if it says so (``network.features``), else by trying an empty example.

    Raises:
        ConfigError: See `extract`.
    """
    known = getattr(network, "features", None)
    if isinstance(known, int):
        return known
    where = next((tensor.device for tensor in [*network.parameters(), *network.buffers()]), torch.device("cpu"))
    return extract(network, torch.zeros(1, *example, device=where), name).shape[1]
