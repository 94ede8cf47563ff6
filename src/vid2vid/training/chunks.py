"""Training clips as tensors, and rolled out chunk by chunk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from vid2vid.config import RolloutConfig
from vid2vid.errors import DataError
from vid2vid.generator import (
    Forgetting,
    Generator,
    ObjectMemory,
    Past,
    RememberedObjects,
    conditions_with_context,
)
from vid2vid.types import Clip, Flow, Rollout


@dataclass(frozen=True)
class ClipTensors:
    """A clip as the networks see it.

    Attributes:
        source: ``(B, T, C, H, W)`` encoded conditions.
        real: ``(B, T, 3, H, W)`` in [-1, 1]; of a predictor ``(B, T, C, H, W)``, the label maps as zeros and ones.
        flows: Reference flows by stride, entry j belonging to frame j + stride.
        foreground: ``(B, T, 1, H, W)`` in [0, 1], if F has a foreground prior.
        imagined: ``(B, L, 3, H, W)`` in [-1, 1], the first L frames as a first-frame model makes them from their
            conditions, if they are wanted.
        classes: ``(B, T, 1, H, W)``, the class of each pixel, if F has a style encoder.
        objects: ``(B, T, 1, H, W)``, the id of the object of each pixel, if F has a style encoder.
        instance: ``(B, T, 1, H, W)``, the ids of objects as the data has them, if it has them.
    """

    source: Tensor
    real: Tensor
    flows: dict[int, Flow]
    foreground: Tensor | None = None
    imagined: Tensor | None = None
    classes: Tensor | None = None
    objects: Tensor | None = None
    instance: Tensor | None = None

    def first(self, kind: str, past_frames: int) -> Tensor | None:
        """Return F's past before the first frame that it makes.

        Args:
            kind: ``given``, ``empty`` or ``image`` (`RolloutConfig.first_frame`).
            past_frames: L.

        Returns:
            ``(B, L, 3, H, W)``, or None: F starts from nothing.

        Raises:
            ValueError: A first-frame model's frames are wanted, and there are none.
        """
        if kind == "empty":
            return None
        if kind == "given":
            return self.real[:, :past_frames]
        if self.imagined is None:
            raise ValueError("first frames of an image generator are wanted, but the clip was encoded without one")
        return self.imagined


class FramePairs(NamedTuple):
    """What the flow terms compare: n frames of a chunk, and the frames before them.

    Attributes:
        first: Index of the first of the n frames in the clip.
        previous: ``(B, n, 2, 3, H, W)``, for each of them the frame before it, real x_{t-1} and synthetic x̃_{t-1};
            detached, so that the earlier frame does not adapt to the later one.
        real: ``(B, n, 3, H, W)``, x_t.
        reference: w_t, ``(B, n, ·, H, W)``.
    """

    first: int
    previous: Tensor
    real: Tensor
    reference: Flow


class Frames(Protocol):
    """Any synthesised frames."""

    @property
    def fake(self) -> Tensor:
        """The frames x̃, ``(B, n, 3, H, W)``."""
        ...


Made = TypeVar("Made", bound=Frames)


@dataclass(frozen=True)
class Chunk(Generic[Made]):
    """Some synthesised frames of a clip, with all that came before them.

    Attributes:
        clip: The clip.
        start: Index of the chunk's first frame in the clip.
        rollout: The chunk's frames.
        fakes: ``(B, start + n, 3, H, W)``: the fake clip up to here; only the chunk's own frames carry a gradient.
    """

    clip: ClipTensors
    start: int
    rollout: Made
    fakes: Tensor

    @property
    def stop(self) -> int:
        """Index behind the chunk's last frame."""
        return self.start + self.rollout.fake.shape[1]

    @property
    def real(self) -> Tensor:
        """The real frames of the chunk, ``(B, n, 3, H, W)``."""
        return self.clip.real[:, self.start : self.stop]

    def pairs(self) -> FramePairs | None:
        """Return the frames that have a frame before them: all but the first one of a video; None if there are none."""
        first = max(self.start, 1)
        if self.stop <= first:
            return None
        before = slice(first - 1, self.stop - 1)
        previous = torch.stack([self.clip.real[:, before], self.fakes[:, before].detach()], dim=2)
        # entry j of the flows belongs to frame j + 1
        reference = Flow(self.clip.flows[1].vectors[:, before], self.clip.flows[1].confidence[:, before])
        return FramePairs(first, previous, self.clip.real[:, first : self.stop], reference)


def iterate_chunks(
    roll_out: Callable[[int, int, Past | None], tuple[Made, Past]],
    clip: ClipTensors,
    given: Tensor,
    past: Past | None,
    config: RolloutConfig,
) -> Iterator[Chunk[Made]]:
    """Roll a clip out, chunk by chunk; what one chunk hands on to the next is detached.

    Between two chunks the caller may change the generator's weights. With ``config.lead_in`` some chunks, a number that
    is drawn for each call, are made without gradients before the first one that is returned, and as many fewer are left
    at the end (the push-forward trick of Brandstetter et al., 2022, "Message Passing Neural PDE Solvers", section 3.1).

    Args:
        roll_out: Makes the frames ``start`` to ``stop - 1`` from the past; returns them and the past after them.
        clip: The clip.
        given: ``(B, n, 3, H, W)``, the first frames, which are not made.
        past: The past after them; None: there is none.
        config: How many frames a chunk has (the last one may have fewer), and how many are made ahead.

    Raises:
        DataError: Nothing is left to learn from behind those that are made ahead.
    """
    fakes, frames, size = given, clip.real.shape[1], config.chunk_frames
    starts, ahead = range(given.shape[1], frames, size), config.lead_in // size
    # short ones more often: what is near the first frames must not be forgotten
    drawn = int((ahead + 1) * torch.rand(()) ** 2) if ahead else 0
    if 0 < len(starts) <= ahead:
        raise DataError(
            f"clips of {frames} frames leave none to learn from after rollout.lead_in={config.lead_in}: raise "
            "data.clip_frames."
        )
    # whatever was drawn, as many chunks are left to learn from: all processes make the same number of steps
    for index, start in enumerate(starts[: len(starts) - ahead + drawn]):
        with torch.set_grad_enabled(torch.is_grad_enabled() and index >= drawn):
            made, past = roll_out(start, min(start + size, frames), past)
        past = [tensor.detach() for tensor in past]
        chunk = Chunk(clip, start, made, torch.cat([fakes, made.fake], dim=1))
        if index >= drawn:
            yield chunk
        fakes = chunk.fakes.detach()


