"""The progress of a synthesis: the file from which it is resumed, and what its frames depend on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from vid2vid.baselines import ImageModule
from vid2vid.config import SynthesisConfig
from vid2vid.digests import content_digest
from vid2vid.errors import ConfigError, DataError
from vid2vid.export import ExportedStep
from vid2vid.files import parse_json, write_bytes
from vid2vid.generator import Style
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint, tensors_digest
from vid2vid.video import RawVideo

STATE_FILE = "state.safetensors"
_FREE = ("checkpoint", "image_checkpoint", "output", "sound", "resume", "device", "threads", "raw_height", "raw_width")
"""Settings that may differ when a synthesis is resumed; the weights of models and the size of raw frames may not."""


@dataclass(frozen=True)
class Progress:
    """The state of a synthesis, as its file holds it.

    Attributes:
        frames: Number of frames that are safely written.
        settings: What the frames depend on, by name (`frame_dependencies`).
        tensors: The state of the synthesizer (`Synthesizer.state`).
    """

    frames: int
    settings: Mapping[str, str]
    tensors: Mapping[str, Tensor] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the file into a folder; it replaces an earlier one.

        Raises:
            OSError: It cannot be written.
        """
        metadata = {"frames": str(self.frames), "settings": json.dumps(dict(self.settings))}
        whole = {**metadata, "digest": tensors_digest(self.tensors, *metadata.values())}
        write_bytes(folder / STATE_FILE, save(dict(self.tensors), whole))

    @classmethod
    def read(cls, folder: Path, settings: Mapping[str, str]) -> "Progress":
        """Read the file, to continue with the same settings.

        Raises:
            DataError: It cannot be read.
            ConfigError: The settings differ; the message names them.
        """
        path = folder / STATE_FILE
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata()
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            progress = cls(int(metadata["frames"]), parse_json(metadata["settings"]), tensors)
            # safetensors has no checksums
            if metadata["digest"] != tensors_digest(tensors, metadata["frames"], metadata["settings"]):
                raise ValueError("it was altered")
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path}: cannot be read ({error}); delete the folder to start over.") from error
        before = progress.settings
        changed = [name for name in {**before, **settings} if before.get(name) != settings.get(name)]
        if changed:
            changes = "; ".join(f"{name} was {before.get(name)}, is {settings.get(name)}" for name in changed)
            raise ConfigError(
                f"{folder}: the interrupted synthesis had other settings: {changes}. Give the same to resume it, or "
                "leave resume=true out to start over."
            )
        return progress


def frame_dependencies(
    config: SynthesisConfig,
    source: Path | RawVideo | RenderedStreet,
    module: Vid2VidModule | ImageModule | ExportedStep,
    image: ImageModule | None,
    style: Style | None,
) -> dict[str, str]:
    """Return what the frames of a synthesis depend on: settings, content of files, models, the style.

    Args:
        config: The settings that the user gave.
        source: The source that the user gave.
        module: The model of the frames.
        image: The image generator of the first frames.
        style: The style of the objects.
    """
    values = {f.name: getattr(config, f.name) for f in fields(SynthesisConfig) if f.name not in _FREE}
    settings = {name: _text(value) for name, value in {**values, "source": source}.items()}
    models = {
        "checkpoint": module.fingerprint() if isinstance(module, ExportedStep) else fingerprint(module),
        "image_checkpoint": "none" if image is None else fingerprint(image),
    }
    if colours := getattr(module, "learnt_colours", None):
        # not part of the generator's weights, so that their fingerprint does not cover them
        models["learnt colours"] = tensors_digest({}, json.dumps(colours))
    table = b"" if style is None else style.table.detach().cpu().contiguous().numpy().tobytes()
    return {**settings, **models, "style table": hashlib.sha256(table).hexdigest()[:16]}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, RawVideo):
        return f"raw frames of {value.height} x {value.width}"
    if isinstance(value, Path) and value.exists():
        files = sorted(path for path in value.iterdir() if path.is_file()) if value.is_dir() else ()
        return f"{value} (content {content_digest(value, files)})"
    return str(value)
