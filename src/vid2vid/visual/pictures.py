"""RGB pictures ``(H, W, 3)`` uint8 of single frames: images, masks, flows and conditions."""

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions import kind_of
from vid2vid.data.planes import encode_planes, split_planes
from vid2vid.ops import to_uint8

Picture = NDArray[np.uint8]


def to_pixels(image: Tensor) -> Picture:
    """Turn an image ``(3, H, W)`` in [-1, 1] into a picture."""
    return np.ascontiguousarray(to_uint8(image.detach()).permute(1, 2, 0).cpu().numpy())


def mask_picture(mask: Tensor) -> Picture:
    """Turn a mask ``(1, H, W)`` in [0, 1] into a picture: white = hallucinate."""
    return to_pixels((mask * 2 - 1).expand(3, -1, -1))


def flow_picture(flow: Tensor, largest: float = 0.0) -> Picture:
    """Turn a flow ``(2, H, W)`` in pixels into a picture: direction as hue, length as brightness.

    Args:
        flow: The flow.
        largest: Length in pixels that is shown at full brightness; 0: the largest length of the flow.
    """
    x, y = flow.detach().float().cpu().numpy()
    length, angle = cv2.cartToPolar(x, y, angleInDegrees=True)
    brightest = largest or max(float(length.max()), 1e-6)
    hue, value = angle / 2, np.clip(length / brightest, 0, 1) * 255
    hsv = np.stack([hue, np.full_like(hue, 255), value], axis=-1).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def plane_pictures(condition: Condition, values: Tensor) -> dict[str, Picture]:
    """Show each plane of one frame as the networks see it: -1 as black, 1 as white; three channels as colours.

    Of planes with other numbers of channels, the first channel is shown. Motion is shown by `flow_picture`, marks as
    white on black.

    Args:
        condition: The condition.
        values: ``(P, H, W)`` in the planes' units, as in `vid2vid.types.Clip.planes`.
    """
    parts = split_planes(condition.planes, encode_planes(condition.planes, values))
    pictures = {}
    for plane, part in parts:
        if plane.is_motion:
            pictures[plane.name] = flow_picture(part)
        else:
            shown = 2 * part - 1 if plane.is_marks else part
            pictures[plane.name] = to_pixels(shown if len(shown) == 3 else shown[:1].expand(3, -1, -1))
    return pictures


def condition_picture(condition: Condition, planes: NDArray[np.uint8] | Tensor) -> Picture:
    """Show the condition of one frame, ``(S, H, W)`` as in `vid2vid.types.Clip.source`.

    Labels are shown in the palette's colours, edges and sketches in white on black; see `ConditionKind.picture` of each
    kind.
    """
    array = planes.cpu().numpy() if isinstance(planes, Tensor) else planes
    return kind_of(condition).picture(array)
