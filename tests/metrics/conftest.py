"""Moving videos, and ways to spoil them by degrees."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.street import Street

Damage = Callable[[Tensor, Any], Tensor]


@pytest.fixture(scope="session")
def streets() -> Tensor:
    """Rendered drives ``(8, 12, 3, 40, 80)`` in [-1, 1]. Not to be written to."""
    drives = [Street(seed, 40, 80) for seed in range(8)]
    frames = np.stack([np.stack([drive.render(t).rgb for t in range(12)]) for drive in drives])
    return torch.from_numpy(frames).movedim(-1, 2).float() / 127.5 - 1


def blur(video: Tensor, sigma: float) -> Tensor:
    """Blur each frame with a Gaussian of ``sigma`` pixels."""
    axis = torch.arange(-9.0, 10.0)
    taps = torch.exp(-axis.square() / (2 * sigma**2))
    taps = taps / taps.sum()
    frames = nnf.pad(video.flatten(0, 2)[:, None], [9] * 4, mode="replicate")
    blurred = nnf.conv2d(nnf.conv2d(frames, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
    return blurred.view_as(video)


def noise(video: Tensor, sigma: float) -> Tensor:
    """Add Gaussian noise."""
    return (video + sigma * torch.randn(video.shape)).clamp(-1, 1)


def shuffle(video: Tensor, frames: int) -> Tensor:
    """Put the frames of each clip in another order within parts of some length."""
    parts = torch.split(video, frames, dim=1)
    return torch.cat([torch.stack([clip[torch.randperm(len(clip))] for clip in part]) for part in parts], dim=1)


def freeze(video: Tensor, frames: int) -> Tensor:
    """Show each so-many-th frame for so many times."""
    return video[:, torch.arange(video.shape[1]) // frames * frames]


def halt(video: Tensor, frames: int) -> Tensor:
    """Let the last frames stand still."""
    return video[:, torch.arange(video.shape[1]).clamp(max=video.shape[1] - 1 - frames)]


def jitter(video: Tensor, pixels: int) -> Tensor:
    """Shift each frame at random by up to some pixels along both axes."""
    height, width = video.shape[-2:]
    spoilt = torch.empty_like(video)
    padded = nnf.pad(video.flatten(0, 1), [pixels] * 4, mode="replicate")
    padded = padded.view(*video.shape[:3], *padded.shape[-2:])
    for b, t in np.ndindex(*video.shape[:2]):
        y, x = torch.randint(0, 2 * pixels + 1, (2,)).tolist()
        spoilt[b, t] = padded[b, t, :, y : y + height, x : x + width]
    return spoilt


def flicker(video: Tensor, sigma: float) -> Tensor:
    """Shift the colour of each frame at random."""
    return (video + sigma * torch.randn(*video.shape[:3], 1, 1)).clamp(-1, 1)


@pytest.fixture(scope="session")
def damages() -> Mapping[str, Damage]:
    """Ways to spoil a video ``(B, T, 3, H, W)``, each with a degree."""
    return {f.__name__: f for f in (blur, noise, shuffle, freeze, halt, jitter, flicker)}


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
