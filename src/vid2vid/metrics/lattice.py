"""The lattice: fine structure that repeats every few pixels and stands still, as layers of stride 2 leave it."""

import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.metrics.clip_metric import ClipMean, ReferenceClip

BLOCK = 8
"""Pixels a side of the blocks: three layers of stride 2 repeat themselves after as many."""
LEAST_PIXELS = 32
"""Pixels a side of the smallest frames; the textures of a few blocks do not average out."""


def mean_block(video: Tensor) -> Tensor:
    """Return the fine structure of a video, averaged over time and over all blocks of 8 x 8 pixels.

    Fine structure is the brightness less its mean over 3 x 3 pixels. Outlines and textures average out, since they lie
    otherwise in each block; a lattice does not. Blocks that are not whole do not count.

    Args:
        video: ``(T, 3, H, W)`` in [-1, 1], of at least 8 pixels a side.

    Returns:
        ``(8, 8)``, in levels of 0 to 255.

    Examples:
        >>> video = torch.zeros(2, 3, 64, 64)
        >>> video[..., 1::2, 1::2] += 9 * 2 / 255  # a dot of 9 levels on every fourth pixel
        >>> mean_block(video)[3:5, 3:5].round().abs()
        tensor([[8., 2.],
                [2., 4.]])
    """
    grey = (video.float().mean(1, keepdim=True) + 1) * (255 / 2)
    # the outermost pixels have no such mean, and count as without structure
    fine = nnf.pad(grey[..., 1:-1, 1:-1] - nnf.avg_pool2d(grey, 3, stride=1), (1, 1, 1, 1))[:, 0]
    rows, columns = (side // BLOCK for side in fine.shape[-2:])
    whole = fine[:, : rows * BLOCK, : columns * BLOCK]
    return whole.reshape(-1, rows, BLOCK, columns, BLOCK).mean((0, 1, 3))


class Lattice(ClipMean):
    """The mean over clips of the root mean square of a clip's `mean_block`, in levels of 0 to 255.

    The real video's value is not zero, since textures do not average out wholly. Read the two beside each other.
    """

    higher_is_better = False
    measures = ("lattice",)
    has_real_value = True
    over_time = False

    def __init__(self) -> None:
        super().__init__(width=1 + BLOCK**2)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the number of frames and their mean block (see `ClipMean.rows`)."""
        if self.left_out(reference, LEAST_PIXELS, "lattice"):
            return {}
        frames = reference.counted(video)[0]
        return {"lattice": nnf.pad(mean_block(frames).double().reshape(1, -1), (1, 0), value=len(frames))}

    def clip_value(self, rows: Tensor) -> Tensor:
        """Return the value of a clip, of which each part has a row; NaN without any."""
        frames, blocks = rows[:, :1], rows[:, 1:]
        return ((blocks * frames).sum(0) / frames.sum()).square().mean().sqrt()
