"""The settings of every part, as dataclasses: the one place where defaults, types and ranges stand.

Nothing here imports torch, so that the command line can check and explain settings at once.
"""

from vid2vid.settings.build import build
from vid2vid.settings.data import AugmentConfig, LoaderConfig, StreetConfig, VideoConfig
from vid2vid.settings.folder import FolderConfig
from vid2vid.settings.judging import JudgingConfig
from vid2vid.settings.learning import ObjectiveConfig, OptimizerConfig, RolloutConfig, TeacherConfig
from vid2vid.settings.networks import (
    CoherenceConfig,
    CriticsConfig,
    DiscriminatorConfig,
    EncoderConfig,
    GeneratorConfig,
    ImageGeneratorConfig,
)
from vid2vid.settings.prediction import PredictorConfig
from vid2vid.settings.run import LoggerConfig, OutputConfig, TrainerConfig
from vid2vid.settings.stages import StageConfig

__all__ = [
    "AugmentConfig",
    "CoherenceConfig",
    "CriticsConfig",
    "DiscriminatorConfig",
    "EncoderConfig",
    "FolderConfig",
    "GeneratorConfig",
    "ImageGeneratorConfig",
    "JudgingConfig",
    "LoaderConfig",
    "LoggerConfig",
    "ObjectiveConfig",
    "OptimizerConfig",
    "OutputConfig",
    "PredictorConfig",
    "RolloutConfig",
    "StageConfig",
    "StreetConfig",
    "TeacherConfig",
    "TrainerConfig",
    "VideoConfig",
    "build",
]
