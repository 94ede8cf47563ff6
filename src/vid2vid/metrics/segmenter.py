"""A small segmenter, to be trained on real frames where no ready one knows the classes."""

from collections.abc import Iterable
from itertools import pairwise

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.metrics.segmentation import IGNORED


class _Convolutions(nn.Sequential):
    """Two 3 x 3 convolutions with group norm, the first of which may halve the resolution."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        layers: list[nn.Module] = []
        for source, step in ((inputs, stride), (outputs, 1)):
            layers += [nn.Conv2d(source, outputs, 3, step, 1, bias=False), nn.GroupNorm(4, outputs), nn.ReLU()]
        super().__init__(*layers)


class Segmenter(nn.Module):
    """A U-Net (Ronneberger et al., 2015) of four resolutions, which sees one frame at a time.

    Args:
        classes: How many classes there are.
        channels: Of the finest resolution, a multiple of 4; the others have twice, three and four times as many.
    """

    def __init__(self, classes: int, channels: int = 8) -> None:
        super().__init__()
        self.classes = classes
        widths = [channels * (depth + 1) for depth in range(4)]
        pairs = list(pairwise(widths))
        # 3 colours and the place in the picture: the sky is above, the road below
        self.stem = _Convolutions(5, channels)
        self.down = nn.ModuleList(_Convolutions(fine, coarse, stride=2) for fine, coarse in pairs)
        self.up = nn.ModuleList(_Convolutions(coarse + fine, fine) for fine, coarse in reversed(pairs))
        self.head = nn.Conv2d(channels, classes, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits ``(N, classes, H, W)`` of images ``(N, 3, H, W)`` in [-1, 1]."""
        features = self.stem(torch.cat([images, _places(images)], dim=1))
        finer = []
        for down in self.down:
            finer.append(features)
            features = down(features)
        for up, skip in zip(self.up, reversed(finer), strict=True):
            large = nnf.interpolate(features, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            features = up(torch.cat([large, skip], dim=1))
        logits: Tensor = self.head(features)
        return logits

    @torch.no_grad()
    def segment(self, images: Tensor) -> Tensor:
        """Return the class indices ``(N, H, W)`` of images ``(N, 3, H, W)`` in [-1, 1]."""
        indices: Tensor = self(images).argmax(1)
        return indices


def _places(images: Tensor) -> Tensor:
    """Return the coordinates of each pixel ``(N, 2, H, W)`` in [-1, 1]."""
    height, width = images.shape[-2:]
    axes = (torch.linspace(-1, 1, size, dtype=images.dtype, device=images.device) for size in (height, width))
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).expand(len(images), -1, -1, -1)


def train_segmenter(
    segmenter: Segmenter,
    batches: Iterable[tuple[Tensor, Tensor]],
    steps: int,
    learning_rate: float = 1e-2,
    ignored: int = IGNORED,
) -> list[float]:
    """Train a segmenter with the cross entropy; AdamW, the learning rate of one cycle (Smith & Topin, 2018).

    Args:
        segmenter: To be trained, in place; on its device the batches must lie.
        batches: Pairs of images ``(N, 3, H, W)`` in [-1, 1] and class indices ``(N, H, W)``, at least ``steps``.
        steps: How many batches to train on.
        learning_rate: At its highest.
        ignored: The index of points that do not count.

    Returns:
        The loss of each step.

    Raises:
        ValueError: There are fewer batches than steps.
    """
    optimizer = torch.optim.AdamW(segmenter.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    losses: list[float] = []
    segmenter.train()
    for _, (images, classes) in zip(range(steps), batches, strict=False):
        loss = nnf.cross_entropy(segmenter(images), classes.long(), ignore_index=ignored)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    segmenter.eval()
    if len(losses) < steps:
        raise ValueError(f"{steps} steps need as many batches, but there were {len(losses)}")
    return losses
