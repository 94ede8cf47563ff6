"""An estimate of the memory that a synthesised frame needs, before one is too large."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from vid2vid.data.conditions import encode_compactly
from vid2vid.errors import ConfigError
from vid2vid.export import ExportedStep
from vid2vid.generator import ObjectMemory
from vid2vid.ops import Code, dense
from vid2vid.training.activations import memory_of
from vid2vid.training.adversarial_module import AdversarialModule

_LARGE = 2**21
"""Pixels of a frame above which the memory is estimated: about those of 1920 x 1080."""
_SIDE = 64


def check_frame_memory(module: AdversarialModule[Any] | ExportedStep, height: int, width: int) -> None:
    """Refuse large frames that the model cannot make in the available memory.

    Args:
        module: The model, in evaluation mode; an exported step is not checked.
        height: Pixels of a frame.
        width: Pixels of a frame.

    Raises:
        ConfigError: They need more memory than is available.
    """
    if height * width < _LARGE or isinstance(module, ExportedStep):
        return
    needed, memory = frame_bytes_per_pixel(module) * height * width, memory_of(module.device)
    if needed > memory:
        raise ConfigError(
            f"a frame of {height} x {width} needs {needed / 2**30:.0f} GiB or more in this model, but only "
            f"{memory / 2**30:.0f} are available: lower height and width."
        )


@torch.inference_mode()
def frame_bytes_per_pixel(module: AdversarialModule[Any]) -> float:
    """Return a lower bound of the memory in use while a model makes a frame, in bytes per pixel.

    The model makes a small frame. The bound counts the encoded conditions, and the inputs and outputs of the layer
    where these are largest.

    Args:
        module: The model, in evaluation mode.
    """
    model: Any = module
    # an image generator sees one condition, and sees its labels written out as channels
    past_frames = getattr(model.generator.config, "past_frames", 0)
    multiple: int = model.generator.config.multiple
    side = -(-_SIDE // multiple) * multiple
    times = past_frames + 1
    labels = torch.zeros(1, times, 1, side, side, dtype=torch.uint8, device=module.device)
    code: Code = torch.zeros(1, times, module.condition.channels, side, side, device=module.device)
    if module.condition.has_labels and past_frames:
        planes = torch.zeros(1, times, module.condition.plane_channels, side, side, device=module.device)
        ids = labels if module.condition.needs_instances else None
        code = encode_compactly(module.condition, labels, ids, planes)
    largest: int = 0

    def measure(layer: nn.Module, inputs: Any, outputs: Any) -> None:  # noqa: ANN401 - as layers have them
        nonlocal largest
        largest = max(largest, _bytes((code, *inputs, *(outputs if isinstance(outputs, tuple) else (outputs,)))))

    layers = [layer for layer in module.synthesis_generator.modules() if not any(True for _ in layer.children())]
    handles = [layer.register_forward_hook(measure) for layer in layers]
    try:
        if not past_frames:
            model.images(dense(code)[:, 0])
        else:
            generator = module.synthesis_generator
            window = generator.prepare(generator.styled(code, labels.long()))
            objects = None
            if generator.config.object_memory:
                objects = ObjectMemory.empty(1, module.device).paint(labels[:, -1])
            generator.step(window, None, model.foreground(code[:, -1], labels[:, -1]), memory=objects)
    finally:
        for handle in handles:
            handle.remove()
    return largest / side**2


def _bytes(values: Iterable[object]) -> int:
    """Return the bytes of tensors; tensors that share memory count once."""
    storages = [value.untyped_storage() for value in values if isinstance(value, Tensor)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())
