"""Models as streams: one condition in, one frame out."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from vid2vid.generator import Past
from vid2vid.ops import encode
from vid2vid.training import ImageModule, Vid2VidModule
from vid2vid.types import Frame


class Synthesizer:
    """Synthesises videos frame by frame, in constant memory.

    It keeps the last L conditions and frames (Eq. 3). Frame by frame it gives what the module's own roll-out gives.

    Args:
        module: A trained module; it is put in evaluation mode.
        first: Where the first L frames come from, which the first L steps return as they are: ``(B, L, 3, H, W)`` in
            [-1, 1] are given; an `ImageModule` makes them from their conditions. None: F starts from an empty past.

    Raises:
        ValueError: Not L first frames are given.
        CheckpointError: The image generator was trained on other conditions.
    """

    def __init__(self, module: Vid2VidModule, first: Tensor | ImageModule | None = None) -> None:
        self.module = module.eval()
        self.past_frames = module.generator.config.past_frames
        self.reset(first)

    def reset(self, first: Tensor | ImageModule | None = None) -> None:
        """Begin a new video, with other first frames or none."""
        self._first = self._source_of_first(first)
        self._begun: list[Tensor] = []
        self._past: Tensor | Past | None = None
        self._conditions: list[Tensor] = []

    def _source_of_first(self, first: Tensor | ImageModule | None) -> Callable[[Tensor], Tensor] | None:
        """Return what makes a first frame ``(B, 3, H, W)`` of its encoded condition."""
        if first is None:
            return None
        if isinstance(first, ImageModule):
            first.require_fit(self.module.condition)
            return first.to(self.module.device).eval().images
        if first.shape[1] != self.past_frames:
            raise ValueError(f"{self.past_frames} first frames are needed, but {first.shape[1]} were given")
        given: Iterator[Tensor] = iter(first.to(self.module.device).unbind(1))
        return lambda code: next(given)

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
        code = _encode_frame(self.module, source, instance)
        before = self._conditions or [code] * self.past_frames
        self._conditions = [*before[-self.past_frames :], code]
        if self._first is not None:
            return self._first_frame(self._first(code))
        mask = self.module.foreground(code, None if foreground is None else foreground.to(code.device))
        return self._next_frame(torch.stack(self._conditions, dim=1), mask)

    def _first_frame(self, image: Tensor) -> Frame:
        self._begun.append(image)
        if len(self._begun) == self.past_frames:
            self._past, self._begun, self._first = torch.stack(self._begun, dim=1), [], None
        return Frame.given(image)

    def _next_frame(self, source: Tensor, foreground: Tensor | None) -> Frame:
        generator = self.module.synthesis_generator
        frame = generator.step(source, self._past, foreground)
        past = generator.past(source, self._past)
        self._past = generator.follow(past, [image[:, None] for image in frame.scales])
        return frame


class ImageSynthesizer:
    """Synthesises each frame from its condition alone, with the steps of a `Synthesizer`.

    Args:
        module: A trained image generator; it is put in evaluation mode.
    """

    def __init__(self, module: ImageModule) -> None:
        self.module = module.eval()

    @torch.inference_mode()
    def step(self, source: Tensor, instance: Tensor | None = None, foreground: Tensor | None = None) -> Frame:
        """Synthesise a frame; the arguments are those of `Synthesizer.step`, the foreground being of no use."""
        return Frame.given(self.module.images(_encode_frame(self.module, source, instance)))


def _encode_frame(module: Vid2VidModule | ImageModule, source: Tensor, instance: Tensor | None) -> Tensor:
    """Encode the condition ``(B, S, H, W)`` of one frame on the module's device, ``(B, C, H, W)``."""
    objects = None if instance is None else instance[:, None].to(module.device)
    return encode(module.condition, source[:, None].to(module.device), objects)[:, 0]
