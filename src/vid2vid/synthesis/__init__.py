"""Using a trained F: frame by frame over videos of any length, and judged on held-out data."""

from vid2vid.synthesis.evaluation import evaluate
from vid2vid.synthesis.stream import synthesize
from vid2vid.synthesis.synthesizer import Synthesizer

__all__ = ["Synthesizer", "evaluate", "synthesize"]
