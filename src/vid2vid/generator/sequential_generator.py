"""The sequential generator, which calls F on its own outputs (Eq. 3)."""

from collections.abc import Sequence
from typing import overload

import torch
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.errors import ConfigError
from vid2vid.generator.conditions import Conditions
from vid2vid.generator.frame import FrameGenerator
from vid2vid.generator.motion_prior import MotionPrior
from vid2vid.generator.object_memory import RememberedObjects
from vid2vid.generator.recursion import Past, checkpointed, roll_out
from vid2vid.generator.style import Style, StyleEncoder
from vid2vid.ops import Code, append_channels, require_size
from vid2vid.types import Frame, Rollout


class Generator(nn.Module):
    """The sequential generator.

    ``p(x̃_1^T | s_1^T) = Π_t p(x̃_t | x̃_{t-L}^{t-1}, s_{t-L}^t)``  (Eq. 3)

    where each factor is one call of F (`FrameGenerator`) and L is ``config.past_frames``.

    Args:
        config: Size and form of F.
        condition_channels: Channels C of the encoded condition of one frame.
        styles: E, whose features are appended to the conditions: they have d more channels. It is a part of F: it has
            F's optimiser, its running average and its place in checkpoints. None: there are no features.
        motion_prior: The motion in the conditions that W begins from; None: there is none.
    """

    def __init__(
        self,
        config: GeneratorConfig,
        condition_channels: int,
        styles: StyleEncoder | None = None,
        motion_prior: MotionPrior | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.styles = styles
        self.condition_channels = condition_channels + (0 if styles is None else styles.config.features)
        self.frame = FrameGenerator(config, self.condition_channels, motion_prior)

    def prepare(self, code: Code) -> Conditions:
        """Prepare encoded conditions ``(B, T, C, H, W)`` for `step`: once for all the windows that they are in."""
        return self.frame.conditions(code)

    def step(
        self,
        source: Code | Conditions,
        past: Tensor | Sequence[Tensor] | None,
        foreground: Tensor | None = None,
        no_past: Tensor | None = None,
        memory: Tensor | None = None,
    ) -> Frame:
        """Synthesise one time step.

        Args:
            source: ``(B, L + 1, C, H, W)``, the encoded conditions s_{t-L} .. s_t, as they are or as `prepare` made
                them.
            past: x̃_{t-L} .. x̃_{t-1}: ``(B, L, 3, H, W)`` in [-1, 1], or such a tensor for each spatial scale, the
                coarsest first; None for an empty past: black, and h̃ alone.
            foreground: ``(B, 1, H, W)`` in [0, 1], the foreground of frame t; needed with a foreground prior.
            no_past: One bool: whether the past, which must be black then, is empty. An exported graph decides by it for
                each frame; None: ``past`` decides.
            memory: ``(B, 4, H, W)``, the painted memory of the objects of frame t (`ObjectMemory.paint`); needed with
                an object memory.

        Raises:
            ValueError: A foreground prior is set and no foreground is given, or an object memory and no memory, or the
                other way round.
        """
        wanted = self.config.foreground != "none"
        if wanted != (foreground is not None):
            state = "needs a foreground mask" if wanted else "has no use for a foreground mask"
            raise ValueError(f"F with generator.foreground={self.config.foreground} {state}")
        if self.config.object_memory != (memory is not None):
            state = "needs a painted memory" if memory is None else "has no use for a memory"
            raise ValueError(f"F with generator.object_memory={self.config.object_memory} {state}")
        conditions = source if isinstance(source, Conditions) else self.prepare(source)
        hallucinate = past is None if no_past is None else no_past
        frame: Frame = self.frame(conditions, self.past(conditions, past), foreground, hallucinate, memory)
        return frame

    def forward(
        self,
        source: Tensor,
        past: Tensor | Sequence[Tensor] | None,
        bptt_frames: int = 1,
        foreground: Tensor | None = None,
        recompute: bool = False,
        remembered: RememberedObjects | None = None,
    ) -> Rollout:
        """Synthesise a clip, each frame from the ones before it.

        Args:
            source: ``(B, L + T, C, H, W)``: the conditions of the T frames to make, after those of the L frames before.
            past: The L frames before, as in `step`; None when there are none.
            bptt_frames: Through how many frames in a row the gradient may run; 1 treats the past as given.
            foreground: ``(B, T, 1, H, W)`` in [0, 1], the foreground of the T frames; needed with a foreground prior.
            recompute: Keep no activations, compute them again in the backward pass: less memory, more time.
            remembered: The objects of the T frames, needed with an object memory; each frame adds to it.

        Raises:
            DataError: The frames are too small for F.
            ValueError: The shapes do not fit F.
        """
        self._check(source, past)
        length = self.config.past_frames

        def step(t: int, past: Past | None) -> tuple[Frame, Past]:
            mask = None if foreground is None else foreground[:, t]
            painted = None if remembered is None else remembered.paint()
            window = source[:, t : t + length + 1]
            frame = checkpointed(self.step, window, past, mask, None, painted, enabled=recompute)
            if remembered is not None:
                remembered.add(frame.fake)
            return frame, self.append(self.past(source, past), [image[:, None] for image in frame.scales])

        before = None if past is None else self.past(source, past)
        frames, _ = roll_out(step, before, source.shape[1] - length, bptt_frames)
        return Rollout.stack(frames)

    @overload
    def styled(self, source: Tensor, classes: Tensor, style: Style | None = None) -> Tensor: ...

    @overload
    def styled(self, source: Code, classes: Tensor, style: Style | None = None) -> Code: ...

    def styled(self, source: Code, classes: Tensor, style: Style | None = None) -> Code:
        """Append the features of a style to conditions, as F wants them; without an encoder nothing.

        Args:
            source: ``(B, T, C, H, W)``, encoded conditions.
            classes: ``(B, T, 1, H, W)``, the class of each pixel (`vid2vid.ops.class_map`).
            style: What the objects look like; None: as on average in the training frames.

        Returns:
            ``(B, T, C + d, H, W)``.

        Raises:
            ConfigError: There is no encoder, and a style is given.
        """
        if style is None and self.styles is None:
            return source
        encoder = self.require_encoder()
        features = (style or encoder.mean).paint(classes)
        return append_channels(source, features)

    def require_encoder(self) -> StyleEncoder:
        """Return the encoder of styles.

        Raises:
            ConfigError: There is none.
        """
        if self.styles is None:
            raise ConfigError("this model has no encoder of styles: train one with encoder.features=3.")
        return self.styles

    def past(self, source: Tensor | Conditions, given: Tensor | Sequence[Tensor] | None) -> Past:
        """Return the past of each scale: the given one, made from one resolution, or black before the first frame."""
        if given is None:
            code, size = (
                (source.scales[-1], source.size) if isinstance(source, Conditions) else (source, source.shape[-2:])
            )
            given = code.new_zeros(code.shape[0], self.config.past_frames, 3, *size)
        return [*self.frame.pyramid(given)[:-1], given] if isinstance(given, Tensor) else list(given)

    def append(self, past: Past, frames: Sequence[Tensor]) -> Past:
        """Return the past after some more frames ``(B, T, 3, h, w)`` of each scale."""
        length = self.config.past_frames
        return [torch.cat([old, new], dim=1)[:, -length:] for old, new in zip(past, frames, strict=True)]

    def _check(self, source: Tensor, past: Tensor | Sequence[Tensor] | None) -> None:
        length, channels = self.config.past_frames, self.condition_channels
        if source.ndim != 5 or source.shape[1] <= length or source.shape[2] != channels:
            raise ValueError(
                f"source must be (B, T > {length}, {channels}, H, W) for past_frames={length} and {channels} "
                f"condition channels, but is {tuple(source.shape)}"
            )
        require_size(source, self.config.multiple + 1, "F", "generator.scales or generator.downsamples")
        finest = past if past is None or isinstance(past, Tensor) else past[-1]
        expected = (source.shape[0], length, 3, *source.shape[-2:])
        if finest is not None and finest.shape != expected:
            raise ValueError(f"past must be {expected}, but is {tuple(finest.shape)}")


def conditions_with_context(source: Tensor, past_frames: int) -> Tensor:
    """Repeat the first condition L times before the start, so that the first frame of a video has a window too.

    Args:
        source: ``(B, T, C, H, W)``.
        past_frames: L.

    Returns:
        ``(B, L + T, C, H, W)``.

    Examples:
        >>> source = torch.tensor([1, 2, 3]).reshape(1, 3, 1, 1, 1)
        >>> conditions_with_context(source, past_frames=2).flatten().tolist()
        [1, 1, 1, 2, 3]
    """
    return torch.cat([source[:, :1].expand(-1, past_frames, -1, -1, -1), source], dim=1)
