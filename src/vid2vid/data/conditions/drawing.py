"""Conditions that are drawn from keypoints: at the size that is wanted, whatever the size of the files."""

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.keypoints import draw_face, draw_skeleton, exchange_sides, limb_maps, part_distance_maps


def drawn_planes(
    condition: Condition,
    points: NDArray[np.float32],
    size: tuple[int, int],
    flip: bool = False,
    limbs: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Draw the keypoints of some frames.

    Args:
        condition: A face or a pose.
        points: ``(T, P, N, 3)``, already where they are in the picture that is drawn.
        size: Rows and columns of that picture.
        flip: It is mirrored: left and right change places.
        limbs: ``(LIMBS,)``, which limbs of a skeleton are drawn; None: all.

    Returns:
        ``(T, S, H, W)`` uint8; S without the channels of a DensePose map.
    """
    if flip:
        points = exchange_sides(points)
    draw = _draw_face if condition.kind == "face" else _draw_pose
    return np.stack([draw(condition, people, size, limbs) for people in points])


def _draw_face(
    condition: Condition, people: NDArray[np.float32], size: tuple[int, int], limbs: NDArray[np.bool_] | None
) -> NDArray[np.uint8]:
    sketch = draw_face(people, size)[None]
    return np.concatenate([sketch, part_distance_maps(people, size)]) if condition.distance_maps else sketch


def _draw_pose(
    condition: Condition, people: NDArray[np.float32], size: tuple[int, int], limbs: NDArray[np.bool_] | None
) -> NDArray[np.uint8]:
    if condition.limb_maps:
        return limb_maps(people, size, keep=limbs)
    return np.ascontiguousarray(draw_skeleton(people, size, keep=limbs).transpose(2, 0, 1))
