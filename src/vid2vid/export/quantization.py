"""Quantising the convolutions of an exported step to int8, calibrated on its own roll-out."""

import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import torch
from numpy.typing import NDArray

from vid2vid.errors import ConfigError, require
from vid2vid.export.exported_step import ExportedStep
from vid2vid.export.step_frames import StepFrames, frame_of
from vid2vid.generator import ObjectMemory, Past
from vid2vid.types import ConditionWindow, FrameInputs

Item = TypeVar("Item")

_KEPT = 50
"""Frames whose inputs are kept for the calibration: with 8 instead of 30 a trained model's first frame lost 2.6 dB."""
_FEW = 16
"""Convolutions of fewer output channels than this are output layers: of images, flow and mask."""


def own_inputs(step: ExportedStep, conditions: Iterable[FrameInputs]) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield the inputs of a step for each frame of a video that it makes, from an empty past on.

    Args:
        step: The exported step.
        conditions: The conditions of the video.

    Raises:
        ConfigError: The size or a foreground mask does not fit the step.
    """
    frames, length = StepFrames(step), step.description.past_frames
    window: ConditionWindow | None = None
    past: Past | None = None
    memory = ObjectMemory.empty(1, torch.device("cpu")) if "memory" in step.description.inputs else None
    for given in conditions:
        window = ConditionWindow.after(window, given, length + 1 + step.description.condition.lookback)
        painted = None if memory is None else memory.paint(given.instance)
        inputs = frames.inputs(window, past, given.foreground, memory=painted)
        made = frame_of(step(inputs))
        if memory is not None:
            memory = memory.after(made.fake, given.instance)
        past = frames.past_after(past, made)
        yield inputs


def evenly_kept(items: Iterable[Item], most: int) -> list[Item]:
    """Keep every item, every second, every fourth, ... of a stream of unknown length, at most so many.

    Args:
        items: The stream; no more than ``most`` + 1 of its items are held at a time.
        most: Greatest number of items to keep, at least 1.

    Examples:
        >>> evenly_kept(range(7), 4)
        [0, 2, 4, 6]
    """
    every, kept = 1, list[Item]()
    for index, item in enumerate(items):
        if index % every == 0:
            kept.append(item)
        if len(kept) > most:
            every, kept = 2 * every, kept[::2]
    return kept


def quantized(model: Any, step: ExportedStep, conditions: Iterable[FrameInputs], frames: int) -> Any:  # noqa: ANN401 - of OpenVINO
    """Return a graph with convolutions in int8.

    Only convolutions larger than 1x1 are quantised, but no output layers. Quantising more (sums, the flow before it is
    enlarged, 1x1 convolutions of sums) costs more than it gains: the first frame of a trained model then had 36.6 dB
    against float32, instead of 55.5.

    Args:
        model: The graph in float32.
        step: The same graph as an exported step, which makes the frames of the calibration.
        conditions: The conditions of the calibration, at least one.
        frames: Greatest number of frames that are made; at most `_KEPT` of them are looked at.

    Raises:
        ConfigError: No convolution can be quantised.
        MissingExtraError: The package nncf is not installed.
    """
    nncf: Any = require("nncf", "int8")
    items = evenly_kept(own_inputs(step, islice(conditions, frames)), _KEPT)
    operations = model.get_ordered_ops()
    convolutions = [one for one in operations if one.get_type_name() == "Convolution"]
    kernels = {one.get_friendly_name(): one.input(1).get_shape() for one in convolutions}
    float_ones = [name for name, (out, _, *size) in kernels.items() if out < _FEW or max(size) == 1]
    if len(float_ones) == len(kernels):
        raise ConfigError(
            f"precision=int8: all convolutions of this model have fewer than {_FEW} channels, too few for int8; set "
            "precision=32."
        )
    kinds = {one.get_type_name() for one in operations} - {"Convolution", "Constant", "Parameter", "Result"}
    nncf.set_log_level(logging.ERROR)
    ignored = nncf.IgnoredScope(names=float_ones, types=sorted(kinds), validate=False)
    return nncf.quantize(model, nncf.Dataset(items), subset_size=len(items), ignored_scope=ignored)
