"""The recursion of Eq. 3, which all sequential generators share."""

from collections.abc import Callable
from typing import TypeVar

from torch import Tensor
from torch.utils.checkpoint import checkpoint

Past = list[Tensor]
"""What the next frame is made from, e.g. the last L frames of each spatial scale of F, the coarsest first."""

Made = TypeVar("Made")
Result = TypeVar("Result")


def roll_out(
    step: Callable[[int, Past | None], tuple[Made, Past]], past: Past | None, frames: int, bptt_frames: int = 1
) -> tuple[list[Made], Past | None]:
    """Make frames one after the other, each from the past that the ones before it leave.

    ``p(x̃_1^T | s_1^T) = Π_t p(x̃_t | x̃_{t-L}^{t-1}, s_{t-L}^t)``  (Eq. 3)

    Args:
        step: Takes t, counted from 0, and the past before it; returns what it made and the past after it.
        past: The past before the first frame; None: there is none.
        frames: T, how many to make.
        bptt_frames: Through how many frames in a row the gradient may run; 1 treats the past as given.

    Returns:
        What the T steps made, and the past after them.
    """
    made: list[Made] = []
    for t in range(frames):
        one, past = step(t, past)
        made.append(one)
        if (t + 1) % bptt_frames == 0:
            past = [tensor.detach() for tensor in past]
    return made, past


def checkpointed(part: Callable[..., Result], *arguments: object, enabled: bool) -> Result:
    """Call a part of a network; if enabled, its activations are computed again in the backward pass, not kept."""
    result: Result = checkpoint(part, *arguments, use_reentrant=False) if enabled else part(*arguments)
    return result
