"""Whether objects keep their colour over time."""

import torch
from kornia.color import rgb_to_lab
from torch import Tensor

from vid2vid.metrics.means import Means


def instance_colour_drifts(
    video: Tensor, instance: Tensor, least_pixels: int = 20, least_frames: int = 3, first_id: int = 1
) -> Tensor:
    """Return how much each object's mean colour varies over time.

    ``sqrt(mean_t ‖c_t - c̄‖²)`` of its mean colours c_t in CIE Lab (D65), where 1 is about what an eye can just tell.
    The real video's value is not zero: light changes, and objects come into view. Read the two beside each other.

    Args:
        video: ``(B, T, 3, H, W)`` RGB in [-1, 1].
        instance: ``(B, T, 1, H, W)`` integral ids, which stay with an object through a clip; each clip has its own.
        least_pixels: In how many pixels an object must be seen for a frame to count.
        least_frames: In how many such frames an object must be seen to count.
        first_id: Ids below it are no objects (in Cityscapes' instance maps those below 1000).

    Returns:
        One value for each object that counts, in float64; empty where there is none.

    Raises:
        ValueError: The shapes do not fit.
    """
    if instance.shape != video[:, :, :1].shape:
        raise ValueError(f"instances must be {tuple(video[:, :, :1].shape)} for the video, not {tuple(instance.shape)}")
    colours = rgb_to_lab((video.double().flatten(0, 1) + 1) / 2).view(video.shape)
    drifts = [
        _drifts(clip, ids[:, 0].long(), least_pixels, least_frames, first_id)
        for clip, ids in zip(colours, instance, strict=True)
    ]
    return torch.cat([video.new_zeros(0, dtype=torch.float64), *drifts])


def _drifts(colours: Tensor, ids: Tensor, least_pixels: int, least_frames: int, first_id: int) -> Tensor:
    """Return the drifts of one clip: colours ``(T, 3, H, W)``, ids ``(T, H, W)``."""
    pixels, means = _mean_colours(colours, ids, first_id)
    seen = (pixels >= least_pixels).double()[..., None]
    frames = seen.sum(0)
    average = (means * seen).sum(0) / frames.clamp(min=1)
    variance = ((means - average).square() * seen).sum((0, 2)) / frames[:, 0].clamp(min=1)
    return variance[frames[:, 0] >= least_frames].sqrt()


def _mean_colours(colours: Tensor, ids: Tensor, first_id: int) -> tuple[Tensor, Tensor]:
    """Return for each frame and object its pixels ``(T, N)`` and its mean colour ``(T, N, 3)``."""
    objects, owner = torch.unique(ids, return_inverse=True)
    length, count = len(ids), len(objects)
    frame = torch.arange(length, device=ids.device)[:, None, None]
    place = (frame * count + owner).flatten()
    pixels = torch.bincount(place, minlength=length * count).double()
    sums = colours.new_zeros(length * count, 3).index_add_(0, place, colours.movedim(1, -1).reshape(-1, 3))
    means = sums / pixels.clamp(min=1)[:, None]
    kept = objects >= first_id
    return pixels.view(length, count)[:, kept], means.view(length, count, 3)[:, kept]


class InstanceColourDrift(Means):
    """The mean of `instance_colour_drifts` over all objects, each of equal weight.

    Args:
        least_pixels: As there.
        least_frames: As there.
        first_id: As there.
    """

    higher_is_better = False

    def __init__(self, least_pixels: int = 20, least_frames: int = 3, first_id: int = 1) -> None:
        super().__init__()
        self.least_pixels, self.least_frames, self.first_id = least_pixels, least_frames, first_id

    def update(self, video: Tensor, instance: Tensor) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1] with their objects' ids ``(B, T, 1, H, W)``."""
        self.add(instance_colour_drifts(video, instance, self.least_pixels, self.least_frames, self.first_id))
