"""Moving videos, and ways to spoil them by degrees."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vid2vid.street import Street

with pytest.MonkeyPatch.context() as paths:
    paths.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    from distortions import DISTORTIONS, Distortion


@pytest.fixture(scope="session")
def streets() -> Tensor:
    """Rendered drives ``(8, 12, 3, 40, 80)`` in [-1, 1]. Not to be written to."""
    drives = [Street(seed, 40, 80) for seed in range(8)]
    frames = np.stack([np.stack([drive.render(t).rgb for t in range(12)]) for drive in drives])
    return torch.from_numpy(frames).movedim(-1, 2).float() / 127.5 - 1


@pytest.fixture(scope="session")
def damages() -> Mapping[str, Distortion]:
    """Ways to spoil a video ``(B, T, 3, H, W)``, each with a degree."""
    return DISTORTIONS


@pytest.fixture(scope="session")
def save_network() -> Callable[[nn.Module, Tensor, Path], Path]:
    """Writes a network as a TorchScript file."""

    def save(network: nn.Module, example: Tensor, path: Path) -> Path:
        with warnings.catch_warnings():
            # torch calls it deprecated; it is the one format of whole networks that people have I3D and Inception in
            warnings.simplefilter("ignore")
            torch.jit.trace(network, example).save(path)  # type: ignore[no-untyped-call]
        return path

    return save
