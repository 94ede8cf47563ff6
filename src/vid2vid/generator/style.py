"""Styles of object classes, and the encoder that extracts them from real frames (pix2pixHD, section 3.4)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vid2vid.config import EncoderConfig
from vid2vid.generator.encoder import FeatureEncoder
from vid2vid.ops import class_sums

DECAY = 0.99
"""Decay of the running sums of features."""


@dataclass(frozen=True)
class Style:
    """The style of each class of objects, as features that are the same in all frames.

    Attributes:
        table: ``(R, d)`` in [-1, 1] for the R classes of a condition (`vid2vid.condition.Condition.classes`), or
            ``(B, R, d)``: another style for each video of a batch.
    """

    table: Tensor

    def paint(self, classes: Tensor) -> Tensor:
        """Give every pixel the features of its class.

        Args:
            classes: ``(B, T, 1, H, W)`` integers in ``0 .. R - 1``.

        Returns:
            ``(B, T, d, H, W)``.
        """
        flat, table = classes[:, :, 0].long(), self.table.to(classes.device)
        if table.ndim == 2:
            return table[flat].movedim(-1, 2)
        video = torch.arange(flat.shape[0], device=flat.device)[:, None, None, None]
        return table[video, flat].movedim(-1, 2)


class StyleEncoder(nn.Module):
    """Extracts features from real frames, and keeps the mean features of each class.

    It learns with F, whose losses it is to lower: ``F(x̃_{t-L}^{t-1}, [s, E(x)]_{t-L}^t)``. D_I and D_V do not see the
    features, as in pix2pixHD, where G(s, E(x)) takes the place of G(s) and D(s, x) stays.

    Args:
        config: Size and form of E.
        classes: R, how many classes of objects there are.
    """

    sums: Tensor
    weights: Tensor

    def __init__(self, config: EncoderConfig, classes: int) -> None:
        super().__init__()
        self.config = config
        self.network = FeatureEncoder(config)
        # sums and weights instead of means: their running averages are right for rare classes, too
        self.register_buffer("sums", torch.zeros(classes, config.features))
        self.register_buffer("weights", torch.zeros(classes))

    def forward(self, images: Tensor, classes: Tensor, objects: Tensor) -> Tensor:
        """Encode real frames; in training the mean of each class is kept.

        Args:
            images: ``(B, T, 3, H, W)`` in [-1, 1].
            classes: ``(B, T, 1, H, W)`` integers in ``0 .. R - 1``.
            objects: ``(B, T, 1, H, W)`` ids; pixels of one id in one frame belong together.

        Returns:
            ``(B, T, d, H, W)`` in [-1, 1], the mean over each object.
        """
        flat: Tensor = self.network(images.flatten(0, 1), objects.flatten(0, 1))
        features = flat.view(*images.shape[:2], *flat.shape[1:])
        if self.training:
            sums, pixels = class_sums(features.detach().flatten(0, 1), classes.flatten(0, 1), len(self.weights))
            self.sums.mul_(DECAY).add_(sums / classes.numel())
            self.weights.mul_(DECAY).add_(pixels / classes.numel())
        return features

    @property
    def mean(self) -> Style:
        """The mean style of the training frames; zero for classes that were never seen."""
        return Style(self.sums / self.weights.clamp(min=1e-6)[:, None])

    @torch.no_grad()
    def of(self, images: Tensor, classes: Tensor) -> Style:
        """Return the style of frames: the mean over each class of each video; absent classes have the mean style.

        Args:
            images: ``(B, T, 3, H, W)`` in [-1, 1].
            classes: ``(B, T, 1, H, W)`` integers in ``0 .. R - 1``.

        Returns:
            A table ``(B, R, d)``.
        """
        flat: Tensor = self.network(images.flatten(0, 1), classes.flatten(0, 1))
        features = flat.view(*images.shape[:2], *flat.shape[1:])
        tables = []
        for video, own in zip(features, classes, strict=True):
            sums, pixels = class_sums(video, own, len(self.weights))
            means = sums / pixels.clamp(min=1)[:, None]
            tables.append(torch.where(pixels[:, None] > 0, means, self.mean.table))
        return Style(torch.stack(tables))
