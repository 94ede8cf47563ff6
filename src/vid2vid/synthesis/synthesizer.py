"""F as a stream: one condition in, one frame out."""

import torch
from torch import Tensor

from vid2vid.generator import Past
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
        given = None if first is None else first.to(self.module.device)
        self._past: Tensor | Past | None = given
        self._given = [] if given is None else list(given.unbind(1))
        self._conditions: list[Tensor] = []

    @torch.inference_mode()
    def step(self, source: Tensor, instance: Tensor | None = None, foreground: Tensor | None = None) -> Frame:
        """Synthesise the next frame.

        Args:
            source: ``(B, S, H, W)`` uint8, the condition of this frame as in `vid2vid.types.Clip`; B videos at once.
            instance: ``(B, 1, H, W)`` object ids, if the condition has instance edges.
            foreground: ``(B, 1, H, W)`` uint8, a soft mask of the foreground, if F wants one.

        Returns:
            The frame, with its parts.
        """
        device = self.module.device
        objects = None if instance is None else instance[:, None].to(device)
        code = encode(self.module.condition, source[:, None].to(device), objects)[:, 0]
        before = self._conditions or [code] * self.past_frames
        self._conditions = [*before[-self.past_frames :], code]
        if self._given:
            return self._given_frame()
        mask = self.module.foreground(code, None if foreground is None else foreground.to(device))
        return self._next_frame(torch.stack(self._conditions, dim=1), mask)

    def _given_frame(self) -> Frame:
        image = self._given.pop(0)
        return Frame(image, image, image, torch.zeros_like(image[:, :2]), torch.zeros_like(image[:, :1]))

    def _next_frame(self, source: Tensor, foreground: Tensor | None) -> Frame:
        generator = self.module.synthesis_generator
        frame = generator.step(source, self._past, foreground)
        past = generator.past(source, self._past)
        self._past = generator.follow(past, [image[:, None] for image in frame.scales])
        return frame
