"""The types of everything in conf/: Hydra refuses what does not fit them, and names file and key."""

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

from vid2vid.settings import (
    CriticsConfig,
    GeneratorConfig,
    LoaderConfig,
    LoggerConfig,
    ObjectiveConfig,
    OptimizerConfig,
    OutputConfig,
    RolloutConfig,
    StreetConfig,
    TeacherConfig,
    TrainerConfig,
    VideoConfig,
)


@dataclass
class StreetData(LoaderConfig, StreetConfig):
    """Rendered streets (`StreetConfig`) and how they are loaded (`LoaderConfig`)."""

    kind: str = "street"
    height: int = 128
    width: int = 256


@dataclass
class VideoData(LoaderConfig, VideoConfig):
    """A video of one's own (`VideoConfig`) and how it is loaded (`LoaderConfig`)."""

    kind: str = "video"
    path: str = MISSING


@dataclass
class ManifestData(LoaderConfig):
    """A data set with a manifest and how it is loaded (`LoaderConfig`)."""

    kind: str = "manifest"
    path: str = MISSING


@dataclass
class Train:
    """``vid2vid train``."""

    data: Any = MISSING
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    critics: CriticsConfig = field(default_factory=CriticsConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    rollout: RolloutConfig = field(default_factory=RolloutConfig)
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    logger: LoggerConfig = field(default_factory=LoggerConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    run_dir: str = MISSING
    seed: int = 0


@dataclass
class Prepare:
    """``vid2vid prepare``."""

    data: Any = MISSING
    teacher: TeacherConfig = field(default_factory=TeacherConfig)


@dataclass
class Synthesize:
    """``vid2vid synthesize``.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`.
        source: Video or image folder of conditions.
        output: The mp4 to write.
        first: Video or image folder whose first frames are given to F; empty: F starts from nothing.
        instance: Video of object ids, for conditions with instance edges.
        foreground: Grey video, a soft mask of the foreground; empty: the model's foreground labels, if it has any.
        height: Rows; 0: as the source.
        width: Columns; 0: as the source.
        crop: ``[top, left, bottom, right]`` of the source; empty: all.
        fps: Frames a second of the output; 0: as the source.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: str = MISSING
    source: str = MISSING
    output: str = MISSING
    first: str = ""
    instance: str = ""
    foreground: str = ""
    height: int = 0
    width: int = 0
    crop: list[int] = field(default_factory=list)
    fps: float = 0.0
    device: str = ""


@dataclass
class Evaluate:
    """``vid2vid evaluate``.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`.
        data: Another data set than the one of the run; none: the run's own.
        output: Folder to write into; empty: ``evaluation`` in the run's folder.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: str = MISSING
    data: Any = None
    output: str = ""
    device: str = ""


SCHEMAS: dict[str, type] = {"train": Train, "prepare": Prepare, "synthesize": Synthesize, "evaluate": Evaluate}
"""The type of each verb's configuration."""


def register() -> None:
    """Tell Hydra the types."""
    store = ConfigStore.instance()
    for node in (*SCHEMAS.values(), StreetData, VideoData, ManifestData):
        store.store(name=f"schema_{node.__name__.removesuffix('Data').lower()}", node=node)
