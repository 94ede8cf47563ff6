"""The Lightning modules, their schedule, and what they write while they train."""

from vid2vid.training.checkpoint import Model, load, load_any, load_predictor
from vid2vid.training.coherent import CoherentModule
from vid2vid.training.image import ImageModule, load_image
from vid2vid.training.module import Vid2VidModule
from vid2vid.training.prediction import PredictionModule
from vid2vid.training.previews import PreviewCallback

__all__ = [
    "CoherentModule",
    "ImageModule",
    "Model",
    "PredictionModule",
    "PreviewCallback",
    "Vid2VidModule",
    "load",
    "load_any",
    "load_image",
    "load_predictor",
]
