"""The recursion of Eq. 3: F is called on its own outputs."""

import torch
from torch import Tensor, nn

from vid2vid.generator.frame import FrameGenerator
from vid2vid.settings import GeneratorConfig
from vid2vid.types import Frame, Rollout


class Generator(nn.Module):
    """The sequential generator.

    ``p(x̃_1^T | s_1^T) = Π_t p(x̃_t | x̃_{t-L}^{t-1}, s_{t-L}^t)``  (Eq. 3)

    where each factor is one call of F (`FrameGenerator`) and L is ``config.past_frames``.

    Args:
        config: Size and form of F.
        condition_channels: Channels C of the encoded condition of one frame.
    """

    def __init__(self, config: GeneratorConfig, condition_channels: int) -> None:
        super().__init__()
        self.config = config
        self.condition_channels = condition_channels
        self.frame = FrameGenerator(config, condition_channels)

    def step(self, source: Tensor, past: Tensor | None) -> Frame:
        """Synthesise one time step.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t.
            past: ``(B, L, 3, H, W)`` in [-1, 1], x̃_{t-L} .. x̃_{t-1}; None for an empty past: black, and h̃ alone.
        """
        if past is None:
            past = self.empty_past(source)
            return self.frame(source, past, hallucinate=True)  # type: ignore[no-any-return]
        return self.frame(source, past)  # type: ignore[no-any-return]

    def forward(self, source: Tensor, past: Tensor | None, gradient_frames: int = 1) -> Rollout:
        """Synthesise a clip, each frame from the ones before it.

        Args:
            source: ``(B, L + T, C, H, W)``: the conditions of the T frames to make, after those of the L frames before.
            past: ``(B, L, 3, H, W)`` in [-1, 1], the L frames before; None when there are none.
            gradient_frames: Through how many frames in a row the gradient may run; 1 treats the past as given.

        Raises:
            ValueError: The shapes do not fit F.
        """
        self._check(source, past)
        length = self.config.past_frames
        frames: list[Frame] = []
        for t in range(source.shape[1] - length):
            frame = self.step(source[:, t : t + length + 1], past)
            frames.append(frame)
            before = self.empty_past(source) if past is None else past
            past = torch.cat([before[:, 1:], frame.fake[:, None]], dim=1)
            if (t + 1) % gradient_frames == 0:
                past = past.detach()
        return Rollout.stack(frames)

    def empty_past(self, source: Tensor) -> Tensor:
        """Return the past of the first frame of a video: zeros, ``(B, L, 3, H, W)``."""
        return source.new_zeros(source.shape[0], self.config.past_frames, 3, *source.shape[-2:])

    def _check(self, source: Tensor, past: Tensor | None) -> None:
        length, channels = self.config.past_frames, self.condition_channels
        if source.ndim != 5 or source.shape[1] <= length or source.shape[2] != channels:
            raise ValueError(
                f"source must be (B, T > {length}, {channels}, H, W) for past_frames={length} and {channels} "
                f"condition channels, but is {tuple(source.shape)}"
            )
        expected = (source.shape[0], length, 3, *source.shape[-2:])
        if past is not None and past.shape != expected:
            raise ValueError(f"past must be {expected}, but is {tuple(past.shape)}")


def conditions_with_context(source: Tensor, past_frames: int) -> Tensor:
    """Repeat the first condition L times before the start, so that the first frame of a video has a window too.

    Args:
        source: ``(B, T, C, H, W)``.
        past_frames: L.

    Returns:
        ``(B, L + T, C, H, W)``.
    """
    return torch.cat([source[:, :1].expand(-1, past_frames, -1, -1, -1), source], dim=1)
