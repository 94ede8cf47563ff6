"""Files of the reference: folders of its checkpoints, and recordings of what it computed."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from vid2vid.errors import NOT_WEIGHTS, CheckpointError, DataError, why


def read_checkpoints(folder: Path, epoch: str = "latest") -> dict[str, Tensor]:
    """Read all the nets of one epoch, ``latest_net_G0.pth``, ``latest_net_D.pth``, …, as weights only.

    Args:
        folder: The folder with the files ``EPOCH_net_NET.pth``.
        epoch: ``latest`` or a number.

    Returns:
        All tensors, as ``net/name``, with nets called ``netG0``, ``netD``, ``netD_T0``, …

    Raises:
        CheckpointError: The folder is missing or has no nets of the epoch, or a file cannot be read as weights.
    """
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: there is no such folder; check the path.")
    tensors: dict[str, Tensor] = {}
    for path in sorted(folder.glob(f"{epoch}_net_*.pth")):
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except NOT_WEIGHTS as error:
            raise CheckpointError(f"{path}: cannot be read as a file of weights: {why(error)}") from error
        if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
            raise CheckpointError(f"{path}: does not hold the tensors of a network.")
        net = "net" + path.stem.removeprefix(f"{epoch}_net_")
        # nets that were trained on several GPUs have "module." before their names
        tensors.update({f"{net}/{re.sub(r'^module[.]', '', str(name))}": value for name, value in content.items()})
    if not tensors:
        epochs = sorted({path.name.split("_net_")[0] for path in folder.glob("*_net_*.pth")})
        found = f"; there are those of the epochs {', '.join(epochs)}: give epoch=" if epochs else ""
        raise CheckpointError(f"{folder}: has no files {epoch}_net_*.pth{found}.")
    return tensors


@dataclass(frozen=True)
class ReferenceRecording:
    """A recorded computation of the reference: weights, inputs and outputs in one safetensors file.

    Attributes:
        path: The file.
        config: The settings of the reference; ``kind`` says what was recorded.
        tensors: All tensors, as ``group/name``.
    """

    path: Path
    config: dict[str, Any]
    tensors: dict[str, Tensor]

    @classmethod
    def read(cls, path: Path) -> "ReferenceRecording":
        """Read a file.

        Raises:
            DataError: It is missing or is not a recording.
        """
        if not path.is_file():
            raise DataError(f"{path}: there is no such file; check the path.")
        try:
            with safe_open(path, "pt") as file:
                config = json.loads((file.metadata() or {})["config"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        except (SafetensorError, KeyError, json.JSONDecodeError) as error:
            raise DataError(f"{path}: not a recording of the reference implementation: {error}") from error
        return cls(path, config, tensors)

    def group(self, name: str) -> dict[str, Tensor]:
        """Return the tensors under ``name/``, without that prefix."""
        return {key.removeprefix(f"{name}/"): t for key, t in self.tensors.items() if key.startswith(f"{name}/")}

    def given(self, name: str) -> Tensor:
        """Return an input.

        Raises:
            DataError: It was not recorded.
        """
        if f"input/{name}" not in self.tensors:
            raise DataError(f"{self.path}: has no tensor 'input/{name}'.")
        return self.tensors[f"input/{name}"]

    def setting(self, name: str) -> Any:  # noqa: ANN401 - any value of JSON
        """Return a setting.

        Raises:
            DataError: It was not recorded.
        """
        if name not in self.config:
            raise DataError(f"{self.path}: its config has no {name!r}.")
        return self.config[name]
