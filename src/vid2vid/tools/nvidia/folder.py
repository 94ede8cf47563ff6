"""Folders of the reference's checkpoints: ``latest_net_G0.pth``, ``latest_net_G1.pth``, ``latest_net_D.pth``."""

import re
from pathlib import Path

import torch
from torch import Tensor

from vid2vid.errors import NOT_WEIGHTS, CheckpointError, why


def read_folder(folder: Path, epoch: str = "latest") -> dict[str, Tensor]:
    """Read all the nets of one epoch; nothing in the files is executed (weights-only).

    Args:
        folder: Where the ``EPOCH_net_NET.pth`` lie.
        epoch: ``latest`` or a number.

    Returns:
        All tensors, as ``net/name``, with nets called ``netG0``, ``netD``, ``netD_T0``, …

    Raises:
        CheckpointError: The folder is missing or has no nets of the epoch, or a file cannot be read as weights.
    """
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: there is no such folder.")
    tensors: dict[str, Tensor] = {}
    for path in sorted(folder.glob(f"{epoch}_net_*.pth")):
        net = path.stem.removeprefix(f"{epoch}_")
        net = "net" + net.removeprefix("net_")
        tensors.update({f"{net}/{name}": value for name, value in _read(path).items()})
    if not tensors:
        epochs = sorted({path.name.split("_net_")[0] for path in folder.glob("*_net_*.pth")})
        found = f"; there are those of the epochs {', '.join(epochs)}: give epoch=" if epochs else ""
        raise CheckpointError(f"{folder}: has no files {epoch}_net_*.pth{found}.")
    return tensors


def _read(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_WEIGHTS as error:
        raise CheckpointError(f"{path}: cannot be read as a file of weights: {why(error)}") from error
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(f"{path}: holds something else than the tensors of a network.")
    # nets that were saved from several GPUs
    return {re.sub(r"^module\.", "", str(name)): value for name, value in content.items()}
