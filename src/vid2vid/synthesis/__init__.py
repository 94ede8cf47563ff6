"""Using trained models: frame by frame over videos of any length, and judged on held-out data."""

from vid2vid.synthesis.evaluation import evaluate
from vid2vid.synthesis.stream import synthesize
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer

__all__ = ["ImageSynthesizer", "Synthesizer", "evaluate", "synthesize"]
