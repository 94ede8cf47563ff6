"""Estimating the memory that a training batch needs, before one is too large."""

from collections.abc import Callable, Iterator
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from vid2vid.data.checks import machine_memory
from vid2vid.data.clips import ClipDataset, Window
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import ConfigError
from vid2vid.types import Clip
from vid2vid.video import open_frames

Chunks = Callable[[Clip], Iterator[Any]]

_LARGE = 2**22
"""Pixels of a batch's first frames above which the memory is estimated: more than two frames of 1920 x 1080."""
_SIDE = 64


def check_activations(module: pl.LightningModule, chunks: Chunks, multiple: int) -> None:
    """Refuse batches whose activations are larger than the memory, if they have very many pixels.

    Args:
        module: A module with a trainer, whose data are set up.
        chunks: Makes the frames of a clip, chunk by chunk.
        multiple: The generator pads height and width to a multiple of this.

    Raises:
        ConfigError: A batch needs more memory than there is.
    """
    data = getattr(module.trainer, "datamodule", None)
    if not isinstance(data, Vid2VidDataModule):
        return
    sequences, frames = data.train_set.sequences, data.loader.clip_frames
    reader = open_frames(sequences[0].target)
    height, width = data.crop_resize.size(reader.height, reader.width)
    clips = min(data.loader.batch_size, data.loader.repeats * sum(one.frames // frames for one in sequences))
    if height * width * clips < _LARGE:
        return
    memory = memory_of(module.trainer.strategy.root_device)
    needed = bytes_per_pixel(module, data, chunks, multiple, module.trainer.precision) * height * width * clips
    if needed > memory:
        raise ConfigError(
            f"a batch of {clips} clips of {height} x {width} needs {needed / 2**30:.0f} GiB or more, but only "
            f"{memory / 2**30:.0f} are available: lower data.height and data.width, data.batch_size or "
            "rollout.chunk_frames, or set rollout.recompute=true."
        )


def memory_of(device: torch.device) -> float:
    """Return the bytes of memory of a device; infinite if unknown."""
    return torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else machine_memory()


def bytes_per_pixel(
    module: pl.LightningModule, data: Vid2VidDataModule, chunks: Chunks, multiple: int, precision: str = "32-true"
) -> float:
    """Return the bytes that the generator keeps for its backward pass, per pixel of a clip's first frame.

    Measured on the first chunk of a small clip.

    Args:
        module: The module.
        data: Its data, set up.
        chunks: As in `check_activations`.
        multiple: As in `check_activations`.
        precision: That of Lightning's Trainer.
    """
    side = -(-_SIDE // multiple) * multiple
    small = CropResize(side, side, data.crop_resize.crop)
    clips = ClipDataset(data.train_set.sequences[:1], data.train_set.condition, small, [None], data.strides)
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        if tensor.shape not in weights:
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    # autocast's copies of weights do not grow with the frames
    weights = {parameter.shape for parameter in module.parameters()}
    mixed = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}.get(precision)
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    clip = clips[Window(0, 0, data.loader.clip_frames)].to(module.device)
    with (
        torch.random.fork_rng(devices=[]),
        torch.autocast(module.device.type, mixed, enabled=mixed is not None),
        saved_tensors_hooks(keep, lambda tensor: tensor),
    ):
        next(iter(chunks(clip)), None)
    # batch norm has taken this clip into its statistics
    for name, buffer in module.named_buffers():
        buffer.copy_(buffers[name])
    return sum(kept.values()) / side**2
