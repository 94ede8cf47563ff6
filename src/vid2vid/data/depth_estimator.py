"""Monocular depth estimation by a user's network, for videos without depth."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Plane
from vid2vid.config import DepthConfig
from vid2vid.digests import file_sha256
from vid2vid.errors import ConfigError, require, why
from vid2vid.files import partial_folder
from vid2vid.metrics.metric_networks import load_torchscript
from vid2vid.video import file_key, open_frames
from vid2vid.video.progress import watched_frames

FORMAT = 2
"""Part of the keys of cached estimates; raised when this package's code changes their values."""
_RANGE = (0.02, 0.98)
"""Quantiles of a frame that become 0 and 1 of relative depth."""


class DepthEstimator:
    """Estimates a plane of depth from single pictures.

    The network is given ``(1, 3, h, w)``, RGB in [0, 1] minus the mean, divided by the standard deviation, and returns
    ``(1, h', w')`` or ``(1, 1, h', w')``. Metric depth is in metres. Relative depth is larger for nearer points, and
    has no unit and a different scale in each frame: its quantiles 2 % and 98 % become 0 and 1.

    Args:
        config: The file of the network, and its input and output.
        plane: The plane, to whose range the values are clamped.

    Attributes:
        name: A name that depends on all that changes the estimates: the network's content, the settings, the plane.

    Raises:
        ConfigError: The file is missing, or is not a network.
        MissingExtraError: It is an ONNX file, and onnxruntime is not installed.
    """

    def __init__(self, config: DepthConfig, plane: Plane) -> None:
        self.config, self.plane = config, plane
        self.name = estimator_name(config, plane)
        path = Path(config.network)
        self._network = _onnx(path) if path.suffix.lower() == ".onnx" else _torchscript(path)

    @torch.inference_mode()
    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the plane ``(1, H, W)`` of an RGB picture ``(H, W, 3)``.

        Raises:
            ConfigError: The network does not accept the picture, or does not return one number for each pixel.
        """
        config, size = self.config, frame.shape[:2]
        picture = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None].float() / 255
        if config.height:
            picture = nnf.interpolate(picture, (config.height, config.width), mode="bilinear", antialias=True)
        mean, std = (torch.tensor(one).view(3, 1, 1) for one in (config.mean, config.std))
        found = self._network((picture - mean) / std)
        found = found[:, None] if found.dim() == 3 else found
        if found.dim() != 4 or found.shape[:2] != (1, 1) or not found.isfinite().all():
            raise ConfigError(
                f"depth.network={config.network}: must return finite numbers (1, h, w) or (1, 1, h, w) for pictures "
                f"{tuple(picture.shape)}, but returned {tuple(found.shape)}."
            )
        depth = nnf.interpolate(found.float(), size, mode="bilinear")[0]
        if config.output == "relative":
            far, near = depth.flatten().quantile(torch.tensor(_RANGE))
            depth = (depth - far) / (near - far).clamp(min=1e-6)
        return depth.clamp(self.plane.low, self.plane.high).numpy()


class EstimatedDepth:
    """The depth of a video, estimated as frames are read, with the interface of `vid2vid.data.planes.PlaneFrames`.

    Args:
        path: The video or folder of pictures.
        estimator: The estimator.

    Raises:
        VideoError: The pictures cannot be read.
    """

    def __init__(self, path: Path, estimator: DepthEstimator) -> None:
        self.path, self.plane = path, estimator.plane
        self._frames, self._estimator = open_frames(path), estimator

    def __len__(self) -> int:
        return len(self._frames)

    def read(self, indices: Sequence[int]) -> NDArray[np.float32]:
        """Return the plane of some frames, ``(N, 1, H, W)``."""
        return np.stack([self._estimator(frame) for frame in self._frames.read(indices)])


def estimator_name(config: DepthConfig, plane: Plane) -> str:
    """Return `DepthEstimator.name` without loading the network.

    Raises:
        ConfigError: The file cannot be read.
    """
    path = Path(config.network)
    try:
        content = file_sha256(path)
    except OSError as error:
        raise ConfigError(f"depth.network={path}: cannot be read ({why(error)}); give a .pt or .onnx file.") from error
    facts = [FORMAT, content, {**asdict(config), "network": ""}, plane.low, plane.high]
    return f"{path.stem}-{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]}"


def depth_folder(cache: Path, name: str, target: Path) -> Path:
    """Return the folder in which the estimates of a video are cached, as files of a plane.

    Args:
        cache: The cache folder.
        name: `DepthEstimator.name`.
        target: The video, which is identified by its content.
    """
    return cache / "depth" / name / file_key(target)


def cache_depth(folder: Path, target: Path, estimator: DepthEstimator) -> None:
    """Estimate the depth of a whole video and save it, unless the folder exists.

    Raises:
        DataError: The video cannot be read.
        ConfigError: The network does not accept its frames.
    """
    if folder.is_dir():
        return
    with partial_folder(folder) as work:
        for index, frame in enumerate(watched_frames(target, f"depth {target.stem}")):
            np.savez_compressed(work / f"{index:06d}.npz", depth=estimator(frame)[0])
        # another process may have been faster
        if not folder.is_dir():
            work.replace(folder)


def _torchscript(path: Path) -> Callable[[Tensor], Tensor]:
    network = load_torchscript(path, "depth.network", "a file that ends in .onnx").eval()

    def run(picture: Tensor) -> Tensor:
        try:
            found = network(picture)
        except RuntimeError as error:
            raise _unfit(path, picture, error) from error
        if not isinstance(found, Tensor):
            raise ConfigError(f"depth.network={path}: must return one tensor, but returned a {type(found).__name__}.")
        return found

    return run


def _onnx(path: Path) -> Callable[[Tensor], Tensor]:
    runtime: Any = require("onnxruntime", "onnx")
    if not path.is_file():
        raise ConfigError(f"depth.network={path}: there is no such file; give a .pt or .onnx file.")
    try:
        session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        (given,) = session.get_inputs()
    except Exception as error:
        # the runtime has its own exceptions
        raise ConfigError(f"depth.network={path}: is not an ONNX file with one input ({why(error)}).") from error

    def run(picture: Tensor) -> Tensor:
        try:
            return torch.from_numpy(session.run(None, {given.name: picture.numpy()})[0])
        except Exception as error:
            raise _unfit(path, picture, error) from error

    return run


def _unfit(path: Path, picture: Tensor, error: Exception) -> ConfigError:
    return ConfigError(
        f"depth.network={path}: cannot take pictures {tuple(picture.shape)} ({why(error)}); give the size that it was "
        "made for: depth.height, depth.width."
    )
