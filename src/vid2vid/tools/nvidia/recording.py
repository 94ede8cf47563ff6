"""Recordings of the reference: its weights, what went in and what came out, in one safetensors file each."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from vid2vid.errors import DataError, require


@dataclass(frozen=True)
class Recording:
    """What the reference did once.

    Attributes:
        path: The file.
        config: Its settings; ``kind`` says what was recorded.
        tensors: All tensors, as ``group/name``.
    """

    path: Path
    config: dict[str, Any]
    tensors: dict[str, Tensor]

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """Read a file.

        Raises:
            DataError: It is missing or is not a recording.
            MissingExtraError: safetensors is not installed.
        """
        safetensors = require("safetensors", "interop")
        if not path.is_file():
            raise DataError(f"{path}: there is no such file.")
        try:
            with safetensors.safe_open(path, "pt") as file:
                config = json.loads((file.metadata() or {})["config"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        except (safetensors.SafetensorError, KeyError, json.JSONDecodeError) as error:
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
        return self._tensor(f"input/{name}")

    def setting(self, name: str) -> Any:  # noqa: ANN401 - any value of JSON
        """Return a setting.

        Raises:
            DataError: It was not recorded.
        """
        if name not in self.config:
            raise DataError(f"{self.path}: its config has no {name!r}.")
        return self.config[name]

    def _tensor(self, name: str) -> Tensor:
        if name not in self.tensors:
            raise DataError(f"{self.path}: has no tensor {name!r}.")
        return self.tensors[name]
