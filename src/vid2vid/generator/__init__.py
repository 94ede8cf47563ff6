"""F, the sequential generator: flow W, mask M and hallucination H (Eq. 3 and 4)."""

from vid2vid.generator.frame import FrameGenerator
from vid2vid.generator.sequence import Generator, conditions_with_context

__all__ = ["FrameGenerator", "Generator", "conditions_with_context"]
