"""`TrainingFacts`: a record of how a model was trained."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from vid2vid.config.commands import Train
from vid2vid.config.settings import LARGEST_SIDE, Settings, setting
from vid2vid.models import MODELS


@dataclass
class TrainingFacts(Settings):
    """A record of how a model was trained, for people; it is stored with the weights.

    Attributes:
        data: The training data, in a few words; empty: unknown.
        sequences: Number of training sequences; 0, as in all numbers here: unknown.
        frames: Number of their frames.
        height: Height of the training clips in pixels.
        width: Width of the training clips in pixels.
        fps: Frames a second of the data.
        clip_frames: Number of frames of the last clips.
        batch_size: Number of clips of the last batch.
        batches: Number of batches.
        settings: Settings of the training that differ from the defaults, as `vid2vid train` takes them.
    """

    data: str = ""
    sequences: int = setting(0, ge=0)
    frames: int = setting(0, ge=0)
    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    fps: float = setting(0.0, ge=0)
    clip_frames: int = setting(0, ge=0)
    batch_size: int = setting(0, ge=0)
    batches: int = setting(0, ge=0)
    settings: list[str] = field(default_factory=list)


def changed_settings(kind: str, parts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the settings of a module that differ from the defaults, as ``key=value``; of paths the last name.

    Args:
        kind: A key of `vid2vid.models.MODELS`.
        parts: The settings of the module's parts, by the names of its arguments.
    """
    train = {f.name: f.default_factory for f in fields(Train)}
    changed = []
    for part, key in MODELS[kind].settings.items():
        group, _, inner = key.partition(".")
        made: Any = train[group]
        default = getattr(made(), inner) if inner else made()
        known = dict(_leaves(asdict(default), key))
        for name, value in _leaves(parts.get(part, {}), key):
            if value != known.get(name):
                shown = f"[{','.join(map(str, value))}]" if isinstance(value, list) else str(value)
                changed.append(f"{name}={Path(shown).name if isinstance(value, str) else shown}")
    return changed


def _leaves(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}.{name}")
        else:
            yield f"{prefix}.{name}", value
