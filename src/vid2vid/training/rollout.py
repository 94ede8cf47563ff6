"""A clip in training: as the networks see it, and rolled out chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.config import RolloutConfig
from vid2vid.errors import DataError
from vid2vid.generator import Generator, Past, conditions_with_context
from vid2vid.types import Clip, Flow, Rollout


@dataclass(frozen=True)
class Scene:
    """A clip as the networks see it.

    Attributes:
        source: ``(B, T, C, H, W)`` encoded conditions.
        real: ``(B, T, 3, H, W)`` in [-1, 1].
        flows: Reference flows by stride, entry j belonging to frame j + stride.
        foreground: ``(B, T, 1, H, W)`` in [0, 1], if F has a foreground prior.
        imagined: ``(B, L, 3, H, W)`` in [-1, 1], the first L frames as an image generator makes them from their
            conditions; None if nobody wants them.
        classes: ``(B, T, 1, H, W)``, the class of each pixel, if F has an encoder of styles.
        objects: ``(B, T, 1, H, W)``, the object that it belongs to, likewise.
    """

    source: Tensor
    real: Tensor
    flows: dict[int, Flow]
    foreground: Tensor | None = None
    imagined: Tensor | None = None
    classes: Tensor | None = None
    objects: Tensor | None = None

    def first(self, kind: str, past_frames: int) -> Tensor | None:
        """Return F's past before the first frame that it makes.

        Args:
            kind: ``given``, ``empty`` or ``image`` (`RolloutConfig.first_frame`).
            past_frames: L.

        Returns:
            ``(B, L, 3, H, W)``, or None: F starts from nothing.

        Raises:
            ValueError: The image generator's frames are wanted, and there are none.
        """
        if kind == "empty":
            return None
        if kind == "given":
            return self.real[:, :past_frames]
        if self.imagined is None:
            raise ValueError("first frames of an image generator are wanted, but the scene was made without one")
        return self.imagined


@dataclass(frozen=True)
class Chunk:
    """Some synthesised frames of a scene, with all that came before them.

    Attributes:
        scene: The clip.
        start: Index of the chunk's first frame in the clip.
        rollout: The chunk's frames.
        fakes: ``(B, start + n, 3, H, W)``: the fake clip up to here; only the chunk's own frames carry a gradient.
    """

    scene: Scene
    start: int
    rollout: Rollout
    fakes: Tensor

    @property
    def stop(self) -> int:
        """Index behind the chunk's last frame."""
        return self.start + self.rollout.fake.shape[1]

    @property
    def real(self) -> Tensor:
        """The real frames of the chunk, ``(B, n, 3, H, W)``."""
        return self.scene.real[:, self.start : self.stop]

    def kinds(self, with_hallucinated: bool) -> list[Tensor]:
        """Return the kinds of fake frames, each ``(B, n, 3, H, W)``: x̃, and h̃ if it is wanted."""
        return [self.rollout.fake, *([self.rollout.hallucinated] if with_hallucinated else [])]


def rollout_chunks(generator: Generator, scene: Scene, config: RolloutConfig) -> Iterator[Chunk]:
    """Roll a clip out, chunk by chunk; the history between chunks is detached.

    Between two chunks the caller may change the generator's weights.
    """
    length = generator.config.past_frames
    source = conditions_with_context(scene.source, length)
    past: Tensor | Past | None = scene.first(config.first_frame, length)
    fakes = past if isinstance(past, Tensor) else scene.real[:, :0]
    for start in range(fakes.shape[1], scene.real.shape[1], config.chunk_frames):
        stop = start + config.chunk_frames
        foreground = None if scene.foreground is None else scene.foreground[:, start:stop]
        window = with_features(generator, scene, source[:, start : stop + length], start)
        seen = past
        if past is not None and config.past_noise:
            seen = disturbed(generator, generator.past(source, past), config.past_noise)
        rollout = generator(window, seen, config.bptt_frames, foreground, config.recompute)
        chunk = Chunk(scene, start, rollout, torch.cat([fakes, rollout.fake], dim=1))
        yield chunk
        fakes = chunk.fakes.detach()
        # each spatial scale has a past of its own
        past = generator.append(generator.past(source, past), [images.detach() for images in rollout.scales])


def with_features(generator: Generator, scene: Scene, window: Tensor, start: int) -> Tensor:
    """Append to conditions what the encoder reads off the real frames of the same times, if F has an encoder.

    For each chunk anew: between two chunks the encoder learns.

    Args:
        generator: F.
        scene: The clip.
        window: ``(B, L + n, C, H, W)``, the encoded conditions of frames start - L and on.
        start: The chunk's first frame.
    """
    if generator.styles is None or scene.classes is None or scene.objects is None:
        return window
    length = generator.config.past_frames
    frames = slice(start, start + window.shape[1])
    parts = (conditions_with_context(part, length)[:, frames] for part in (scene.real, scene.classes, scene.objects))
    return torch.cat([window, generator.styles(*parts)], dim=2)


def disturbed(generator: Generator, past: Past, strength: float) -> Past:
    """Return a past as it might be late in a long video: with grain, and with colours that have drifted.

    Both are normally distributed with a standard deviation that is drawn for each clip: as often weak as strong, so
    that F also knows a clean past (noise on what a model conditions itself on: Ho et al., 2022, section 4).

    Args:
        generator: F, which knows its scales.
        past: The last L frames of each scale.
        strength: The greatest standard deviation, of frames in [-1, 1].
    """
    finest = past[-1]
    of_clip = finest.new_empty(finest.shape[0], 1, 1, 1, 1).uniform_(0, strength)
    drift = torch.randn_like(finest[:, :1, :, :1, :1])
    noise = of_clip * (torch.randn_like(finest) + drift)
    return [images + part for images, part in zip(past, generator.past(finest, noise), strict=True)]


def too_short(clip: Clip, key: str) -> DataError:
    """Return the error to raise for clips that leave nothing to synthesise; ``key`` is the setting to raise."""
    frames, names = clip.real.shape[1], ", ".join(clip.names)
    return DataError(
        f"clips of {frames} frames leave nothing to synthesise after the given ones ({names}): raise {key}."
    )
