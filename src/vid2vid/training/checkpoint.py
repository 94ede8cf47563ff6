"""Loading checkpoints, safely and with a clear word when they are something else."""

from pathlib import Path

import torch

from vid2vid.errors import NOT_WEIGHTS, CheckpointError, ConfigError, why
from vid2vid.training.module import Vid2VidModule

PARTS = {"condition", "generator", "critics", "objective"}
"""Settings without which a module cannot be made again."""


def load(path: str | Path, device: str | torch.device = "cpu") -> Vid2VidModule:
    """Load a trained module for synthesis.

    Args:
        path: A ``.ckpt`` file of a training run; nothing in it is executed (weights-only).
        device: Where its tensors go.

    Raises:
        CheckpointError: The file is missing, damaged, or not a checkpoint of `Vid2VidModule`.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such checkpoint.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_WEIGHTS as error:
        raise CheckpointError(f"{path}: cannot be read as a checkpoint of weights: {why(error)}") from error
    settings = content.get("hyper_parameters") if isinstance(content, dict) else None
    if not isinstance(settings, dict) or PARTS - set(settings):
        raise CheckpointError(f"{path}: this is a file of something else, not a checkpoint that `vid2vid train` wrote.")
    try:
        # a loss network is of no use for synthesis, and its weights need not be on this machine
        module = Vid2VidModule(**{**settings, "objective": {**settings["objective"], "perceptual_weight": 0.0}})
    except (ConfigError, TypeError) as error:
        raise CheckpointError(f"{path}: its settings are not those of this version of vid2vid: {error}") from error
    try:
        module.load_state_dict(content["state_dict"])
    except (RuntimeError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path}: its weights do not fit its own settings: {error}") from error
    return module.to(device).eval()
