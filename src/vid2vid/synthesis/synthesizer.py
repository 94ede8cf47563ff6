"""Models as streams: one condition in, one frame out."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from vid2vid.baselines import ImageModule
from vid2vid.data.conditions import encode
from vid2vid.errors import ConfigError
from vid2vid.generator import Past, Style
from vid2vid.ops import class_map
from vid2vid.synthesis.memory import Memory
from vid2vid.training import Vid2VidModule
from vid2vid.types import Frame


class Synthesizer:
    """Synthesises videos frame by frame, in constant memory; several at once, each of which can begin anew.

    It keeps the last L conditions and frames (Eq. 3). Frame by frame it gives what the module's own roll-out gives.

    Args:
        module: A trained module; it is put in evaluation mode.
        first: Where the first L frames come from, which the first L steps return as they are: ``(B, L, 3, H, W)`` in
            [-1, 1] are given; an `ImageModule` makes them from their conditions. None: F starts from an empty past.
        style: What the objects look like, if F has an encoder of styles; None: as on average. It is no part of the
            `state`.
        key_every: After how many frames the image generator makes L frames anew, over and over: what has gone wrong in
            F's past ends there, at the price of a jump. 0: never.

    Raises:
        ValueError: Not L first frames are given.
        CheckpointError: The image generator was trained on other conditions.
        ConfigError: A style is given, and F has no encoder; or key frames are wanted, and there is no image generator,
            or they leave no frame to F.
    """

    def __init__(
        self,
        module: Vid2VidModule,
        first: Tensor | ImageModule | None = None,
        style: Style | None = None,
        key_every: int = 0,
    ) -> None:
        self.module = module.eval()
        self.style = style
        if style is not None:
            module.synthesis_generator.require_encoder()
        self.past_frames = module.generator.config.past_frames
        if key_every and key_every <= self.past_frames:
            raise ConfigError(f"key_every must be 0, or above {self.past_frames} for F to make frames: {key_every}.")
        self.key_every = key_every
        self.reset(first)

    def reset(self, first: Tensor | ImageModule | None = None, stream: int | None = None) -> None:
        """Begin new videos, with other first frames or none.

        Args:
            first: As in the class; of one stream ``(1, L, 3, H, W)``.
            stream: Which video of the batch, the others going on as they were; None: all of them.

        Raises:
            ValueError: Not L first frames are given, or there is no such stream.
            CheckpointError: The image generator was trained on other conditions.
            ConfigError: Key frames are wanted, and there is no image generator.
        """
        first = self._checked(first)
        if stream is None:
            self._first = first
            self._memories: list[Memory] = []
            return
        if not 0 <= stream < len(self._memories):
            raise ValueError(f"there is no stream {stream}: the last step had {len(self._memories)} videos")
        self._memories[stream] = self._begun(first)

    def state(self) -> dict[str, Tensor]:
        """Return all that is needed to go on with the videos: tensors on the CPU, fit for safetensors.

        An image generator that is still to make first frames is not among them.
        """
        return {f"{i}.{name}": part for i, memory in enumerate(self._memories) for name, part in memory.state().items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on where a synthesizer of the same model was when it returned this `state`.

        Raises:
            ValueError: An image generator was making the first frames, and this synthesizer was made without one.
        """
        image = self._first if isinstance(self._first, ImageModule) else None
        streams = {int(name.partition(".")[0]) for name in state}
        parts: list[dict[str, Tensor]] = [{} for _ in streams]
        for name, tensor in state.items():
            stream, _, part = name.partition(".")
            parts[int(stream)][part] = tensor
        self._memories = [Memory.of(part, self.module.device, image) for part in parts]

    @torch.inference_mode()
    def step(self, source: Tensor, instance: Tensor | None = None, foreground: Tensor | None = None) -> Frame:
        """Synthesise the next frame.

        Args:
            source: ``(B, S, H, W)`` uint8, the condition of this frame as in `vid2vid.types.Clip`; B videos at once.
            instance: ``(B, 1, H, W)`` object ids, if the condition has instance edges.
            foreground: ``(B, 1, H, W)`` uint8, a soft mask of the foreground, if F wants one.

        Returns:
            The frame, with its parts.

        Raises:
            ValueError: There are more or fewer videos than in the step before.
        """
        memories = self._memories = self._memories or [self._begun(self._first, i) for i in range(len(source))]
        if len(source) != len(memories):
            raise ValueError(f"{len(source)} conditions for {len(memories)} videos; reset() begins others")
        code = self._windows(source, instance)
        stages: dict[object, list[int]] = {}
        for i, memory in enumerate(memories):
            if self.key_every and memory.made and memory.made % self.key_every == 0:
                memory.first, memory.left = self._first, self.past_frames
            stages.setdefault(memory.stage, []).append(i)
        parts = [self._together(rows, code[rows], _rows(foreground, rows)) for rows in stages.values()]
        if len(parts) == 1:
            return parts[0]
        order = torch.tensor([i for rows in stages.values() for i in rows], device=code.device).argsort()
        tensors = zip(*(part.tensors for part in parts), strict=True)
        return Frame.of(torch.cat(part)[order] for part in tensors)

    def _checked(self, first: Tensor | ImageModule | None) -> Tensor | ImageModule | None:
        if self.key_every and not isinstance(first, ImageModule):
            raise ConfigError("key frames are made by an image generator: give one for the first frames, too.")
        if isinstance(first, ImageModule):
            first.require_fit(self.module.condition)
            return first.to(self.module.device).eval()
        if first is not None and first.shape[1] != self.past_frames:
            raise ValueError(f"{self.past_frames} first frames are needed, but {first.shape[1]} were given")
        return first

    def _begun(self, first: Tensor | ImageModule | None, row: int = 0) -> Memory:
        own = first[row : row + 1].to(self.module.device) if isinstance(first, Tensor) else first
        return Memory(own, 0 if own is None else self.past_frames)

    def _windows(self, source: Tensor, instance: Tensor | None) -> Tensor:
        """Encode the conditions s_{t-L} .. s_t, ``(B, L + 1, C, H, W)``."""
        device, sources, instances = self.module.device, [], []
        for i, memory in enumerate(self._memories):
            planes = source[i : i + 1].to(device)
            ids = None if instance is None else instance[i : i + 1].to(device)
            sources_of_one, instances_of_one = memory.window(planes, ids, self.past_frames)
            sources.append(sources_of_one)
            instances += [] if instances_of_one is None else [instances_of_one]
        windows = torch.cat(sources)
        code = encode(self.module.condition, windows, torch.cat(instances) if instances else None)
        return self.module.synthesis_generator.styled(code, class_map(self.module.condition, windows), self.style)

    def _together(self, rows: list[int], code: Tensor, foreground: Tensor | None) -> Frame:
        """Synthesise a frame of videos that are at the same stage, and remember it."""
        memories = [self._memories[i] for i in rows]
        if memories[0].left:
            frame = self._first_frame(memories, code[:, -1])
        else:
            mask = self.module.foreground(code[:, -1], None if foreground is None else foreground.to(code.device))
            frame = self.module.synthesis_generator.step(code, _past(memories), mask)
        generator = self.module.synthesis_generator
        past = generator.append(generator.past(code, _past(memories)), [image[:, None] for image in frame.scales])
        for i, memory in enumerate(memories):
            memory.past = [images[i : i + 1] for images in past]
            memory.made += 1
        return frame

    def _first_frame(self, memories: list[Memory], code: Tensor) -> Frame:
        maker = memories[0].first
        if isinstance(maker, ImageModule):
            # it knows the conditions alone, without the features of a style behind them
            image = maker.images(code[:, : self.module.condition.channels])
        else:
            image = torch.cat([one.first[:, -one.left] for one in memories if isinstance(one.first, Tensor)])
        for memory in memories:
            memory.left -= 1
            memory.first = memory.first if memory.left else None
        coarser = self.module.synthesis_generator.frame.pyramid(image)[:-1]
        return replace(Frame.given(image), coarser=tuple(coarser))


