"""Reading and writing checkpoints, safely and with a clear word when they are something else."""

from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import torch

from vid2vid.errors import NOT_WEIGHTS, CheckpointError, ConfigError, why
from vid2vid.files import write_bytes
from vid2vid.training.adversarial import AdversarialModule

Module = TypeVar("Module", bound=AdversarialModule[Any])


@dataclass(frozen=True)
class Stored:
    """What a checkpoint holds.

    Attributes:
        path: The file.
        settings: The settings of the module's parts.
        content: All of it.
    """

    path: Path
    settings: dict[str, Any]
    content: dict[str, Any]

    def holds(self, cls: type[AdversarialModule[Any]]) -> bool:
        """Whether it is a checkpoint of such a module."""
        return set(self.settings) >= cls.NEEDED


def read(path: str | Path) -> Stored:
    """Read a ``.ckpt`` file of a training run; nothing in it is executed (weights-only).

    Raises:
        CheckpointError: The file is missing, damaged, or holds no settings.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such checkpoint.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_WEIGHTS as error:
        raise CheckpointError(f"{path}: cannot be read as a checkpoint of weights: {why(error)}") from error
    settings = content.get("hyper_parameters") if isinstance(content, dict) else None
    if not isinstance(settings, dict):
        raise foreign(path)
    return Stored(path, settings, content)


def restore(stored: Stored, cls: type[Module], device: str | torch.device) -> Module:
    """Make the module of a checkpoint for synthesis.

    Raises:
        CheckpointError: It is no checkpoint of such a module, or one that does not fit this version.
    """
    path, settings = stored.path, stored.settings
    if not stored.holds(cls):
        raise foreign(path)
    try:
        # a loss network is of no use for synthesis, and its weights need not be on this machine
        module = cls(**{**settings, "objective": {**settings["objective"], "perceptual_weight": 0.0}})
    except (ConfigError, TypeError) as error:
        raise CheckpointError(f"{path}: its settings are not those of this version of vid2vid: {error}") from error
    try:
        module.load_state_dict(stored.content["state_dict"])
    except (RuntimeError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path}: its weights do not fit its own settings: {error}") from error
    return module.to(device).eval()


def save(module: AdversarialModule[Any], path: Path) -> None:
    """Write a checkpoint of a module that was not trained here; `vid2vid.models.load` reads it.

    Args:
        module: The module.
        path: The file; it appears when it is complete.
    """
    content = {
        "state_dict": module.state_dict(),
        "hyper_parameters": dict(module.hparams),
        "pytorch-lightning_version": version("pytorch-lightning"),
    }
    memory = BytesIO()
    torch.save(content, memory)
    write_bytes(path, memory.getvalue())


def foreign(path: Path) -> CheckpointError:
    """Return the error to raise for a file that is no checkpoint of ours."""
    return CheckpointError(f"{path}: this is a file of something else, not a checkpoint that `vid2vid train` wrote.")
