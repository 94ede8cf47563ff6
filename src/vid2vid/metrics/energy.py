"""Oriented energy in space and in space-time (Adelson & Bergen, 1985): features with nothing learnt and nothing random.

They stand in for learned networks where no weights can be had. Each filter is a pair of Gabor functions a quarter of a
period apart; the magnitude of the two responses tells how strong a pattern of one orientation, scale and speed is,
whatever its phase.
"""

import math
from functools import reduce

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.ops import halve

ORIENTATIONS = 4
NOISE = 0.02
"""The response (to images in [-1, 1]) that others are measured by: features are ``log(1 + response / NOISE)``, so that
weaker ones hardly count, and stronger ones count by their ratios, as they do to an eye."""

_PERIOD, _SIGMA, _RADIUS = 4.0, 1.8, 4  # pixels: of the wave, of its Gaussian window, from the centre to the rim
_FRAMES_PERIOD, _FRAMES_SIGMA, _FRAMES_RADIUS = 4.0, 1.2, 2  # the same in time
_OPPONENT = ((1 / 3, 1 / 3, 1 / 3), (1 / 2, -1 / 2, 0.0), (-1 / 4, -1 / 4, 1 / 2))
"""Brightness, red against green, blue against yellow."""


def spatial_filters() -> Tensor:
    """Return the quadrature pairs ``(2, ORIENTATIONS, 1, 9, 9)``: even, then odd ones; each has unit gain at its wave.

    The even ones do not respond to a uniform field.
    """
    axis = torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    angles = (torch.arange(ORIENTATIONS, dtype=torch.float64) * math.pi / ORIENTATIONS)[:, None, None]
    phase = (x * angles.cos() + y * angles.sin()) * (2 * math.pi / _PERIOD)
    window = torch.exp(-(x.square() + y.square()) / (2 * _SIGMA**2))
    window = window / window.sum()
    even = window * (phase.cos() - (window * phase.cos()).sum((1, 2), keepdim=True))
    odd = window * phase.sin()
    return 2 * torch.stack([even, odd])[:, :, None].float()


def temporal_filters() -> Tensor:
    """Return three filters ``(3, 5)`` over frames: the average, and the even and odd wave of four frames' period."""
    t = torch.arange(-_FRAMES_RADIUS, _FRAMES_RADIUS + 1, dtype=torch.float64)
    window = torch.exp(-t.square() / (2 * _FRAMES_SIGMA**2))
    window = window / window.sum()
    phase = t * (2 * math.pi / _FRAMES_PERIOD)
    even = window * (phase.cos() - (window * phase.cos()).sum())
    return torch.stack([window, even, window * phase.sin()]).float()


def opponents(image: Tensor) -> Tensor:
    """Turn RGB ``(..., 3, H, W)`` into brightness, red-green and blue-yellow, of the same shape."""
    matrix = torch.tensor(_OPPONENT, dtype=image.dtype, device=image.device)
    return torch.einsum("oc,...chw->...ohw", matrix, image)


def log_response(response: Tensor) -> Tensor:
    """Return ``log(1 + response / NOISE)`` of magnitudes >= 0."""
    return torch.log1p(response / NOISE)


def magnitude(even: Tensor, odd: Tensor) -> Tensor:
    """Return the magnitude of a quadrature pair's responses."""
    return torch.sqrt(even.square() + odd.square())


class _Scales(nn.Module):
    """What the two networks below share: a pyramid of opponent colours, the spatial filters.

    Args:
        scales: How many; each is half as fine as the one before.

    Raises:
        ValueError: ``scales`` is less than 1.
    """

    filters: Tensor
    channels: int

    def __init__(self, scales: int) -> None:
        super().__init__()
        if scales < 1:
            raise ValueError(f"scales={scales}: must be at least 1")
        self.scales = scales
        self.register_buffer("filters", spatial_filters().flatten(0, 1), persistent=False)

    @property
    def features(self) -> int:
        """Length of the vector of an image or window, after `vid2vid.metrics.metric_networks.pool`."""
        return 2 * self.channels * self.scales

    @property
    def least_pixels(self) -> int:
        """How many pixels a side an image needs."""
        return 2 << self.scales

    def pyramid(self, images: Tensor) -> list[Tensor]:
        """Return the opponent colours ``(..., 3, h, w)`` of each scale, the finest first.

        Raises:
            ValueError: The images are too small for so many scales.
        """
        least = self.least_pixels
        if min(images.shape[-2:]) < least:
            size = " x ".join(map(str, images.shape[-2:]))
            raise ValueError(f"{self.scales} scales need images of at least {least} x {least} pixels, not {size}")
        levels = [opponents(images.float())]
        while len(levels) < self.scales:
            levels.append(halve(levels[-1]))
        return levels

    def pairs(self, brightness: Tensor) -> tuple[Tensor, Tensor]:
        """Return the even and odd responses ``(N, ORIENTATIONS, h, w)`` of ``(N, 1, h, w)``."""
        padded = nnf.pad(brightness, [_RADIUS] * 4, mode="replicate")
        even, odd = nnf.conv2d(padded, self.filters).chunk(2, dim=1)
        return even, odd


