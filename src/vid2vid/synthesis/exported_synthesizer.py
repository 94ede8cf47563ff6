"""`ExportedSynthesizer`: videos from an exported step, without the weights that it was made from."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from vid2vid.config import SynthesisConfig
from vid2vid.data.planes import or_unknown
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.export import ExportedStep
from vid2vid.export.step_frames import StepFrames
from vid2vid.generator import ObjectColours, Style
from vid2vid.synthesis.inputs import InputSource
from vid2vid.synthesis.stream_state import StreamState
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.types import ConditionWindow, Frame, FrameInputs

_RUNTIMES = {".onnx": "onnxruntime", ".xml": "openvino"}
"""The default runtime by kind of file."""


def open_exported(config: SynthesisConfig) -> ExportedStep | None:
    """Open ``config.checkpoint`` if it is an exported step; return None if it is something else.

    Raises:
        CheckpointError: It or its description is missing, damaged or of another version, or is a file for torch.
        ConfigError: The back-end does not read it or does not have the precision.
        MissingExtraError: The back-end is not installed; the message names the extra.
    """
    path, precision = Path(config.checkpoint), config.precision.replace("auto", "")
    if path.suffix == ".pt2":
        raise CheckpointError(
            f"{path}: is not read, since a .pt2 file could run code when it is read. Export the checkpoint with "
            "format=onnx or format=openvino."
        )
    if path.suffix not in _RUNTIMES:
        return None
    backend = _RUNTIMES[path.suffix] if config.backend == "torch" else config.backend
    if config.compile or config.device not in ("", "cpu"):
        raise ConfigError(f"{path}: an exported step runs on a CPU as it is: give neither compile nor device.")
    step = ExportedStep(path, backend, config.threads, precision)
    if backend == "onnxruntime" and precision not in ("", step.description.precision):
        raise ConfigError(
            f"precision={precision}: {path} has precision {step.description.precision}; leave precision out, or export "
            "another step."
        )
    return step


class ExportedSynthesizer:
    """Synthesises a video frame by frame with an exported step, with the methods of a `Synthesizer`.

    Args:
        step: The exported step.
        first: ``(1, L, 3, H, W)`` in [-1, 1], the first L frames; None: F starts from an empty past.
        colours: Colours of objects, as for a `Synthesizer`.
    """

    style: Style | None = None

    def __init__(
        self, step: ExportedStep, first: Tensor | None = None, colours: Mapping[Any, Sequence[Any]] | None = None
    ) -> None:
        about = step.description
        self._frames, self._condition, self._length = StepFrames(step), about.condition, about.past_frames
        self._colours = ObjectColours.of(colours, about.condition, about.class_colours)
        memory = self._colours.begin(1, torch.device("cpu")) if "memory" in about.inputs else None
        self._state = StreamState(first, 0 if first is None else self._length, memory=memory)
        self.least_side = about.multiple + 1

    @classmethod
    def of(
        cls,
        step: ExportedStep,
        config: SynthesisConfig,
        inputs: InputSource,
        image: FirstFrameModel | None,
        style: Style | None,
    ) -> Self:
        """Make the synthesizer of `vid2vid.synthesis.synthesize`; the arguments are those of `Synthesizer.of`.

        Raises:
            ConfigError: A setting needs the weights, or has no effect on this step.
            DataError: The first frames cannot be read, or are too few.
        """
        for given, what in (
            (image or config.image_checkpoint or config.key_every, "first frames of an image generator"),
            (style or config.asks_for_style, "other styles than the average one"),
            (config.foreground and step.description.foreground != "mask", "a mask of the foreground"),
            (config.object_colours and "memory" not in step.description.inputs, "colours of objects"),
        ):
            if given:
                raise ConfigError(
                    f"{step.path}: this exported step does not take {what}; synthesise with a checkpoint."
                )
        return cls(step, inputs.first_frames(step.description.past_frames), config.object_colours)

    def state(self) -> dict[str, Tensor]:
        """Return everything needed to continue the video, as tensors that safetensors can store."""
        return self._state.tensors()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from the `state` of a synthesizer of the same step."""
        self._state = StreamState.of(state, torch.device("cpu"), None)

    @torch.inference_mode()
    def step(
        self,
        source: Tensor,
        instance: Tensor | None = None,
        foreground: Tensor | None = None,
        planes: Tensor | None = None,
    ) -> Frame:
        """Synthesise the next frame; the arguments are those of `Synthesizer.step`, of one video."""
        # an error leaves the state as it was: only the copy has changed
        state, frames = copy(self._state), self._frames
        planes = or_unknown(self._condition, planes, source)
        inputs = FrameInputs(source, instance, foreground, planes)
        state.window = ConditionWindow.after(state.window, inputs, self._length + 1 + self._condition.lookback)
        if state.left and isinstance(state.first, Tensor):
            image = state.first[:, -state.left]
            frame = replace(Frame.given(image), coarser=tuple(frames.scales(image)[:-1]))
            state.left -= 1
        else:
            if state.memory is not None:
                state.memory = self._colours.introduce(state.memory, source, instance)
            painted = None if state.memory is None else state.memory.paint(instance)
            frame = frames(state.window, state.past, foreground, memory=painted)
        state.past = frames.past_after(state.past, frame)
        if state.memory is not None:
            state.memory = state.memory.after(frame.fake, instance)
        state.made += 1
        self._state = state
        return frame
