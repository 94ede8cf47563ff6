"""Whether objects keep their colour over time."""

from functools import partial

import torch
from kornia.color import rgb_to_lab
from torch import Tensor

from vid2vid.metrics.clip_metric import ClipMean, MetricFactory, MetricSetup, ReferenceClip

LEAST_PIXELS, LEAST_FRAMES = 20, 3
"""Pixels that an object must have in a frame for the frame to count, and number of such frames that it must have."""


def object_colours(video: Tensor, instance: Tensor, first_id: int = 1) -> Tensor:
    """Return the mean colour of each object in each frame of one clip.

    Args:
        video: ``(T, 3, H, W)`` RGB in [-1, 1].
        instance: ``(T, 1, H, W)`` integral ids, which stay with an object through the clip.
        first_id: Ids below it are no objects (in Cityscapes' instance maps those below 1000).

    Returns:
        ``(n, 5)`` in float64, one row for each frame and object in it: id, number of pixels, and L, a, b (D65).

    Raises:
        ValueError: The shapes do not fit.

    Examples:
        >>> video = torch.full((2, 3, 4, 4), -1.0)
        >>> video[1] = 1  # black, then white
        >>> object_colours(video, torch.full((2, 1, 4, 4), 9)).round(decimals=2).abs().tolist()
        [[9.0, 16.0, 0.0, 0.0, 0.0], [9.0, 16.0, 100.0, 0.0, 0.0]]
    """
    if instance.shape != video[:, :1].shape:
        raise ValueError(f"instances must be {tuple(video[:, :1].shape)} for the video, not {tuple(instance.shape)}")
    found = [video.new_zeros(0, 5, dtype=torch.float64)]
    for frame, ids in zip(rgb_to_lab((video.double() + 1) / 2), instance.long(), strict=True):
        objects, owner, pixels = torch.unique(ids, return_inverse=True, return_counts=True)
        sums = frame.new_zeros(len(objects), 3).index_add_(0, owner.flatten(), frame.flatten(1).mT)
        rows = torch.cat([objects[:, None], pixels[:, None], sums / pixels[:, None]], dim=1)
        found.append(rows[objects >= first_id])
    return torch.cat(found)


def colour_drifts(colours: Tensor, least_pixels: int = LEAST_PIXELS, least_frames: int = LEAST_FRAMES) -> Tensor:
    """Return how much the mean colour of each object of a clip varies over time.

    It is ``sqrt(mean_t ‖c_t - c̄‖²)`` of its mean colours c_t in CIE Lab, where 1 is just visible. The real video's
    value is not zero: light changes, and objects come into view. Read the two beside each other.

    Args:
        colours: ``(n, 5)`` from `object_colours`.
        least_pixels: Number of pixels that an object must have in a frame for the frame to count.
        least_frames: Number of such frames that an object must have to count.

    Returns:
        One value for each object that counts, in float64; empty where there is none.

    Examples:
        >>> colours = torch.tensor([[7, 50, 40.0, 0, 0], [7, 50, 42.0, 0, 0], [7, 50, 44.0, 0, 0]])  # id, pixels, Lab
        >>> [round(float(drift), 3) for drift in colour_drifts(colours)]
        [1.633]
    """
    colours = colours[colours[:, 1] >= least_pixels]
    objects, owner, frames = torch.unique(colours[:, 0], return_inverse=True, return_counts=True)

    def mean_over_time(values: Tensor) -> Tensor:
        means: Tensor = values.new_zeros(len(objects), values.shape[1]).index_add_(0, owner, values) / frames[:, None]
        return means

    deviations = colours[:, 2:] - mean_over_time(colours[:, 2:])[owner]
    variance = mean_over_time(deviations.square().sum(1, keepdim=True))[:, 0]
    drifts: Tensor = variance[frames >= least_frames].sqrt()
    return drifts


class ColourDrift(ClipMean):
    """The mean over clips of the mean of `colour_drifts` over the objects of a clip.

    Args:
        first_id: See `object_colours`.
    """

    higher_is_better = False
    measures = ("colour_drift",)
    has_real_value = True
    over_time = False

    def __init__(self, first_id: int = 1) -> None:
        super().__init__(width=5)
        self.first_id = first_id

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return partial(cls, setup.config.first_object)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the colours of the objects (see `ClipMean.rows`); none where no objects are known."""
        if reference.instance is None:
            return {}
        frames, instance = reference.counted(video)[0], reference.counted(reference.instance)[0]
        return {"colour_drift": object_colours(frames, instance, self.first_id)}

    def clip_value(self, rows: Tensor) -> Tensor:
        """Return the mean drift of a clip's objects, NaN where none counts."""
        return colour_drifts(rows).mean()
