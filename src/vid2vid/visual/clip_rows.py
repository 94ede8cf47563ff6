"""Rows of pictures of synthesised clips, one for each part."""

from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.types import Clip, Rollout
from vid2vid.visual.pictures import Picture, condition_picture, mask_picture, plane_pictures, to_pixels

Rows = dict[str, list[Picture]]


def clip_pictures(
    condition: Condition, clip: Clip, real: Tensor, fake: Tensor, index: int, between: Rows | None = None
) -> Rows:
    """Draw one clip of a batch: its condition with the planes, the synthesised and the real frames, row by row.

    Args:
        condition: The condition of the clip.
        clip: The batch, as loaded.
        real: ``(B, T, 3, H, W)`` in [-1, 1].
        fake: ``(B, n, 3, H, W)`` in [-1, 1], the last n of the T frames, synthesised.
        index: Index of the clip in the batch.
        between: Further rows, between the condition and the synthesised frames.
    """
    start = real.shape[1] - fake.shape[1]
    rows = {"condition": [condition_picture(condition, source) for source in clip.source[index, start:]]}
    if condition.planes and clip.planes is not None:
        pictures = [plane_pictures(condition, values) for values in clip.planes[index, start:]]
        rows |= {name: [one[name] for one in pictures] for name in pictures[0]}
    return {
        **rows,
        **(between or {}),
        "synthesised": [to_pixels(image) for image in fake[index]],
        "real": [to_pixels(image) for image in real[index, start:]],
    }


def covst_pictures(condition: Condition, clip: Clip, real: Tensor, fake: Tensor, mask: Tensor, index: int) -> Rows:
    """Draw one clip of a batch as `clip_pictures` does, with the mask between the condition and the frames.

    Args:
        condition: As for `clip_pictures`.
        clip: As for `clip_pictures`.
        real: As for `clip_pictures`.
        fake: As for `clip_pictures`.
        mask: ``(B, n, 1, H, W)`` in [0, 1], 1 = hallucinated, as in `rollout_pictures`.
        index: Index of the clip in the batch.
    """
    return clip_pictures(condition, clip, real, fake, index, {"mask": [mask_picture(one) for one in mask[index]]})


def rollout_pictures(condition: Condition, clip: Clip, real: Tensor, rollout: Rollout, index: int) -> Rows:
    """Draw one clip of a batch as `clip_pictures` does, with the parts of the roll-out between.

    Args:
        condition: As for `clip_pictures`.
        clip: As for `clip_pictures`.
        real: As for `clip_pictures`.
        rollout: The roll-out of the last frames of the clip.
        index: Index of the clip in the batch.
    """
    between = {
        "warped": [to_pixels(image) for image in rollout.warped[index]],
        "mask": [mask_picture(mask) for mask in rollout.mask[index]],
        "hallucinated": [to_pixels(image) for image in rollout.hallucinated[index]],
    }
    return clip_pictures(condition, clip, real, rollout.fake, index, between)


def prediction_pictures(condition: Condition, clip: Clip, rollout: Rollout, index: int) -> Rows:
    """Draw one clip of a batch of predicted label maps.

    Args:
        condition: The condition of the label maps.
        clip: The batch, as loaded.
        rollout: The predicted last maps of the clip, ``(B, n, C, H, W)`` class probabilities.
        index: Index of the clip in the batch.

    Returns:
        The rows of `rollout_pictures`; the condition is the last given map.
    """
    frames = rollout.fake.shape[1]
    maps = clip.source[index]

    def likeliest(kind: Tensor) -> list[Picture]:
        return [condition_picture(condition, one) for one in kind[index].argmax(dim=1, keepdim=True)]

    return {
        "condition": [condition_picture(condition, maps[-frames - 1])] * frames,
        "warped": likeliest(rollout.warped),
        "mask": [mask_picture(mask) for mask in rollout.mask[index]],
        "hallucinated": likeliest(rollout.hallucinated),
        "synthesised": likeliest(rollout.fake),
        "real": [condition_picture(condition, one) for one in maps[-frames:]],
    }
