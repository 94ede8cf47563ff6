"""The settings of every part, as dataclasses: the one place where defaults, types and ranges stand.

Nothing here imports torch, so that the command line can check and explain settings at once.
"""

from vid2vid.config.data import AugmentConfig, DepthConfig, FolderConfig, LoaderConfig, StreetConfig, VideoConfig
from vid2vid.config.evaluation import EvaluationConfig
from vid2vid.config.exports import ExportConfig
from vid2vid.config.measures import MEASURES, Measure
from vid2vid.config.networks import (
    CovstConfig,
    DiscriminatorsConfig,
    EncoderConfig,
    GeneratorConfig,
    ImageGeneratorConfig,
    PatchDiscriminatorConfig,
    PredictorConfig,
)
from vid2vid.config.optimization import FlowEstimatorConfig, ObjectiveConfig, OptimizerConfig, RolloutConfig
from vid2vid.config.prediction import PredictionConfig
from vid2vid.config.run import LoggerConfig, OutputConfig, StageConfig, TrainerConfig
from vid2vid.config.settings import build
from vid2vid.config.synthesis import StyleOptions, StylesConfig, SynthesisConfig

__all__ = [
    "MEASURES",
    "AugmentConfig",
    "CovstConfig",
    "DepthConfig",
    "DiscriminatorsConfig",
    "EncoderConfig",
    "EvaluationConfig",
    "ExportConfig",
    "FlowEstimatorConfig",
    "FolderConfig",
    "GeneratorConfig",
    "ImageGeneratorConfig",
    "LoaderConfig",
    "LoggerConfig",
    "Measure",
    "ObjectiveConfig",
    "OptimizerConfig",
    "OutputConfig",
    "PatchDiscriminatorConfig",
    "PredictionConfig",
    "PredictorConfig",
    "RolloutConfig",
    "StageConfig",
    "StreetConfig",
    "StyleOptions",
    "StylesConfig",
    "SynthesisConfig",
    "TrainerConfig",
    "VideoConfig",
    "build",
]
