"""Ways to spoil a video by degrees: what a measure says of them tells what it can see.

All take a video ``(B, T, 3, H, W)`` in [-1, 1] and a degree, and give a video of the same shape; what is random is
drawn from torch's generator.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as nnf
from torch import Tensor

Distortion = Callable[[Tensor, float], Tensor]


def blur(video: Tensor, sigma: float) -> Tensor:
    """Blur each frame with a Gaussian of ``sigma`` pixels."""
    reach = int(4 * sigma) + 1
    axis = torch.arange(-reach, reach + 1.0)
    taps = torch.exp(-axis.square() / (2 * sigma**2))
    taps = taps / taps.sum()
    frames = nnf.pad(video.flatten(0, 2)[:, None], [reach] * 4, mode="replicate")
    blurred = nnf.conv2d(nnf.conv2d(frames, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
    return blurred.view_as(video)


def noise(video: Tensor, sigma: float) -> Tensor:
    """Add Gaussian noise."""
    return (video + sigma * torch.randn(video.shape)).clamp(-1, 1)


def shuffle(video: Tensor, frames: float) -> Tensor:
    """Put the frames of each clip in another order within parts of some length."""
    parts = torch.split(video, int(frames), dim=1)
    return torch.cat([torch.stack([clip[torch.randperm(len(clip))] for clip in part]) for part in parts], dim=1)


def freeze(video: Tensor, frames: float) -> Tensor:
    """Show each so-many-th frame for so many times."""
    return video[:, torch.arange(video.shape[1]) // int(frames) * int(frames)]


def halt(video: Tensor, frames: float) -> Tensor:
    """Let the last frames stand still."""
    return video[:, torch.arange(video.shape[1]).clamp(max=video.shape[1] - 1 - int(frames))]


def jitter(video: Tensor, pixels: float) -> Tensor:
    """Shift each frame at random by up to some pixels along both axes."""
    reach, (height, width) = int(pixels), video.shape[-2:]
    padded = nnf.pad(video.flatten(0, 1), [reach] * 4, mode="replicate")
    shifts = torch.randint(0, 2 * reach + 1, (len(padded), 2)).tolist()
    frames = [frame[:, y : y + height, x : x + width] for frame, (y, x) in zip(padded, shifts, strict=True)]
    return torch.stack(frames).view_as(video)


def flicker(video: Tensor, sigma: float) -> Tensor:
    """Shift the colour of each frame at random."""
    return (video + sigma * torch.randn(*video.shape[:3], 1, 1)).clamp(-1, 1)


def checkerboard(video: Tensor, share: float) -> Tensor:
    """Put a checkerboard of two pixels, as strong as the texture there, in place of a share of the finest texture.

    So do generators that know no past: what they draw has the strength of the texture, but stays on the screen.
    """
    coarse = blur(video, 1.0)
    strength = blur((video - coarse).square(), 4.0).clamp(min=0).sqrt()
    y, x = torch.meshgrid(*(torch.arange(side) // 2 for side in video.shape[-2:]), indexing="ij")
    pattern = 1 - 2 * ((x + y) % 2)
    return (video + share * (coarse + strength * pattern - video)).clamp(-1, 1)


def blotches(video: Tensor, sigma: float) -> Tensor:
    """Shift the colour at random, smoothly over each frame and another way in each frame."""
    coarse = torch.randn(video.shape[0] * video.shape[1], 3, 4, 8)
    field = nnf.interpolate(coarse, video.shape[-2:], mode="bicubic", align_corners=False)
    return (video + sigma * field.view_as(video)).clamp(-1, 1)


def wobble(video: Tensor, pixels: float) -> Tensor:
    """Displace the points of each frame, smoothly and another way in each frame, by ``pixels`` (deviation)."""
    frames = video.flatten(0, 1)
    height, width = frames.shape[-2:]
    coarse = torch.randn(len(frames), 2, 4, 8)
    shift = pixels * nnf.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
    y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    grid = torch.stack([x + shift[:, 0] * 2 / (width - 1), y + shift[:, 1] * 2 / (height - 1)], dim=-1)
    return nnf.grid_sample(frames, grid, padding_mode="border", align_corners=True).view_as(video)


def fade(video: Tensor, sigma: float) -> Tensor:
    """Blur each frame more than the one before, the last by ``sigma`` pixels, as recursion does."""
    last = max(video.shape[1] - 1, 1)
    later = [blur(video[:, t : t + 1], sigma * t / last) for t in range(1, video.shape[1])]
    return torch.cat([video[:, :1], *later], dim=1)


DISTORTIONS: Mapping[str, Distortion] = {
    each.__name__: each
    for each in (blur, noise, shuffle, freeze, halt, jitter, flicker, checkerboard, blotches, wobble, fade)
}