class ImageSynthesizer:
    """Synthesises each frame from its condition alone, with the steps of a `Synthesizer`.

    Args:
        module: A trained image generator; it is put in evaluation mode.
    """

    def __init__(self, module: ImageModule) -> None:
        self.module = module.eval()

    def state(self) -> dict[str, Tensor]:
        """Return nothing: it remembers nothing."""
        return {}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on, as `Synthesizer.load_state`; there is nothing to load."""

    @torch.inference_mode()
    def step(self, source: Tensor, instance: Tensor | None = None, foreground: Tensor | None = None) -> Frame:
        """Synthesise a frame; the arguments are those of `Synthesizer.step`, the foreground being of no use."""
        return Frame.given(self.module.images(_encode_frame(self.module, source, instance)))


def _encode_frame(module: Vid2VidModule | ImageModule, source: Tensor, instance: Tensor | None) -> Tensor:
    """Encode the condition ``(B, S, H, W)`` of one frame on the module's device, ``(B, C, H, W)``."""
    objects = None if instance is None else instance[:, None].to(module.device)
    return encode(module.condition, source[:, None].to(module.device), objects)[:, 0]


def _rows(tensor: Tensor | None, rows: list[int]) -> Tensor | None:
    return None if tensor is None else tensor[rows]


def _past(memories: list[Memory]) -> Past | None:
    """Return the past of several videos in one, if they have any."""
    pasts = [memory.past for memory in memories if memory.past is not None]
    return [torch.cat(images) for images in zip(*pasts, strict=True)] or None
