"""Clips as tensors, and their roll-out chunk by chunk."""

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
        imagined: ``(B, L, 3, H, W)`` in [-1, 1], the first L frames by a first-frame model, if these are used.
        classes: ``(B, T, 1, H, W)``, the class of each pixel, if F has a style encoder.
        objects: ``(B, T, 1, H, W)``, the id of the object of each pixel, if F has a style encoder.
        instance: ``(B, T, 1, H, W)``, the object ids of the data, if it has some.
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
    """The frames that the flow terms compare: n frames of a chunk, and the frames before them.

    Attributes:
        first: Index of the first of the n frames in the clip.
        previous: ``(B, n, 2, 3, H, W)``, for each of them the frame before it, real x_{t-1} and synthetic x̃_{t-1};
            detached, so that earlier frames do not adapt to later ones.
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
    """Consecutive synthesised frames of a clip, with the frames before them.

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
        """Index of the first frame after the chunk."""
        return self.start + self.rollout.fake.shape[1]

    @property
    def real(self) -> Tensor:
        """The real frames of the chunk, ``(B, n, 3, H, W)``."""
        return self.clip.real[:, self.start : self.stop]

    def pairs(self) -> FramePairs | None:
        """Return the frames with a predecessor, all but the first one of a clip; None if there are none."""
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
    draws: torch.Generator | None = None,
) -> Iterator[Chunk[Made]]:
    """Roll a clip out, chunk by chunk; no gradient flows from one chunk to the one before.

    Between two chunks the caller may change the generator's weights. With ``config.lead_in`` a random part of so many
    frames is made without gradients before the first chunk that is yielded, and the rest is left out at the end (the
    push-forward trick of Brandstetter et al., 2022, "Message Passing Neural PDE Solvers", section 3.1).

    Args:
        roll_out: Makes the frames ``start`` to ``stop - 1`` from the past; returns them and the past after them.
        clip: The clip.
        given: ``(B, n, 3, H, W)``, the first frames, which are not made.
        past: The past after them; None: there is none.
        config: The number of frames of a chunk (the last one may have fewer), and of frames made in advance.
        draws: What the number of frames made in advance is drawn from, in all processes alike: they make the same
            passes then, as averaged gradients need; the global source if None.

    Raises:
        DataError: No frame is left to learn from after those made in advance.
    """
    fakes, frames, size = given, clip.real.shape[1], config.chunk_frames
    starts, ahead = range(given.shape[1], frames, size), config.lead_in // size
    # short lead-ins are more likely: F must keep learning from frames near the first ones
    drawn = int((ahead + 1) * torch.rand((), generator=draws) ** 2) if ahead else 0
    if 0 < len(starts) <= ahead:
        raise DataError(
            f"clips of {frames} frames leave none to learn from after rollout.lead_in={config.lead_in}: raise "
            "data.clip_frames."
        )
    # the number of chunks to learn from does not depend on the draw: all batches make the same number of steps
    for index, start in enumerate(starts[: len(starts) - ahead + drawn]):
        with torch.set_grad_enabled(torch.is_grad_enabled() and index >= drawn):
            made, past = roll_out(start, min(start + size, frames), past)
        past = [tensor.detach() for tensor in past]
        chunk = Chunk(clip, start, made, torch.cat([fakes, made.fake], dim=1))
        if index >= drawn:
            yield chunk
        fakes = chunk.fakes.detach()


def rollout_chunks(
    generator: Generator,
    clip: ClipTensors,
    config: RolloutConfig,
    batch: int = 0,
    draws: torch.Generator | None = None,
) -> Iterator[Chunk[Rollout]]:
    """Roll a clip out with F, chunk by chunk (`iterate_chunks`).

    Args:
        generator: F.
        clip: The clip.
        config: The settings of the roll-out.
        batch: Index of the batch in its epoch; with ``config.empty_every`` it decides whether there is a past.
        draws: As in `iterate_chunks`.
    """
    length = generator.config.past_frames
    source = conditions_with_context(clip.source, length)
    # by the index alone, so that all processes and a resumed training agree
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
    return iterate_chunks(roll_out, clip, clip.real[:, :0] if first is None else first, past, config, draws)


def remember(
    generator: Generator, clip: ClipTensors, first: Tensor | None, ahead: float = 0.0, forget: Forgetting | None = None
) -> RememberedObjects | None:
    """Return F's memory of the objects of a clip, before the first frame that it makes; None without a memory.

    Args:
        generator: F.
        clip: The clip, with its object ids.
        first: ``(B, n, 3, H, W)``, the frames before, which are in the memory; None: there are none.
        ahead: Share of the clips whose memory begins with all their objects, as the real frames show them.
        forget: The parts of the memory that F does not see.

    Raises:
        DataError: F has a memory, and the clip has no object ids.
    """
    if not generator.config.object_memory:
        return None
    if clip.instance is None:
        raise DataError("generator.object_memory=true needs object ids: add instance maps to the data.")
    remembered = RememberedObjects(clip.instance, first, forget)
    if ahead:
        # drawn on the CPU, which need not wait for the device then
        drawn = (torch.rand(len(clip.real)) < ahead).nonzero()[:, 0].to(clip.real.device)
        whole = ObjectMemory.empty(len(drawn), clip.real.device).after_all(clip.real[drawn], clip.instance[drawn])
        remembered.memory.table[drawn] = whole.table
    return remembered


def with_features(generator: Generator, clip: ClipTensors, window: Tensor, start: int) -> Tensor:
    """Append the style encoder's features of the real frames to their conditions, if F has an encoder.

    They are encoded again for each chunk, for the encoder learns in between.

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
    """Return a past like one late in a long video, with grain and a drift of the colours.

    Both are normally distributed. Their standard deviation is drawn uniformly for each clip, from 0 on, so that F also
    sees clean pasts (conditioning augmentation: Ho et al., 2022, section 4).

    Args:
        generator: F.
        past: The last L frames of each scale.
        strength: The greatest standard deviation, of frames in [-1, 1].
    """
    finest = past[-1]
    deviation = finest.new_empty(finest.shape[0], 1, 1, 1, 1).uniform_(0, strength)
    drift = torch.randn_like(finest[:, :1, :, :1, :1])
    noise = deviation * (torch.randn_like(finest) + drift)
    return [images + part for images, part in zip(past, generator.past(finest, noise), strict=True)]


def too_short(clip: Clip, key: str) -> DataError:
    """Return the error for clips with no frame to synthesise; ``key`` is the setting that the user should raise."""
    frames, names = clip.real.shape[1], ", ".join(clip.names)
    return DataError(
        f"clips of {frames} frames leave nothing to synthesise after the given ones ({names}): raise {key}."
    )
