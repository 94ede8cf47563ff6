"""F as a stream: one condition in, one frame out."""

import torch
from torch import Tensor

from vid2vid.ops import encode
from vid2vid.training import Vid2VidModule
from vid2vid.types import Frame


class Synthesizer:
    """Synthesises videos frame by frame, in constant memory.

    It keeps the last L conditions and frames (Eq. 3). Frame by frame it gives what the module's own roll-out gives.

    Args:
        module: A trained module; it is put in evaluation mode.
        first: ``(B, L, 3, H, W)`` in [-1, 1], given first frames: the first L steps return them as they are. None: F
            starts from an empty past.

    Raises:
        ValueError: Not L first frames are given.
    """

    def __init__(self, module: Vid2VidModule, first: Tensor | None = None) -> None:
        self.module = module.eval()
        self.past_frames = module.generator.config.past_frames
        self.reset(first)

    def reset(self, first: Tensor | None = None) -> None:
        """Begin a new video, with other first frames or none."""
        if first is not None and first.shape[1] != self.past_frames:
            raise ValueError(f"{self.past_frames} first frames are needed, but {first.shape[1]} were given")
        self._given = [] if first is None else list(first.to(self.module.device).unbind(1))
        self._conditions: list[Tensor] = []
        self._frames: list[Tensor] = []

    @torch.inference_mode()
    def step(self, source: Tensor, instance: Tensor | None = None) -> Frame:
        """Synthesise the next frame.

        Args:
            source: ``(B, S, H, W)`` uint8, the condition of this frame as in `vid2vid.types.Clip`; B videos at once.
            instance: ``(B, 1, H, W)`` object ids, if the condition has instance edges.

        Returns:
            The frame, with its parts.
        """
        device = self.module.device
        objects = None if instance is None else instance[:, None].to(device)
        code = encode(self.module.condition, source[:, None].to(device), objects)[:, 0]
        before = self._conditions or [code] * self.past_frames
        self._conditions = [*before[-self.past_frames :], code]
        frame = self._given_frame() if self._given else self._next_frame()
        self._frames = [*self._frames, frame.fake][-self.past_frames :]
        return frame

    def _given_frame(self) -> Frame:
        image = self._given.pop(0)
        return Frame(image, image, image, torch.zeros_like(image[:, :2]), torch.zeros_like(image[:, :1]))

    def _next_frame(self) -> Frame:
        source = torch.stack(self._conditions, dim=1)
        if not self._frames:
            return self.module.synthesis_generator.step(source, None)
        missing = self.past_frames - len(self._frames)
        past = [torch.zeros_like(self._frames[0])] * missing + self._frames
        return self.module.synthesis_generator.step(source, torch.stack(past, dim=1))