class SpatialEnergy(_Scales):
    """Maps of oriented energy and colour of single images, at some scales, the finest first.

    Args:
        scales: How many.
    """

    channels = ORIENTATIONS + 3

    def __init__(self, scales: int = 4) -> None:
        super().__init__(scales)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return for each scale ``(B, 7, h, w)``: the log responses of four orientations, the three opponent colours.

        Args:
            images: ``(B, 3, H, W)`` in [-1, 1].
        """
        maps = []
        for colours in self.pyramid(images):
            energy = magnitude(*self.pairs(colours[:, :1]))
            maps.append(torch.cat([log_response(energy), colours], dim=1))
        return maps


class MotionEnergy(_Scales):
    """Maps of oriented energy in space-time: for each orientation what is at rest, and what moves either way.

    Moving patterns of the finest scale are those of about one pixel a frame; of the next two; of the next four.
    Beside them stand the three opponent colours and how much these flicker.

    Args:
        scales: How many.
    """

    times: Tensor
    channels = 3 * ORIENTATIONS + 6
    least_frames = 2 * _FRAMES_RADIUS + 1

    def __init__(self, scales: int = 3) -> None:
        super().__init__(scales)
        self.register_buffer("times", temporal_filters(), persistent=False)

    def forward(self, video: Tensor) -> list[Tensor]:
        """Return for each scale the maps ``(B, 18, T - 4, h, w)``.

        Args:
            video: ``(B, 3, T, H, W)`` in [-1, 1].

        Raises:
            ValueError: There are fewer than 5 frames.
        """
        if video.shape[2] < self.least_frames:
            raise ValueError(f"motion needs at least {self.least_frames} frames, not {video.shape[2]}")
        maps = []
        for colours in self.pyramid(video.transpose(1, 2)):
            pairs = self.pairs(colours[:, :, :1].flatten(0, 1))
            even, odd = (part.view(*colours.shape[:2], *part.shape[1:]).transpose(1, 2) for part in pairs)
            maps.append(torch.cat([self._moving(even, odd), self._colour(colours.transpose(1, 2))], dim=1))
        return maps

    def _moving(self, even: Tensor, odd: Tensor) -> Tensor:
        """Combine spatial pairs ``(B, 4, T, h, w)`` to energies of three speeds ``(B, 12, T - 4, h, w)``."""
        (even_mean, even_cos, even_sin), (odd_mean, odd_cos, odd_sin) = self._in_time(even), self._in_time(odd)
        standing = magnitude(even_mean, odd_mean)
        onward = magnitude(even_cos + odd_sin, odd_cos - even_sin)
        back = magnitude(even_cos - odd_sin, odd_cos + even_sin)
        return log_response(torch.cat([standing, onward, back], dim=1))

    def _colour(self, colours: Tensor) -> Tensor:
        """Return the mean and the flicker of ``(B, 3, T, h, w)``, as ``(B, 6, T - 4, h, w)``."""
        mean, cosine, sine = self._in_time(colours)
        return torch.cat([mean, log_response(magnitude(cosine, sine))], dim=1)

    def _in_time(self, video: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return ``(B, C, T, h, w)`` filtered over time by each of the three filters."""
        kept = video.shape[2] - self.least_frames + 1
        # sums of slices: six times as fast as a convolution over the middle axis
        moments = [video[:, :, i : i + kept] for i in range(self.least_frames)]
        mean, cosine, sine = (reduce(torch.add, map(torch.mul, taps, moments)) for taps in self.times)
        return mean, cosine, sine
