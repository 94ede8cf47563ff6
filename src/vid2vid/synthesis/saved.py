"""What a synthesis in the making writes down, so that it can go on after it was interrupted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from vid2vid.errors import ConfigError, DataError
from vid2vid.files import write_bytes

STATE = "state.safetensors"


@dataclass(frozen=True)
class Saved:
    """How far a synthesis is.

    Attributes:
        frames: How many frames are made, and safe.
        settings: What the frames depend on, by name.
        state: What the synthesizer remembers (`Synthesizer.state`).
    """

    frames: int
    settings: Mapping[str, str]
    state: Mapping[str, Tensor] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it into a folder, in the place of an earlier one.

        Raises:
            OSError: It cannot be written.
        """
        metadata = {"frames": str(self.frames), "settings": json.dumps(dict(self.settings))}
        write_bytes(folder / STATE, save(dict(self.state), metadata))

    @classmethod
    def read(cls, folder: Path) -> "Saved":
        """Read it again.

        Raises:
            DataError: It cannot be read, or is not what was written.
        """
        path = folder / STATE
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata()
                state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            return cls(int(metadata["frames"]), json.loads(metadata["settings"]), state)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path}: cannot be read ({error}); remove the folder to begin anew.") from error

    def require_same(self, settings: Mapping[str, str], folder: Path) -> None:
        """Refuse to go on with other settings.

        Raises:
            ConfigError: Some differ; the message names them.
        """
        names = [name for name in {**self.settings, **settings} if self.settings.get(name) != settings.get(name)]
        if names:
            changes = "; ".join(f"{name} was {self.settings.get(name)}, is {settings.get(name)}" for name in names)
            raise ConfigError(
                f"{folder}: the synthesis that was interrupted had other settings: {changes}. Go on with the same, or "
                "without resume=true to begin anew."
            )
