"""F, the sequential generator: flow W, mask M and hallucination H (Eq. 3, 4, 9)."""

from vid2vid.generator.conditions import Conditions
from vid2vid.generator.encoder import FeatureEncoder
from vid2vid.generator.frame import FrameGenerator
from vid2vid.generator.object_memory import (
    ClassColours,
    Forgetting,
    ObjectColours,
    ObjectMemory,
    RememberedObjects,
)
from vid2vid.generator.recursion import Past
from vid2vid.generator.sequential_generator import Generator, conditions_with_context
from vid2vid.generator.style import Style, StyleEncoder

__all__ = [
    "ClassColours",
    "Conditions",
    "FeatureEncoder",
    "Forgetting",
    "FrameGenerator",
    "Generator",
    "ObjectColours",
    "ObjectMemory",
    "Past",
    "RememberedObjects",
    "Style",
    "StyleEncoder",
    "conditions_with_context",
]
