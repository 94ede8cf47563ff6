"""From tensors to RGB pictures, one frame each: ``(H, W, 3)`` uint8."""

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition

Picture = NDArray[np.uint8]


def to_pixels(image: Tensor) -> Picture:
    """Turn an image ``(3, H, W)`` in [-1, 1] into a picture."""
    scaled = ((image.detach().float().cpu() + 1) * 127.5).round().clamp(0, 255)
    return np.ascontiguousarray(scaled.permute(1, 2, 0).numpy().astype(np.uint8))


def mask_picture(mask: Tensor) -> Picture:
    """Turn a mask ``(1, H, W)`` in [0, 1] into a picture: white = hallucinate."""
    return to_pixels((mask * 2 - 1).expand(3, -1, -1))


def flow_picture(flow: Tensor, largest: float = 0.0) -> Picture:
    """Turn a flow ``(2, H, W)`` in pixels into a picture: direction as hue, length as brightness.

    Args:
        flow: The flow.
        largest: Length in pixels that is shown brightest; 0 takes the flow's own largest.
    """
    x, y = flow.detach().float().cpu().numpy()
    length, angle = cv2.cartToPolar(x, y, angleInDegrees=True)
    brightest = largest or max(float(length.max()), 1e-6)
    hue, value = angle / 2, np.clip(length / brightest, 0, 1) * 255
    hsv = np.stack([hue, np.full_like(hue, 255), value], axis=-1).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def condition_picture(condition: Condition, planes: NDArray[np.uint8] | Tensor) -> Picture:
    """Draw the condition of one frame, ``(S, H, W)`` as in `vid2vid.types.Clip.source`.

    Labels are painted in the condition's palette (in evenly spread hues where it has none), edges and sketches white on
    black. Round the parts of a face that have distance maps there is a glow, the edges of its background are grey,
    behind a skeleton is its DensePose map; limbs in channels of their own get a hue each.
    """
    array = planes.cpu().numpy() if isinstance(planes, Tensor) else planes
    if condition.has_labels:
        painted: Picture = _palette(condition)[array[0]]
        return painted
    if condition.kind == "face":
        return _face_picture(condition, array)
    if condition.kind == "pose":
        return _pose_picture(condition, array)
    return _channels(array)


def _face_picture(condition: Condition, planes: NDArray[np.uint8]) -> Picture:
    picture = _channels(planes[:1])
    if condition.background_edges:
        picture, planes = np.maximum(picture, planes[-1][..., None] // 2), planes[:-1]
    return np.maximum(picture, _glowing((255 - planes[1:]) // 2)) if len(planes) > 1 else picture


def _pose_picture(condition: Condition, planes: NDArray[np.uint8]) -> Picture:
    people, surface = (planes[:-3], planes[-3:]) if condition.densepose else (planes, None)
    skeleton = _glowing(people) if condition.limb_maps else _channels(people)
    if surface is None:
        return skeleton
    return np.where(skeleton.any(axis=-1, keepdims=True), skeleton, _channels(surface) // 2)


def _channels(planes: NDArray[np.uint8]) -> Picture:
    """Show one or three channels as grey or as red, green and blue."""
    return np.ascontiguousarray(np.broadcast_to(planes, (3, *planes.shape[1:])).transpose(1, 2, 0))


def _glowing(planes: NDArray[np.uint8]) -> Picture:
    """Show any number of channels, each in a hue of its own, brighter where it is higher."""
    picture = np.zeros((*planes.shape[1:], 3), np.uint8)
    for plane, hue in zip(planes, _hues(len(planes)), strict=True):
        np.maximum(picture, (plane[..., None].astype(np.uint16) * hue // 255).astype(np.uint8), out=picture)
    return picture


def _palette(condition: Condition) -> Picture:
    return np.array(condition.palette, np.uint8) if condition.palette else _hues(len(condition.label_ids))


def _hues(count: int) -> Picture:
    """Return colours that differ as much as so many can, ``(count, 3)``."""
    hues = np.linspace(0, 180, count, endpoint=False).astype(np.uint8)
    hsv = np.stack([hues, np.full_like(hues, 160), np.full_like(hues, 230)], axis=-1)
    return np.asarray(cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0], np.uint8)
