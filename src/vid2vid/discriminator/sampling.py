"""φ_I and φ_V, which pick what the discriminators get to see.

Times here count from 0 (the paper's from 1). Drawing and picking are separate, so that real and fake videos are sampled
at the same place, and so that a draw can be tested.
"""

import torch
from torch import Tensor


def draw_image(frames: int, generator: torch.Generator | None = None) -> int:
    """Draw the frame that φ_I picks: uniform in ``0 .. frames - 1``.

    Examples:
        >>> draw_image(10, torch.Generator().manual_seed(0)) in range(10)
        True
    """
    return int(torch.randint(frames, (), generator=generator))


def phi_image(frames: Tensor, source: Tensor, index: int) -> tuple[Tensor, Tensor]:
    """φ_I of Eq. 6: one frame and its condition.

    Args:
        frames: ``(B, T, 3, H, W)``, x_1 .. x_T.
        source: ``(B, T, C, H, W)``, s_1 .. s_T.
        index: The frame, counted from 0.

    Returns:
        x_i ``(B, 3, H, W)`` and s_i ``(B, C, H, W)``.

    Examples:
        >>> frames, source = torch.rand(1, 5, 3, 8, 8), torch.rand(1, 5, 4, 8, 8)
        >>> [tuple(part.shape) for part in phi_image(frames, source, index=4)]
        [(1, 3, 8, 8), (1, 4, 8, 8)]
    """
    return frames[:, index], source[:, index]


def video_span(discriminator_frames: int, stride: int) -> int:
    """Return how many frames of video K frames at a temporal stride cover: ``(K - 1) · stride + 1``.

    Examples:
        >>> [video_span(3, stride) for stride in (1, 3, 9)]
        [3, 7, 19]
    """
    return (discriminator_frames - 1) * stride + 1


def draw_video(
    frames: int, discriminator_frames: int, stride: int = 1, newest: int = 0, generator: torch.Generator | None = None
) -> int | None:
    """Draw where φ_V's window ends: uniform over the frames at which a whole window can end.

    Args:
        frames: T.
        discriminator_frames: K.
        stride: Distance of the window's frames (temporal scale of D_V).
        newest: The window must not end before this frame (the discriminator has seen those before).
        generator: Source of randomness; the global one if None.

    Returns:
        The last frame of the window, counted from 0; None when the video is too short for one.

    Examples:
        >>> draw_video(3, discriminator_frames=3), draw_video(2, discriminator_frames=3)
        (2, None)
    """
    first = max(video_span(discriminator_frames, stride) - 1, newest)
    if first >= frames:
        return None
    return first + int(torch.randint(frames - first, (), generator=generator))


def all_videos(frames: int, discriminator_frames: int, stride: int = 1, newest: int = 0) -> list[int]:
    """Return where φ_V's windows end that follow one another, as the reference takes them.

    Args:
        frames: T.
        discriminator_frames: K.
        stride: Distance of the window's frames (temporal scale of D_V).
        newest: The windows must not end before this frame (the discriminator has seen those before).

    Returns:
        The last frame of each window, counted from 0: the last of all, and every K-th before it.

    Examples:
        >>> all_videos(frames=10, discriminator_frames=3)
        [9, 6, 3]
    """
    first = max(video_span(discriminator_frames, stride) - 1, newest)
    return list(range(frames - 1, first - 1, -discriminator_frames))


def sparse_videos(frames: int, discriminator_frames: int, stride: int = 1, newest: int = 0) -> list[int]:
    """Return where φ_V's windows end that share no frame: one for each K · stride frames.

    They lie on a grid that begins with the video, however it is cut into chunks: the n-th begins at the frame
    n · K · stride. `all_videos` asks D_V of stride 9 in nearly every chunk about nearly the same frames; this does not.

    Args:
        frames: T.
        discriminator_frames: K.
        stride: Distance of the window's frames (temporal scale of D_V).
        newest: The windows must not end before this frame (the discriminator has seen those before).

    Returns:
        The last frame of each window, counted from 0, oldest first; empty when none ends in ``newest .. frames - 1``.

    Examples:
        >>> sparse_videos(frames=10, discriminator_frames=3)
        [2, 5, 8]
        >>> sparse_videos(frames=10, discriminator_frames=3, newest=5)
        [5, 8]
    """
    first, period = video_span(discriminator_frames, stride) - 1, discriminator_frames * stride
    return [last for last in range(first, frames, period) if last >= newest]


def phi_video(
    frames: Tensor, flows: Tensor, last: int, discriminator_frames: int, stride: int = 1
) -> tuple[Tensor, Tensor]:
    """φ_V of Eq. 7: K frames and the K - 1 flows between them.

    Args:
        frames: ``(B, T, 3, H, W)``.
        flows: ``(B, T - stride, 2, H, W)``, entry j is the flow from frame j + stride back to frame j.
        last: The last frame of the window, counted from 0.
        discriminator_frames: K.
        stride: Distance of the window's frames.

    Returns:
        ``(B, K, 3, H, W)`` and ``(B, K - 1, 2, H, W)``, oldest first.

    Raises:
        IndexError: The window would begin before the video or end after it.

    Examples:
        >>> frames, flows = torch.rand(1, 7, 3, 8, 8), torch.rand(1, 5, 2, 8, 8)
        >>> window, between = phi_video(frames, flows, last=6, discriminator_frames=3, stride=2)
        >>> torch.equal(window, frames[:, [2, 4, 6]]), torch.equal(between, flows[:, [2, 4]])
        (True, True)
    """
    first = last + 1 - video_span(discriminator_frames, stride)
    if first < 0 or last >= frames.shape[1]:
        raise IndexError(f"a window over the frames {first}..{last} does not fit a video of {frames.shape[1]} frames")
    return frames[:, first : last + 1 : stride], flows[:, first : last + 1 - stride : stride]
