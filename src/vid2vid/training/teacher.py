"""The teacher of a distillation: a trained F from which another one learns."""

from pathlib import Path
from typing import Self

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.generator import Generator, conditions_with_context
from vid2vid.models import MODELS
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.serialization import load
from vid2vid.training.chunks import Chunk, remember, with_features
from vid2vid.types import Rollout


class Teacher:
    """A trained and frozen F, which continues the frames of another F, the student.

    The student thus learns from the states that its own frames lead to, not from those of its teacher (on-policy
    distillation: Agarwal et al., 2024). The two may differ in form, width, scales and past frames, for only the parts
    of Eq. 4 are compared. Features are not: they differ in resolution between the forms and in channels between the
    widths, and would need further layers that learn.

    Args:
        path: A checkpoint of ``vid2vid train model=video``; the running average of its weights counts.
        condition: The conditions of the student.
        styled: Whether the student has an encoder of styles.

    Attributes:
        path: The checkpoint.
        generator: The teacher's F.
        fingerprint: A short name of its weights.

    Raises:
        CheckpointError: The checkpoint cannot be read, is one of another kind of model or of other conditions (it may
            have optional planes that the student has not), or one of the two has an encoder of styles and the other
            none.
    """

    def __init__(self, path: str | Path, condition: Condition, styled: bool) -> None:
        module = load(path, MODELS["video"].module)
        if not module.condition.extends(condition):
            module.require_fit(condition, path)
        self.path = path
        self.generator: Generator = module.synthesis_generator.requires_grad_(False)
        self.fingerprint = fingerprint(module)
        # number of channels of optional planes that the student does not have
        self._unknown = module.condition.channels - condition.channels
        # makes foreground masks; only its generator moves to the student's device
        self._module = module
        if (self.generator.styles is not None) != styled:
            which = "has no encoder of styles, and F has one" if styled else "has an encoder of styles, and F has none"
            raise CheckpointError(
                f"{path}: cannot be the teacher (objective.teacher_checkpoint): it {which}, so its frames have a look "
                "that F cannot learn. Set the same encoder.features for both."
            )

    def to(self, device: torch.device) -> Self:
        """Move its F to a device."""
        self.generator.to(device)
        return self

    @torch.no_grad()
    def continue_rollout(self, chunk: Chunk[Rollout], foreground: Tensor | None) -> Rollout | None:
        """Make the frames of a chunk from the student's frames before it.

        Args:
            chunk: The chunk as the student made it.
            foreground: ``(B, T, 1, H, W)`` uint8, a soft mask of the foreground of the whole clip, if there is one.

        Returns:
            The frames of the chunk, but for the first ones where fewer than L frames are before them (in a clip without
            first frames the teacher begins with an empty past, too). None: no frame is left.

        Raises:
            ConfigError: The teacher has a foreground prior, and there is no mask for it.
        """
        length, clip = self.generator.config.past_frames, chunk.clip
        start = max(chunk.start, length) if chunk.start else 0
        if start >= chunk.stop:
            return None
        source = conditions_with_context(clip.source, length)[:, start : chunk.stop + length]
        source = nnf.pad(source, (0, 0, 0, 0, 0, self._unknown))
        given = None if foreground is None else foreground[:, start : chunk.stop]
        try:
            mask = self._module.foreground(clip.source[:, start : chunk.stop], given)
        except ConfigError as error:
            raise ConfigError(f"{self.path}, the teacher: {error}") from error
        past = chunk.fakes[:, start - length : start] if start else None
        window = with_features(self.generator, clip, source, start)
        remembered = remember(self.generator, clip, chunk.fakes[:, :start])
        rollout: Rollout = self.generator(window, past, foreground=mask, remembered=remembered)
        return rollout
