"""F, the sequential generator: flow W, mask M and hallucination H (Eq. 3, 4, 9); its rivals; the predictor."""

from vid2vid.generator.coherent import CoherentFrames, CoherentGenerator
from vid2vid.generator.encoder import FeatureEncoder
from vid2vid.generator.frame import FrameGenerator
from vid2vid.generator.image import ImageGenerator
from vid2vid.generator.labels import LabelGenerator
from vid2vid.generator.sequence import Generator, Past, conditions_with_context
from vid2vid.generator.style import Style, StyleEncoder

__all__ = [
    "CoherentFrames",
    "CoherentGenerator",
    "FeatureEncoder",
    "FrameGenerator",
    "Generator",
    "ImageGenerator",
    "LabelGenerator",
    "Past",
    "Style",
    "StyleEncoder",
    "conditions_with_context",
]
