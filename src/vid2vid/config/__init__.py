"""The settings of every part, as dataclasses: the one place where defaults, types and ranges stand.

Nothing here imports torch, so that the command line can check and explain settings at once.
"""

from vid2vid.config.build import build
from vid2vid.config.data import AugmentConfig, LoaderConfig, StreetConfig, VideoConfig
from vid2vid.config.evaluation import EvaluationConfig
from vid2vid.config.folder import FolderConfig
from vid2vid.config.networks import (
    CovstConfig,
    DiscriminatorsConfig,
    EncoderConfig,
    GeneratorConfig,
    ImageGeneratorConfig,
    PatchDiscriminatorConfig,
)
from vid2vid.config.prediction import PredictorConfig
from vid2vid.config.run import LoggerConfig, OutputConfig, TrainerConfig
from vid2vid.config.stages import StageConfig
from vid2vid.config.training import FlowEstimatorConfig, ObjectiveConfig, OptimizerConfig, RolloutConfig

__all__ = [
    "AugmentConfig",
    "CovstConfig",
    "DiscriminatorsConfig",
    "EncoderConfig",
    "EvaluationConfig",
    "FlowEstimatorConfig",
    "FolderConfig",
    "GeneratorConfig",
    "ImageGeneratorConfig",
    "LoaderConfig",
    "LoggerConfig",
    "ObjectiveConfig",
    "OptimizerConfig",
    "OutputConfig",
    "PatchDiscriminatorConfig",
    "PredictorConfig",
    "RolloutConfig",
    "StageConfig",
    "StreetConfig",
    "TrainerConfig",
    "VideoConfig",
    "build",
]
