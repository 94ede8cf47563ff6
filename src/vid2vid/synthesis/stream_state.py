"""The state of streams: what F needs of a video's past (Eq. 3), and the file from which a synthesis is resumed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from vid2vid.baselines import ImageModule
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.export import ExportedStep
from vid2vid.files import content_digest, parse_json, write_bytes
from vid2vid.generator import Conditions, ObjectMemory, Past, Style
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint, tensors_digest
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.types import ConditionWindow
from vid2vid.video import RawVideo

STATE_FILE = "state.safetensors"
_WINDOW = tuple(field.name for field in fields(ConditionWindow))
_FREE = ("checkpoint", "image_checkpoint", "output", "sound", "resume", "device", "threads", "raw_height", "raw_width")
"""Settings that may differ when a synthesis is resumed; the weights of models and the size of raw frames may not."""


@dataclass
class StreamState:
    """The last L conditions and frames of one video.

    Attributes:
        first: ``(1, L, 3, H, W)`` in [-1, 1], given first frames, or the image generator that makes them; None: F makes
            them.
        left: How many first frames are still to come.
        made: How many frames there are so far, first frames included.
        window: The conditions up to the last frame, as many as the next frame's window has; None before the first.
        past: The last frames of each scale, the coarsest first; None before the first.
        conditions: The last L + 1 of them as F takes them, so that each is encoded once; None: not yet encoded.
        memory: What the objects have looked like so far, if F has an object memory.
    """

    first: Tensor | FirstFrameModel | None = None
    left: int = 0
    made: int = 0
    window: ConditionWindow | None = None
    past: Past | None = None
    conditions: Conditions | None = None
    memory: ObjectMemory | None = None

    @property
    def stage(self) -> object:
        """The same for videos whose next frames can be made in one batch."""
        if self.left:
            return "given" if isinstance(self.first, Tensor) else self.first
        return "from nothing" if self.past is None else "from the past"

    def tensors(self) -> dict[str, Tensor]:
        """Return the state as named tensors on the CPU, without an image generator."""
        named = {} if self.window is None else {name: getattr(self.window, name) for name in _WINDOW}
        named["first"] = self.first if self.left and isinstance(self.first, Tensor) else None
        state = {name: part.cpu().contiguous() for name, part in named.items() if part is not None}
        for scale, images in enumerate(self.past or []):
            state[f"past.{scale}"] = images.cpu().contiguous()
        if self.memory is not None:
            state["memory"] = self.memory.table.cpu().contiguous()
        return {"left": torch.tensor(self.left), "made": torch.tensor(self.made), **state}

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor], device: torch.device, image: FirstFrameModel | None) -> "StreamState":
        """Make a state of the result of `tensors`.

        Args:
            tensors: The named tensors.
            device: The device of F.
            image: The image generator that makes the first frames still to come, if these are not among the tensors.

        Raises:
            ValueError: First frames are still to come, and there is no image generator to make them.
        """
        moved = {name: tensor.to(device) for name, tensor in tensors.items()}
        left = int(tensors["left"])
        first = moved.get("first", image) if left else None
        if left and first is None:
            raise ValueError("the stream was started with an image generator: give the same one to continue it")
        scales = sorted((name for name in moved if name.startswith("past.")), key=lambda name: int(name[5:]))
        past = [moved[name] for name in scales] or None
        parts = {name: moved[name] for name in _WINDOW if name in moved}
        window = ConditionWindow(**parts) if parts else None
        memory = ObjectMemory(moved["memory"]) if "memory" in moved else None
        return cls(first, left, int(tensors["made"]), window, past, memory=memory)


@dataclass(frozen=True)
class Progress:
    """The state of a synthesis, as its file holds it.

    Attributes:
        frames: How many frames are safely written.
        settings: What the frames depend on, by name (`frame_dependencies`).
        tensors: The state of the synthesizer (`Synthesizer.state`).
    """

    frames: int
    settings: Mapping[str, str]
    tensors: Mapping[str, Tensor] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the file into a folder, in place of an earlier one.

        Raises:
            OSError: It cannot be written.
        """
        metadata = {"frames": str(self.frames), "settings": json.dumps(dict(self.settings))}
        whole = {**metadata, "digest": tensors_digest(self.tensors, *metadata.values())}
        write_bytes(folder / STATE_FILE, save(dict(self.tensors), whole))

    @classmethod
    def read(cls, folder: Path, settings: Mapping[str, str]) -> "Progress":
        """Read the file, to go on with the same settings.

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
    """Return what the frames of a synthesis depend on: settings, content of files, weights of models, the style.

    Args:
        config: The settings that the user gave.
        source: The source that the user gave.
        module: The model of the frames.
        image: The image generator of the first frames.
        style: The style of the objects.
    """
    values = {f.name: getattr(config, f.name) for f in fields(SynthesisConfig) if f.name not in _FREE}
    settings = {name: _text(value) for name, value in {**values, "source": source}.items()}
    weights = {
        "checkpoint": module.fingerprint() if isinstance(module, ExportedStep) else fingerprint(module),
        "image_checkpoint": "none" if image is None else fingerprint(image),
    }
    table = b"" if style is None else style.table.detach().cpu().contiguous().numpy().tobytes()
    return {**settings, **weights, "style table": hashlib.sha256(table).hexdigest()[:16]}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, RawVideo):
        return f"raw frames of {value.height} x {value.width}"
    if isinstance(value, Path) and value.exists():
        files = sorted(path for path in value.iterdir() if path.is_file()) if value.is_dir() else ()
        return f"{value} (content {content_digest(value, files)})"
    return str(value)
