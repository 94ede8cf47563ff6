"""A roll-out, drawn part by part."""

from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.types import Clip, Rollout
from vid2vid.visual.pictures import Picture, condition_picture, mask_picture, to_pixels


def rollout_pictures(
    condition: Condition, clip: Clip, real: Tensor, rollout: Rollout, index: int
) -> dict[str, list[Picture]]:
    """Draw one clip of a batch, row by row, over the synthesised frames.

    Args:
        condition: What the source is.
        clip: The batch as it was loaded.
        real: ``(B, T, 3, H, W)`` in [-1, 1].
        rollout: The synthesised frames, the last ones of the clip.
        index: Which clip.
    """
    start = real.shape[1] - rollout.fake.shape[1]
    return {
        "condition": [condition_picture(condition, planes) for planes in clip.source[index, start:]],
        "warped": [to_pixels(image) for image in rollout.warped[index]],
        "mask": [mask_picture(mask) for mask in rollout.mask[index]],
        "hallucinated": [to_pixels(image) for image in rollout.hallucinated[index]],
        "synthesised": [to_pixels(image) for image in rollout.fake[index]],
        "real": [to_pixels(image) for image in real[index, start:]],
    }