def rollout_chunks(
    generator: Generator, clip: ClipTensors, config: RolloutConfig, batch: int = 0
) -> Iterator[Chunk[Rollout]]:
    """Roll a clip out with F, chunk by chunk (`iterate_chunks`).

    Args:
        generator: F.
        clip: The clip.
        config: How it is rolled out.
        batch: Index of the batch in its epoch; decides with ``config.empty_every`` whether there is a past.
    """
    length = generator.config.past_frames
    source = conditions_with_context(clip.source, length)
    # by its place alone: all processes make the same number of chunks, and a resumed training begins likewise
    empty = config.empty_every and (batch + 1) % config.empty_every == 0
    first = clip.first("empty" if empty else config.first_frame, length)
    forget = Forgetting(config.memory_dropout, config.memory_noise)
    remembered = remember(generator, clip, first, config.memory_ahead, forget)

    def roll_out(start: int, stop: int, past: Past | None) -> tuple[Rollout, Past]:
        foreground = None if clip.foreground is None else clip.foreground[:, start:stop]
        window = with_features(generator, clip, source[:, start : stop + length], start)
        seen = add_noise(generator, past, config.past_noise) if past is not None and config.past_noise else past
        rollout: Rollout = generator(window, seen, config.bptt_frames, foreground, config.recompute, remembered)
        # each spatial scale has a past of its own
        return rollout, generator.append(generator.past(source, past), rollout.scales)

    past = None if first is None else generator.past(source, first)
    return iterate_chunks(roll_out, clip, clip.real[:, :0] if first is None else first, past, config)


def remember(
    generator: Generator, clip: ClipTensors, first: Tensor | None, ahead: float = 0.0, forget: Forgetting | None = None
) -> RememberedObjects | None:
    """Return the objects of a clip as F knows them before the first frame that it makes; None without a memory.

    Args:
        generator: F.
        clip: The clip, with its object ids.
        first: ``(B, n, 3, H, W)``, the frames before, whose objects are known; None: there are none.
        ahead: Share of the clips whose objects are all known already, as the real frames show them.
        forget: What F is not to see of the memory.

    Raises:
        DataError: F has a memory, and the clip has no object ids.
    """
    if not generator.config.object_memory:
        return None
    if clip.instance is None:
        raise DataError("generator.object_memory=true needs object ids: add instance maps to the data.")
    remembered = RememberedObjects(clip.instance, first, forget)
    if ahead:
        # drawn on the host, which then need not wait for the device
        drawn = (torch.rand(len(clip.real)) < ahead).nonzero()[:, 0].to(clip.real.device)
        whole = ObjectMemory.empty(len(drawn), clip.real.device).after_all(clip.real[drawn], clip.instance[drawn])
        remembered.memory.table[drawn] = whole.table
    return remembered


def with_features(generator: Generator, clip: ClipTensors, window: Tensor, start: int) -> Tensor:
    """Append to conditions the style encoder's features of the real frames of the same times, if F has an encoder.

    They are encoded for each chunk anew: between two chunks the encoder learns.

    Args:
        generator: F.
        clip: The clip.
        window: ``(B, L + n, C, H, W)``, the encoded conditions of frames start - L and on.
        start: The chunk's first frame.
    """
    if generator.styles is None or clip.classes is None or clip.objects is None:
        return window
    length = generator.config.past_frames
    frames = slice(start, start + window.shape[1])
    parts = (conditions_with_context(part, length)[:, frames] for part in (clip.real, clip.classes, clip.objects))
    return torch.cat([window, generator.styles(*parts)], dim=2)


def add_noise(generator: Generator, past: Past, strength: float) -> Past:
    """Return a past as it might be late in a long video: with grain, and with colours that have drifted.

    Both are normally distributed. Their standard deviation is drawn for each clip, uniformly from 0 on, so that F also
    knows a clean past (conditioning augmentation: Ho et al., 2022, section 4).

    Args:
        generator: F, which knows its scales.
        past: The last L frames of each scale.
        strength: The greatest standard deviation, of frames in [-1, 1].
    """
    finest = past[-1]
    deviation = finest.new_empty(finest.shape[0], 1, 1, 1, 1).uniform_(0, strength)
    drift = torch.randn_like(finest[:, :1, :, :1, :1])
    noise = deviation * (torch.randn_like(finest) + drift)
    return [images + part for images, part in zip(past, generator.past(finest, noise), strict=True)]


def too_short(clip: Clip, key: str) -> DataError:
    """Return the error to raise for clips that leave nothing to synthesise; ``key`` is the setting to raise."""
    frames, names = clip.real.shape[1], ", ".join(clip.names)
    return DataError(
        f"clips of {frames} frames leave nothing to synthesise after the given ones ({names}): raise {key}."
    )
