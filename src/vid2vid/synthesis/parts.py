"""The parts of a synthesised frame as pictures."""

from vid2vid.types import Frame
from vid2vid.visual import Picture, flow_picture, mask_picture, to_pixels

INTERMEDIATES = ("flow", "mask", "warped", "hallucinated")
"""Names of the parts that a frame is made of (Eq. 4)."""

_FAST = 16


def picture_of(frame: Frame) -> Picture:
    """Draw the frame itself, the first of its batch."""
    return to_pixels(frame.fake[0])


def intermediate_pictures(frame: Frame) -> dict[str, Picture]:
    """Draw what a frame is made of, by the names in `INTERMEDIATES`; the first of its batch.

    The colours of flows mean the same in all frames: a point that moves by a 16th of the frame's longer side, or
    faster, is shown brightest. The mask is white where the frame is hallucinated.
    """
    fastest = max(frame.fake.shape[-2:]) / _FAST
    return {
        "flow": flow_picture(frame.flow[0], fastest),
        "mask": mask_picture(frame.mask[0]),
        "warped": to_pixels(frame.warped[0]),
        "hallucinated": to_pixels(frame.hallucinated[0]),
    }
