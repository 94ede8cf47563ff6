"""F, the sequential generator: flow W, mask M and hallucination H (Eq. 3, 4 and 9); and generators of its rivals."""

from vid2vid.generator.coherent import CoherentFrames, CoherentGenerator
from vid2vid.generator.encoder import FeatureEncoder
from vid2vid.generator.frame import FrameGenerator
from vid2vid.generator.image import ImageGenerator
from vid2vid.generator.sequence import Generator, Past, conditions_with_context
from vid2vid.generator.style import Style, StyleEncoder

__all__ = [
    "CoherentFrames",
    "CoherentGenerator",
    "FeatureEncoder",
    "FrameGenerator",
    "Generator",
    "ImageGenerator",
    "Past",
    "Style",
    "StyleEncoder",
    "conditions_with_context",
]
